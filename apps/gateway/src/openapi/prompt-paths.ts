import { envelopeOf, errors, json, ref, type JsonObject } from './parts';

const tags = ['admin'];
const failures = errors(ref('Error'), 400, 401, 403, 404, 503);
const text: JsonObject = { type: 'string' };
const ok = (description: string, properties: JsonObject): JsonObject => ({
  description,
  content: json(envelopeOf({ type: 'object', required: Object.keys(properties), properties })),
});
const tenant: JsonObject = { name: 'tenant_id', in: 'query', required: false, schema: text };

/** Doors of administration for stored prompts. */
export const promptPaths: JsonObject = {
  '/admin/prompts/{request_id}': {
    get: {
      operationId: 'findPrompt',
      tags,
      summary: 'The body of a request, where its tenant has prompts kept',
      parameters: [{ name: 'request_id', in: 'path', required: true, schema: text }, tenant],
      responses: {
        200: ok('As it was kept; cut where it was longer than 64 KB.', {
          request_id: text,
          tenant_id: text,
          created_at: { type: 'string', format: 'date-time' },
          expires_at: { type: 'string', format: 'date-time' },
          prompt: text,
          is_cut: { type: 'boolean' },
        }),
        ...failures,
      },
    },
  },
  '/admin/prompts': {
    delete: {
      operationId: 'forgetPrompts',
      tags,
      summary: 'Remove all prompts that a tenant has kept; those of requests on their way may still come',
      parameters: [tenant],
      responses: {
        200: ok('They are removed.', { tenant_id: text, removed_prompts: { type: 'integer' } }),
        ...failures,
      },
    },
  },
};
