import { inspectResponses, redactResponses } from '@costlane/data-policy';
import { CostlaneError } from '@costlane/domain';
import type { FastifyInstance } from 'fastify';
import { OpenAiHttpListener } from '../dialects/openai-answers/http-listener';
import { createResponsesIndex } from '../dialects/openai-responses/body-index';
import { openAiRefusal } from './chat-door';
import { registerModelDoor, type ModelDoorDeps } from './model-door';

const ENDPOINT = '/v1/responses';
const NOT_KEPT =
  'Responses are not kept here, so that none can be fetched or deleted later; take the answer when it comes.';

/** OpenAI's Responses API, whatever model serves it: one of OpenAI's gets the request as it came, every other one as a chat completion. */
export function registerResponsesDoor(fastify: FastifyInstance, deps: ModelDoorDeps): void {
  registerModelDoor(fastify, deps, {
    endpoint: ENDPOINT,
    modelKind: 'chat',
    inspector: { inspect: inspectResponses, redact: redactResponses },
    chatForm: (body) => body.chatForm(),
    canServe: (body, _raw, model) => body.canServe(model),
    read: createResponsesIndex(deps.normalize),
    question: (body, _raw, decision, mustTranslate) => body.question(decision, mustTranslate),
    listener: (response, request, body, onDone) =>
      new OpenAiHttpListener(response, request, body.writer(request.dialect), onDone),
    refusal: openAiRefusal,
  });
  // None is kept: what was asked of a response that is over has an answer of its own.
  for (const method of ['GET', 'DELETE'] as const) {
    fastify.route({
      method,
      url: `${ENDPOINT}/:id`,
      async handler(request) {
        await deps.admission.identify(request.headers);
        throw new CostlaneError('not_found', NOT_KEPT);
      },
    });
  }
}
