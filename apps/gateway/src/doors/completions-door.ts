import { hash } from 'node:crypto';
import { inspectChat, redactChat } from '@costlane/data-policy';
import type { FastifyInstance } from 'fastify';
import { OpenAiHttpListener } from '../dialects/openai-answers/http-listener';
import { createBodyIndex, type IndexedBody } from '../dialects/openai-chat/body-index';
import { answerNeeds } from '../dialects/openai-chat/answer-needs';
import { upstreamBody } from '../dialects/openai-chat/upstream-body';
import { completionsWriter } from '../dialects/openai-completions/answer-writer';
import { parseCompletionsRequest, type CompletionsRequest } from '../dialects/openai-completions/parse-request';
import { toChatBody } from '../dialects/openai-completions/to-chat-body';
import { openAiRefusal } from './chat-door';
import { registerModelDoor, type DoorBody, type ModelDoorDeps } from './model-door';

interface CompletionsBody extends DoorBody {
  request: CompletionsRequest;
  chat: IndexedBody;
}

/** OpenAI's old completions: every request goes on as a chat, and shares the cache with that door. Not a hot route: nothing is indexed. */
export function registerCompletionsDoor(fastify: FastifyInstance, deps: ModelDoorDeps): void {
  const indexChat = createBodyIndex(deps.normalize);
  const chatBytes = ({ request }: CompletionsBody, upstreamModel?: string): Buffer =>
    Buffer.from(JSON.stringify(toChatBody(request, upstreamModel)));

  registerModelDoor<CompletionsBody>(fastify, deps, {
    endpoint: '/v1/completions',
    modelKind: 'chat',
    inspector: { inspect: inspectChat, redact: redactChat },
    chatForm: (body) => chatBytes(body),
    read(tenantId, raw) {
      const request = parseCompletionsRequest(raw);
      const chat = indexChat(tenantId, Buffer.from(JSON.stringify(toChatBody(request))));
      const bodyHash = hash('sha256', raw, 'base64');
      return { model: request.model, stream: request.stream === true, bodyHash, request, chat };
    },
    question: (body, _raw, decision) => ({
      dialect: 'openai.chat',
      fingerprint: body.chat.fingerprintFor(decision.cacheModel),
      upstreamBody: (upstreamModel) => upstreamBody(chatBytes(body, upstreamModel), body.chat, upstreamModel),
      needs: () => answerNeeds(chatBytes(body)),
    }),
    listener: (response, inferenceRequest, { request }, onDone) =>
      new OpenAiHttpListener(
        response,
        inferenceRequest,
        completionsWriter(request.stream_options?.include_usage === true),
        onDone,
      ),
    refusal: openAiRefusal,
  });
}
