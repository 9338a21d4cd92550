import { costHeaders, errors, json, ref, type JsonObject } from './parts';

const prompt = {
  model: { type: 'string', description: 'A name from /v1/models; absent or "auto": the policy chooses.' },
  messages: { type: 'array', minItems: 1, items: { type: 'object', required: ['role', 'content'] } },
  system: { description: 'A text, or blocks of text.' },
  tools: { type: 'array', items: { type: 'object' } },
};

/** Anthropic's dialect. */
export const messagesSchemas: JsonObject = {
  MessageRequest: {
    type: 'object',
    required: ['messages', 'max_tokens'],
    additionalProperties: true,
    properties: {
      ...prompt,
      max_tokens: { type: 'integer', minimum: 0 },
      stream: { type: 'boolean' },
      temperature: { type: 'number', minimum: 0, maximum: 1 },
    },
  },
  CountTokensRequest: { type: 'object', required: ['messages'], additionalProperties: true, properties: prompt },
  AnthropicError: {
    type: 'object',
    properties: {
      type: { const: 'error' },
      error: { type: 'object', properties: { type: { type: 'string' }, message: { type: 'string' } } },
      request_id: { type: ['string', 'null'] },
    },
  },
};

export const messagesPaths = (steering: JsonObject[]): JsonObject => ({
  '/v1/messages': {
    post: {
      operationId: 'createMessage',
      tags: ['anthropic'],
      summary: 'Anthropic’s Messages API',
      description:
        'Claude models get the request untouched; for others it is translated, and what has no translation is refused with its reason.',
      parameters: steering,
      requestBody: { required: true, content: json(ref('MessageRequest')) },
      responses: {
        200: {
          description: 'A message, or its events; the costs of a stream come with `message_stop`.',
          headers: costHeaders,
          content: { ...json({ type: 'object' }), 'text/event-stream': { schema: { type: 'string' } } },
        },
        ...errors(ref('AnthropicError'), 400, 401, 403, 404, 413, 415, 429, 500, 504, 529),
      },
    },
  },
  '/v1/messages/count_tokens': {
    post: {
      operationId: 'countMessageTokens',
      tags: ['anthropic'],
      summary: 'An estimate of a prompt’s tokens',
      description: 'No provider is asked: the header X-Costlane-Estimated says so.',
      requestBody: { required: true, content: json(ref('CountTokensRequest')) },
      responses: {
        200: {
          description: 'The estimate.',
          content: json({ type: 'object', properties: { input_tokens: { type: 'integer' } } }),
        },
        ...errors(ref('AnthropicError'), 400, 401, 413, 415, 429, 529),
      },
    },
  },
});
