import { MAX_WAIT_MS } from '../doors/batch-door';
import { batchItemSchema, batchSchema, jobSchema } from '../doors/jobs-door-schemas';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const time = { ...textOrNull, format: 'date-time' };
const count = { type: 'integer' };
const states = ['queued', 'running', 'finalizing', 'completed', 'failed', 'cancelling', 'cancelled', 'expired'];
const itemStates = ['succeeded', 'failed', 'cancelled', 'expired'];

const progress = {
  cost_usd: { type: 'number', description: 'So far; exact to the nano-dollar.' },
  created_at: time,
  started_at: time,
  finished_at: time,
  deadline_at: { ...time, description: 'What is not done by then expires.' },
  metadata: { type: 'object' },
  webhook: {
    type: ['object', 'null'],
    properties: { url: text, status: { enum: ['waiting', 'pending', 'delivered', 'abandoned'] } },
  },
};

/** Batches and jobs. */
export const jobSchemas: JsonObject = {
  BatchRequest: {
    ...schemaOf(batchSchema, 'input'),
    properties: {
      ...(schemaOf(batchSchema, 'input')['properties'] as object),
      requests: { type: 'array', minItems: 1, items: ref('BatchItem') },
    },
  },
  BatchItem: schemaOf(batchItemSchema, 'input'),
  BatchResult: {
    type: 'object',
    description: 'A line of the results.',
    properties: {
      custom_id: textOrNull,
      index: count,
      status: { enum: itemStates },
      http_status: { type: ['integer', 'null'] },
      error_code: textOrNull,
      can_retry: {
        type: 'boolean',
        description: 'It used up its attempts at what may pass; POST …/retry gives it new ones.',
      },
      attempts: count,
      same_as_index: {
        type: ['integer', 'null'],
        description: 'It asked the same as this one and has its answer, at no cost.',
      },
      cost_usd: { type: 'number' },
      success: { type: 'boolean' },
      data: { anyOf: [ref('InferenceReply'), { type: 'null' }] },
      error: textOrNull,
    },
  },
  BatchState: {
    type: 'object',
    properties: {
      batch_id: text,
      status: { enum: states },
      counts: {
        type: 'object',
        properties: Object.fromEntries(['total', 'pending', ...itemStates].map((name) => [name, count])),
      },
      duplicates: { ...count, description: 'Requests that ask the same as another one: asked once, paid once.' },
      ...progress,
      error: { type: ['object', 'null'], properties: { code: text, message: text } },
      results_url: text,
      results: {
        type: ['array', 'null'],
        items: ref('BatchResult'),
        description: 'Only where they were waited for; null where they are too many for one answer.',
      },
    },
  },
  JobRequest: {
    ...schemaOf(jobSchema, 'input'),
    oneOf: [{ required: ['prompt'] }, { required: ['messages'] }],
  },
  JobState: {
    type: 'object',
    properties: {
      job_id: text,
      status: { enum: states },
      result: {
        description: 'The reply of the door that was asked; null until it is there.',
        anyOf: [ref('InferenceReply'), {}],
      },
      error: { description: 'Why there is none.' },
      error_code: textOrNull,
      http_status: { type: ['integer', 'null'] },
      can_retry: { type: 'boolean' },
      ...progress,
    },
  },
};

const parameter = (name: string, where: string, description: string, schema: JsonObject = text): JsonObject => ({
  name,
  in: where,
  description,
  required: where === 'path',
  schema,
});
const id = parameter('id', 'path', 'As it was given when the work was handed in.');
const waitMs = parameter('wait_ms', 'query', 'Answer when it has ended, or after so long at the latest.', {
  type: 'integer',
  minimum: 0,
  maximum: MAX_WAIT_MS,
});
const page = [
  parameter('limit', 'query', '1 to 100; default 20.', { type: 'integer', minimum: 1, maximum: 100 }),
  parameter('after', 'query', 'Only older ones than this.'),
];
const once = parameter(
  'Idempotency-Key',
  'header',
  'The same key gives the same job; another request under it is refused.',
);
const webhookUrl = parameter('X-Costlane-Webhook-Url', 'header', 'The webhook, where the body does not name it.');

const lineOptions = ['wait', 'completion_window', 'deadline_ms', 'metadata', 'webhook_url'].map((name) =>
  parameter(name, 'query', 'As the field of a document; for batches that come line by line.'),
);

const operation = (
  operationId: string,
  summary: string,
  answer: JsonObject,
  rest: JsonObject = {},
  ...failures: number[]
): JsonObject => ({
  operationId,
  tags: ['jobs'],
  summary,
  ...rest,
  responses: {
    200: { description: 'How it stands.', content: json(envelopeOf(answer)) },
    ...errors(ref('Error'), ...failures),
  },
});

const accepted = (answer: JsonObject): JsonObject => ({
  description: 'It is durable and will be done; Location says where to look.',
  headers: { Location: { schema: text } },
  content: json(envelopeOf(answer)),
});

const listOf = (name: string, item: JsonObject): JsonObject => ({
  type: 'object',
  properties: { [name]: { type: 'array', items: item }, has_more: { type: 'boolean' } },
});
const batch = ref('BatchState');
const job = ref('JobState');
const handIn = [400, 401, 403, 413, 415, 422, 429, 503];
const look = [400, 401, 404, 503];

export const jobPaths: JsonObject = {
  '/v1/batch': {
    post: {
      operationId: 'handInBatch',
      tags: ['jobs'],
      summary: 'Hand in many requests at once',
      description:
        'One document, or as application/x-ndjson a request a line, which may be very many. All are checked before any is accepted. Headers that steer a request steer each of them.',
      parameters: [once, webhookUrl, ...lineOptions],
      requestBody: {
        required: true,
        content: { ...json(ref('BatchRequest')), 'application/x-ndjson': { schema: ref('BatchItem') } },
      },
      responses: {
        200: { description: 'It was waited for and has ended.', content: json(envelopeOf(batch)) },
        202: accepted(batch),
        ...errors(ref('Error'), ...handIn),
      },
    },
    get: operation(
      'listOwnBatches',
      'Batches, newest first',
      listOf('batches', batch),
      { parameters: page },
      400,
      401,
      503,
    ),
  },
  '/v1/batch/{id}': {
    get: operation('batchState', 'How a batch goes', batch, { parameters: [id, waitMs] }, ...look),
    delete: operation('stopBatch', 'Cancel a batch; what has ended stays', batch, { parameters: [id] }, ...look),
  },
  '/v1/batch/{id}/results': {
    get: {
      operationId: 'batchResults',
      tags: ['jobs'],
      summary: 'Results, those that have ended so far, in the order of the requests',
      parameters: [
        id,
        parameter('status', 'query', 'Only these; dead: those that can be tried again.', {
          enum: [...itemStates, 'dead'],
        }),
        parameter('from_index', 'query', 'From this request on.', { type: 'integer', minimum: 0 }),
      ],
      responses: {
        200: { description: 'A line for each.', content: { 'application/x-ndjson': { schema: ref('BatchResult') } } },
        ...errors(ref('Error'), ...look),
      },
    },
  },
  '/v1/batch/{id}/retry': {
    post: operation(
      'retryBatch',
      'Give requests new attempts that used up theirs',
      { allOf: [batch, { type: 'object', properties: { retried: count } }] },
      { parameters: [id] },
      ...look,
      429,
    ),
  },
  '/v1/jobs': {
    post: {
      operationId: 'createJob',
      tags: ['jobs'],
      summary: 'Hand in one request that is answered later',
      parameters: [once, webhookUrl],
      requestBody: { required: true, content: json(ref('JobRequest')) },
      responses: { 202: accepted(job), ...errors(ref('Error'), ...handIn) },
    },
    get: operation('listJobs', 'Jobs, newest first', listOf('jobs', job), { parameters: page }, 400, 401, 503),
  },
  '/v1/jobs/webhook-secret': {
    get: operation(
      'webhookSecret',
      'What webhooks are checked with',
      { type: 'object', properties: { tenant_id: text, secret: text } },
      {},
      401,
      503,
    ),
  },
  '/v1/jobs/{id}': {
    get: operation('getJob', 'A job, with its answer once it is there', job, { parameters: [id, waitMs] }, ...look),
    delete: operation('cancelJob', 'Cancel a job', job, { parameters: [id] }, ...look),
  },
};
