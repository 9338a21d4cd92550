import { inspectChat, redactChat } from '@costlane/data-policy';
import { toOpenAiError } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import type { BodyInspector } from '../core/routing/data-guard';
import { answerNeeds } from '../dialects/openai-chat/answer-needs';
import { createBodyIndex } from '../dialects/openai-chat/body-index';
import { ChatHttpListener } from '../dialects/openai-chat/http-listener';
import { upstreamBody } from '../dialects/openai-chat/upstream-body';
import { registerModelDoor, type DoorRefusal, type ModelDoorDeps } from './model-door';

export const chatInspector: BodyInspector = { inspect: inspectChat, redact: redactChat };

/** OpenAI's chat completions: the hot route. */
export function registerChatDoor(fastify: FastifyInstance, deps: ModelDoorDeps): void {
  registerModelDoor(fastify, deps, {
    endpoint: '/v1/chat/completions',
    modelKind: 'chat',
    inspector: chatInspector,
    chatForm: (_body, raw) => raw,
    read: createBodyIndex(deps.normalize),
    question: (body, raw, decision) => ({
      dialect: 'openai.chat',
      fingerprint: body.fingerprintFor(decision.cacheModel),
      upstreamBody: (upstreamModel) => upstreamBody(raw, body, upstreamModel),
      needs: () => answerNeeds(raw),
    }),
    listener: (response, request, body, onDone) => new ChatHttpListener(response, request, body.includeUsage, onDone),
    refusal: openAiRefusal,
  });
}

/** An error as OpenAI's clients read it. */
export function openAiRefusal(error: unknown): DoorRefusal {
  const { status, headers, body } = toOpenAiError(error);
  return { status, headers, body, code: body.error.code };
}
