import { inspectResponses, redactResponses } from '@costlane/data-policy';
import { CostlaneError } from '@costlane/domain';
import type { FastifyInstance } from 'fastify';
import { OpenAiHttpListener } from '../dialects/openai-answers/http-listener';
import { createResponsesIndex } from '../dialects/openai-responses/body-index';
import { openAiRefusal } from './chat-door';
import { registerModelDoor, type ModelDoorDeps } from './model-door';

const ENDPOINT = '/v1/responses';

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
  // Whatever is asked of a response that is over: none is kept.
  fastify.all(`${ENDPOINT}/*`, async (request) => {
    await deps.admission.identify(request.headers);
    const message =
      'Responses are not kept here, so none can be fetched, changed or gone on with later; send the whole input.';
    throw new CostlaneError('not_found', message);
  });
}
