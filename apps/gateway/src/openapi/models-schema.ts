import type { JsonObject } from './parts';

const nullable = (type: string, description: string): JsonObject => ({ type: [type, 'null'], description });

const capability = { type: 'boolean' };

/** What `GET /models` says of a model. */
export const modelDescription: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    provider: { type: 'string' },
    upstream_model: { type: 'string' },
    kind: { enum: ['chat', 'embedding'] },
    tier: { enum: ['economy', 'standard', 'premium'] },
    auto: { type: 'boolean', description: 'Requests that leave the choice may go to it.' },
    enabled: { type: 'boolean' },
    health: { enum: ['healthy', 'failing', 'disabled'] },
    circuit_breaker_open: { type: 'boolean' },
    prices_usd_per_million_tokens: {
      type: ['object', 'null'],
      description: 'Null: the price is not known.',
      properties: {
        input: { type: 'number' },
        output: { type: ['number', 'null'] },
        cache_read: { type: ['number', 'null'] },
        cache_write: { type: ['number', 'null'] },
      },
    },
    price_version: nullable('string', 'The list and edition that the price is from.'),
    context_tokens: nullable('integer', 'Tokens of prompt and answer together; null: not known.'),
    max_output_tokens: nullable('integer', 'The longest answer; null: not known.'),
    capabilities: {
      type: ['object', 'null'],
      description: 'Null: not known.',
      properties: {
        tools: capability,
        vision: capability,
        audio: capability,
        json_mode: capability,
        json_schema: capability,
        reasoning: capability,
        logprobs: capability,
      },
    },
    quality: nullable(
      'number',
      'Share of a public benchmark’s tasks that it solves, 0 to 1; null: no figure is known.',
    ),
  },
};

export const modelList: JsonObject = {
  type: 'object',
  properties: { default_model: { type: 'string' }, models: { type: 'array', items: modelDescription } },
};
