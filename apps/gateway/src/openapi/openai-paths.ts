import { callErrors, costHeaders, errors, json, ref, type JsonObject } from './parts';

const model = { type: 'string', description: 'A name from /v1/models; absent or "auto": the policy chooses.' };
const text = { type: 'string' };
const tokens = { type: 'array', items: { type: 'integer' } };
const isStreamed = { type: 'boolean' };

/** OpenAI's dialects beside chat completions. */
export const openAiSchemas: JsonObject = {
  ResponseRequest: {
    type: 'object',
    required: ['input'],
    additionalProperties: true,
    properties: {
      model,
      input: { oneOf: [text, { type: 'array', items: { type: 'object' } }] },
      instructions: text,
      max_output_tokens: { type: 'integer', minimum: 1 },
      tools: { type: 'array', items: { type: 'object' } },
      text: { type: 'object', description: 'The form of the answer.' },
      reasoning: { type: 'object' },
      stream: isStreamed,
      store: { type: 'boolean', description: 'Taken, but nothing is stored: providers always get `false`.' },
    },
  },
  EmbeddingRequest: {
    type: 'object',
    required: ['model', 'input'],
    additionalProperties: true,
    properties: {
      model: { type: 'string', description: 'Has to be named: vectors of different models cannot be compared.' },
      input: {
        oneOf: [text, { type: 'array', items: text }, tokens, { type: 'array', items: tokens }],
      },
      dimensions: { type: 'integer', minimum: 1 },
      encoding_format: { enum: ['float', 'base64'] },
    },
  },
  CompletionRequest: {
    type: 'object',
    required: ['prompt'],
    additionalProperties: true,
    properties: {
      model,
      prompt: { oneOf: [text, { type: 'array', items: text, minItems: 1, maxItems: 1 }] },
      max_tokens: { type: 'integer', minimum: 1, default: 16 },
      stream: isStreamed,
    },
  },
};

interface Door {
  operationId: string;
  summary: string;
  description: string;
  request: string;
  answer: string;
  isStreamable: boolean;
}

const door = (steering: JsonObject[], told: Door): JsonObject => ({
  post: {
    operationId: told.operationId,
    tags: ['openai'],
    summary: told.summary,
    description: told.description,
    parameters: steering,
    requestBody: { required: true, content: json(ref(told.request)) },
    responses: {
      200: {
        description: told.answer,
        headers: costHeaders,
        content: {
          ...json({ type: 'object' }),
          ...(told.isStreamable ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
        },
      },
      ...errors(ref('OpenAiError'), ...callErrors),
    },
  },
});

const notKept = (operationId: string): JsonObject => ({
  operationId,
  tags: ['openai'],
  summary: 'Responses are not kept: always 404',
  parameters: [{ name: 'id', in: 'path', required: true, schema: text }],
  responses: errors(ref('OpenAiError'), 401, 404),
});

export const openAiPaths = (steering: JsonObject[]): JsonObject => ({
  '/v1/responses': door(steering, {
    operationId: 'createResponse',
    summary: 'OpenAI’s Responses API',
    description:
      'Models of OpenAI get the request as it came, but for `store`, which is always false; for others it is translated, and what has no translation is refused with its reason. Nothing is kept: `previous_response_id`, `conversation` and `background` are refused.',
    request: 'ResponseRequest',
    answer: 'A response, or its events; the costs of a stream stand in its last event.',
    isStreamable: true,
  }),
  '/v1/responses/{id}': { get: notKept('getResponse'), delete: notKept('deleteResponse') },
  '/v1/embeddings': door(steering, {
    operationId: 'createEmbeddings',
    summary: 'OpenAI’s embeddings',
    description: 'Answers are kept, and given again to the very same request only.',
    request: 'EmbeddingRequest',
    answer: 'A list of embeddings.',
    isStreamable: false,
  }),
  '/v1/completions': door(steering, {
    operationId: 'createCompletion',
    summary: 'OpenAI’s old completions',
    description:
      'Answered by chat models: the prompt is what the user says. `suffix`, `echo`, `best_of`, `logprobs`, several prompts and prompts of tokens are refused.',
    request: 'CompletionRequest',
    answer: 'A text completion, or its chunks as server-sent events.',
    isStreamable: true,
  }),
});
