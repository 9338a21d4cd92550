import { createBatchSchema } from '../dialects/openai-batches/create-batch';
import { batchStatuses } from '../dialects/openai-batches/batch-object';
import { errors, json, ref, schemaOf, type JsonObject } from './parts';

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const atSeconds = { type: ['integer', 'null'], description: 'Epoch seconds.' };
const count = { type: 'integer' };

const listOf = (name: string): JsonObject => ({
  type: 'object',
  required: ['object', 'data', 'has_more'],
  properties: {
    object: { const: 'list' },
    data: { type: 'array', items: ref(name) },
    first_id: textOrNull,
    last_id: textOrNull,
    has_more: { type: 'boolean' },
  },
});

/** Files and batches as OpenAI's clients know them. */
export const openAiBatchSchemas: JsonObject = {
  File: {
    type: 'object',
    properties: {
      id: text,
      object: { const: 'file' },
      bytes: count,
      created_at: { type: 'integer' },
      expires_at: atSeconds,
      filename: text,
      purpose: { enum: ['batch', 'batch_output'] },
      status: { const: 'processed' },
    },
  },
  Batch: {
    type: 'object',
    properties: {
      id: text,
      object: { const: 'batch' },
      endpoint: text,
      errors: {
        type: ['object', 'null'],
        description: 'What is wrong with the input file.',
        properties: {
          object: { const: 'list' },
          data: {
            type: 'array',
            items: {
              type: 'object',
              properties: { code: text, line: { type: ['integer', 'null'] }, message: text, param: textOrNull },
            },
          },
        },
      },
      input_file_id: text,
      completion_window: text,
      status: { enum: [...batchStatuses] },
      output_file_id: textOrNull,
      error_file_id: textOrNull,
      created_at: { type: 'integer' },
      in_progress_at: atSeconds,
      expires_at: atSeconds,
      finalizing_at: atSeconds,
      completed_at: atSeconds,
      failed_at: atSeconds,
      expired_at: atSeconds,
      cancelling_at: atSeconds,
      cancelled_at: atSeconds,
      request_counts: { type: 'object', properties: { total: count, completed: count, failed: count } },
      metadata: { type: ['object', 'null'], additionalProperties: text },
      cost_usd: { type: 'number', description: 'What its requests have cost so far; not in OpenAI’s own object.' },
    },
  },
};

const inPath = [{ name: 'id', in: 'path', required: true, schema: text }];
const inQuery = (name: string, schema: JsonObject, description: string): JsonObject => ({
  name,
  in: 'query',
  description,
  schema,
});
const page = (max: number, usual: number): JsonObject[] => [
  inQuery('limit', { type: 'integer', minimum: 1, maximum: max, default: usual }, 'How many.'),
  inQuery('after', text, 'Those behind the one of this id.'),
];

interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: JsonObject[];
  requestBody?: JsonObject;
  content: JsonObject;
  failures: number[];
}

const operation = ({ content, failures, ...told }: Operation): JsonObject => ({
  ...told,
  tags: ['openai'],
  responses: { 200: { description: 'Done.', content }, ...errors(ref('OpenAiError'), 401, 429, 503, ...failures) },
});

const upload = operation({
  operationId: 'createFile',
  summary: 'Upload a file for a batch',
  description:
    'A request a line: `{"custom_id": …, "method": "POST", "url": …, "body": {…}}`. Kept for `expires_after` seconds, or as long as the deployment says.',
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['file', 'purpose'],
          properties: {
            file: { type: 'string', contentMediaType: 'application/jsonl' },
            purpose: { const: 'batch' },
            'expires_after[anchor]': { const: 'created_at' },
            'expires_after[seconds]': { type: 'integer', minimum: 3_600, maximum: 2_592_000 },
          },
        },
      },
    },
  },
  content: json(ref('File')),
  failures: [400, 413, 415],
});

const files: JsonObject = {
  '/v1/files': {
    post: upload,
    get: operation({
      operationId: 'listFiles',
      summary: 'The tenant’s files, results of batches among them',
      parameters: [
        ...page(1_000, 100),
        inQuery('purpose', { enum: ['batch', 'batch_output'] }, 'Only those.'),
        inQuery('order', { enum: ['asc', 'desc'], default: 'desc' }, 'By when they were made.'),
      ],
      content: json(listOf('File')),
      failures: [400, 404],
    }),
  },
  '/v1/files/{id}': {
    get: operation({
      operationId: 'getFile',
      summary: 'What is known of a file',
      parameters: inPath,
      content: json(ref('File')),
      failures: [404],
    }),
    delete: operation({
      operationId: 'deleteFile',
      summary: 'Delete a file; results are deleted with theirs',
      parameters: inPath,
      content: json({
        type: 'object',
        properties: { id: text, object: { const: 'file' }, deleted: { type: 'boolean' } },
      }),
      failures: [404],
    }),
  },
  '/v1/files/{id}/content': {
    get: operation({
      operationId: 'getFileContent',
      summary: 'A file as it was uploaded, or the results of a batch',
      description:
        'Results are a line each: `{"id": …, "custom_id": …, "response": {"status_code": …, "request_id": …, "body": {…}} or null, "error": null or {"code": …, "message": …}}`.',
      parameters: inPath,
      content: { 'application/octet-stream': { schema: text } },
      failures: [404],
    }),
  },
};

const batches: JsonObject = {
  '/v1/batches': {
    post: operation({
      operationId: 'createBatch',
      summary: 'Have the requests of a file answered later, at the price of batches where the provider has one',
      description:
        'The file is read after the answer: the batch is `validating`, and `failed` with `errors` where something is wrong with it. Headers that steer a request (X-Costlane-…) steer all of them.',
      requestBody: { required: true, content: json(schemaOf(createBatchSchema, 'input')) },
      content: json(ref('Batch')),
      failures: [400, 404, 413, 415],
    }),
    get: operation({
      operationId: 'listBatches',
      summary: 'The tenant’s batches, newest first',
      parameters: page(100, 20),
      content: json(listOf('Batch')),
      failures: [400, 404],
    }),
  },
  '/v1/batches/{id}': {
    get: operation({
      operationId: 'getBatch',
      summary: 'How a batch stands',
      parameters: inPath,
      content: json(ref('Batch')),
      failures: [404],
    }),
  },
  '/v1/batches/{id}/cancel': {
    post: operation({
      operationId: 'cancelBatch',
      summary: 'Cancel a batch; what has been answered stays',
      parameters: inPath,
      content: json(ref('Batch')),
      failures: [400, 404],
    }),
  },
};

export const openAiBatchPaths: JsonObject = { ...files, ...batches };
