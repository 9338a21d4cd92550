import { modelList } from './models-schema';
import { complexitySchema } from '../doors/complexity-door';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const page = (operationId: string, summary: string): JsonObject => ({
  get: {
    operationId,
    tags: ['pages'],
    summary,
    responses: { 200: { description: 'HTML', content: { 'text/html': {} } } },
  },
});

function document(operationId: string, summary: string, schema: JsonObject, ...failures: number[]): JsonObject {
  return {
    get: {
      operationId,
      tags: ['status'],
      summary,
      responses: { 200: { description: summary, content: json(schema) }, ...errors(ref('Error'), ...failures) },
    },
  };
}

const readiness = { type: 'object', properties: { status: { type: 'string' }, checks: { type: 'object' } } };
const model = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    object: { const: 'model' },
    created: { type: 'integer' },
    owned_by: { type: 'string' },
  },
};

/** Doors that say what is here and how it does. */
export const statusPaths: JsonObject = {
  '/': document('home', 'What is here', envelopeOf({ type: 'object' })),
  '/v1/models': {
    get: {
      operationId: 'listModels',
      tags: ['openai'],
      summary: 'The models that can be used',
      responses: {
        200: {
          description: 'A list as OpenAI has it.',
          content: json({
            type: 'object',
            properties: { object: { const: 'list' }, data: { type: 'array', items: model } },
          }),
        },
        ...errors(ref('OpenAiError'), 401, 429, 503),
      },
    },
  },
  '/v1/models/{model}': {
    get: {
      operationId: 'retrieveModel',
      tags: ['openai'],
      summary: 'One model',
      parameters: [{ name: 'model', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'The model.', content: json(model) },
        ...errors(ref('OpenAiError'), 401, 404, 429, 503),
      },
    },
  },
  '/models': document('models', 'Tier, prices, abilities and health of each model', envelopeOf(modelList), 401, 503),
  '/health': document('health', 'The system at a glance', envelopeOf(ref('Health')), 503),
  '/health/live': document('live', 'The process answers', { type: 'object' }),
  '/health/ready': document('ready', 'The dependencies answer', readiness, 503),
  '/debug/estimate-complexity': {
    post: {
      operationId: 'estimateComplexity',
      tags: ['status'],
      summary: 'How a request would be judged for the choice of its model; no model is asked',
      requestBody: { required: true, content: json(ref('InferenceRequest')) },
      responses: {
        200: {
          description: 'Complexity, its factors and what comes of them.',
          content: json(envelopeOf(schemaOf(complexitySchema, 'output'))),
        },
        ...errors(ref('Error'), 400, 401, 429),
      },
    },
  },
  '/config': document('config', 'The settings in effect, without secrets', envelopeOf({ type: 'object' }), 401),
  '/metrics': {
    get: {
      operationId: 'metrics',
      tags: ['status'],
      summary: 'Metrics for Prometheus',
      responses: { 200: { description: 'Text', content: { 'text/plain': {} } } },
    },
  },
  '/openapi.json': document('openapi', 'This document', { type: 'object' }),
  '/docs': page('docs', 'This document as a page'),
};
