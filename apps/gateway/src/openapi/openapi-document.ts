import { replySchema } from '../dialects/costlane/reply-schema';
import { inferenceSchema } from '../dialects/costlane/request-schema';
import { adminPaths } from './admin-paths';
import { analyticsPaths } from './analytics-paths';
import { jobPaths, jobSchemas } from './job-paths';
import { messagesSchemas } from './messages-paths';
import { modelPaths } from './model-paths';
import { openAiBatchPaths, openAiBatchSchemas } from './openai-batch-paths';
import { openAiSchemas } from './openai-paths';
import { ref, schemaOf, type JsonObject } from './parts';
import { statusPaths } from './status-paths';

const schemas: JsonObject = {
  InferenceRequest: {
    ...schemaOf(inferenceSchema, 'input'),
    oneOf: [{ required: ['prompt'] }, { required: ['messages'] }],
  },
  InferenceReply: schemaOf(replySchema, 'output'),
  InferenceEvent: {
    oneOf: [
      { type: 'object', properties: { type: { const: 'delta' }, text: { type: 'string' } } },
      { allOf: [{ type: 'object', properties: { type: { const: 'done' } } }, ref('InferenceReply')] },
      {
        type: 'object',
        properties: { type: { const: 'error' }, code: { type: 'string' }, message: { type: 'string' } },
      },
    ],
  },
  ChatCompletionRequest: {
    type: 'object',
    required: ['messages'],
    additionalProperties: true,
    properties: {
      model: { type: 'string', description: 'A name from /v1/models; absent or "auto": the policy chooses.' },
      messages: { type: 'array', minItems: 1, items: { type: 'object', required: ['role'] } },
      stream: { type: 'boolean' },
      max_tokens: { type: 'integer', minimum: 1 },
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      n: { type: 'integer', minimum: 1, maximum: 128 },
      tools: { type: 'array', items: { type: 'object' } },
    },
  },
  ...openAiSchemas,
  ...openAiBatchSchemas,
  ...messagesSchemas,
  ...jobSchemas,
  Health: {
    type: 'object',
    properties: {
      status: { enum: ['healthy', 'degraded', 'unhealthy', 'shutting_down'] },
      cache_hit_rate: { type: 'number' },
      requests_processed: { type: 'integer' },
      avg_latency_ms: { type: 'number' },
      services: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: {
            status: { enum: ['up', 'down', 'unknown', 'not_configured'] },
            detail: { type: 'string' },
          },
        },
      },
    },
  },
  Error: {
    type: 'object',
    required: ['success', 'data', 'error'],
    properties: { success: { const: false }, data: { type: 'null' }, error: { type: 'string' } },
  },
  OpenAiError: {
    type: 'object',
    properties: {
      error: {
        type: 'object',
        properties: {
          message: { type: 'string' },
          type: { type: 'string' },
          param: { type: ['string', 'null'] },
          code: { type: 'string' },
        },
      },
    },
  },
};

/** The gateway's HTTP contract as OpenAPI 3.1; what the doors validate with is what stands here. */
export const openApiDocument: JsonObject = {
  openapi: '3.1.0',
  info: {
    title: 'Costlane',
    version: '0.1.0',
    description: 'One gateway to language models that makes each request cost as little as it can.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, { apiKey: [] }, {}],
  paths: { ...modelPaths, ...jobPaths, ...openAiBatchPaths, ...statusPaths, ...adminPaths, ...analyticsPaths },
  components: {
    schemas,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
  },
};
