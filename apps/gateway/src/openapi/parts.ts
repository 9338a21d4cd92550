import { z } from 'zod';

export type JsonObject = Record<string, unknown>;

/** JSON schema of a zod schema, as OpenAPI 3.1 takes it. `input`: what may be sent, defaults left out. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io }) as JsonObject;
  return rest;
}

export const json = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });

export const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** Every answer of our own doors. */
export const envelopeOf = (data: JsonObject): JsonObject => ({
  type: 'object',
  required: ['success', 'data', 'error'],
  properties: { success: { const: true }, data, error: { type: 'null' } },
});

const text = { schema: { type: 'string' } };

export const errorHeaders = {
  'X-Request-Id': { description: 'Names this request in logs and records.', ...text },
  'X-Error-Code': { description: 'The error for programs.', ...text },
  'Retry-After': { description: 'Seconds to wait before trying again, where that may help.', ...text },
};

export const costHeaders = {
  'X-Request-Id': { description: 'Names this request in logs and records.', ...text },
  'X-Cost-Usd': { description: 'What this answer cost; on streams it comes in the last event.', ...text },
  'X-Cost-Baseline-Usd': { description: 'What it would have cost without Costlane.', ...text },
  'X-Cost-Saved-Usd': { description: 'The difference.', ...text },
  'X-Cache': {
    description: 'Where it came from.',
    schema: { enum: ['miss', 'memory', 'exact', 'semantic', 'coalesced'] },
  },
  'X-Cache-Key': { description: 'Its name in the cache, by which it can be dropped.', ...text },
  'X-Model-Used': { description: 'The model that answered.', ...text },
  'X-Route-Decision': { description: 'Why this model.', ...text },
};

const errorAnswers: Record<number, string> = {
  400: 'The request is wrong; the message names the field.',
  401: 'No API key, or not a valid one.',
  403: 'Not allowed to this key.',
  404: 'There is no such thing.',
  413: 'The body is too large.',
  415: 'The content type is not application/json.',
  429: 'Too many requests, or the provider’s limit.',
  502: 'The provider failed.',
  503: 'Not available at the moment.',
  504: 'The deadline passed.',
  529: 'Not available at the moment, in Anthropic’s words: overloaded.',
};

/** Error answers by status, in the shape `schema`. */
export function errors(schema: JsonObject, ...statuses: number[]): JsonObject {
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: errorAnswers[status] ?? 'Failed.', headers: errorHeaders, content: json(schema) },
    ]),
  );
}

export const callErrors = [400, 401, 403, 404, 413, 415, 429, 502, 503, 504];
