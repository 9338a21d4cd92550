import { inspectMessages, redactMessages } from '@costlane/data-policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toAnthropicError } from '../dialects/anthropic-messages/anthropic-error';
import { checkVersionAndBetas } from '../dialects/anthropic-messages/betas';
import { createMessageIndex } from '../dialects/anthropic-messages/body-index';
import { countTokens } from '../dialects/anthropic-messages/count-tokens';
import { MessageHttpListener } from '../dialects/anthropic-messages/http-listener';
import { parseCountRequest } from '../dialects/anthropic-messages/parse-message';
import { registerModelDoor, type DoorRefusal, type ModelDoorDeps } from './model-door';

const ENDPOINT = '/v1/messages';
const COUNT_ENDPOINT = `${ENDPOINT}/count_tokens`;
const EMPTY = Buffer.alloc(0);

/** Anthropic's Messages API, whatever model serves it: Claude gets the request as it came, every other one as a chat completion. */
export function registerMessagesDoor(fastify: FastifyInstance, deps: ModelDoorDeps): void {
  registerModelDoor(fastify, deps, {
    endpoint: ENDPOINT,
    modelKind: 'chat',
    inspector: { inspect: inspectMessages, redact: redactMessages },
    chatForm: (body, raw) => body.chatForm(raw),
    canServe: (body, raw, model) => body.canServe(raw, model),
    read: createMessageIndex(deps.normalize),
    question: (body, raw, decision, mustTranslate) => body.question(raw, decision, mustTranslate),
    listener: (response, request, body, onDone) =>
      new MessageHttpListener(response, request, body.showThinking, onDone),
    refusal: anthropicRefusal,
  });
  fastify.post(
    COUNT_ENDPOINT,
    { bodyLimit: deps.bodyLimitBytes },
    async (request: FastifyRequest, reply: FastifyReply) => {
      await deps.admission.admit(request.headers);
      checkVersionAndBetas(request.headers);
      const inputTokens = countTokens(parseCountRequest((request.body as Buffer | undefined) ?? EMPTY));
      return reply
        .headers({ 'x-costlane-estimated': 'true', 'request-id': request.id })
        .send({ input_tokens: inputTokens });
    },
  );
}

function anthropicRefusal(error: unknown, requestId: string): DoorRefusal {
  const { status, headers, body } = toAnthropicError(error, requestId);
  return {
    status,
    headers: { ...headers, 'request-id': requestId },
    body,
    code: headers['x-error-code'] ?? 'internal',
  };
}
