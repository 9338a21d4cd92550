import { inspectEmbeddings, redactEmbeddings } from '@costlane/data-policy';
import { CostlaneError } from '@costlane/domain';
import type { FastifyInstance } from 'fastify';
import { OpenAiHttpListener } from '../dialects/openai-answers/http-listener';
import { embeddingsWriter } from '../dialects/openai-embeddings/answer-writer';
import { createEmbeddingsIndex, embeddingsQuestion } from '../dialects/openai-embeddings/body-index';
import { openAiRefusal } from './chat-door';
import { registerModelDoor, type ModelDoorDeps } from './model-door';

/**
 * OpenAI's embeddings. The model has to be named: vectors of two models cannot be compared, so none is ever chosen for a caller who may
 * have others already.
 */
export function registerEmbeddingsDoor(fastify: FastifyInstance, deps: ModelDoorDeps): void {
  const indexBody = createEmbeddingsIndex();
  registerModelDoor(fastify, deps, {
    endpoint: '/v1/embeddings',
    modelKind: 'embedding',
    inspector: { inspect: inspectEmbeddings, redact: redactEmbeddings },
    read(tenantId, raw) {
      const body = indexBody(tenantId, raw);
      if (body.model === undefined || body.model === '' || body.model === 'auto') throw unnamed();
      return body;
    },
    question: embeddingsQuestion,
    listener: (response, request, _body, onDone) => new OpenAiHttpListener(response, request, embeddingsWriter, onDone),
    refusal: openAiRefusal,
  });
}

function unnamed(): CostlaneError {
  const message =
    'Field "model": name an embedding model; vectors of different models cannot be compared, so none is chosen for you.';
  return new CostlaneError('invalid_request', message, { field: 'model' });
}
