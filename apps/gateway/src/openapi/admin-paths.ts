import {
  cacheStatsSchema,
  invalidationSchema,
  keySchema,
  newKeyReplySchema,
  newKeySchema,
} from '../admin/admin-schemas';
import { anomalyPaths } from './anomaly-paths';
import { booksPaths } from './books-paths';
import { budgetPaths } from './budget-paths';
import { controlPaths } from './control-paths';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';
import { promptPaths } from './prompt-paths';

const tags = ['admin'];
const failures = errors(ref('Error'), 400, 401, 403, 404, 503);
const keyList = {
  type: 'object',
  properties: { keys: { type: 'array', items: schemaOf(keySchema, 'output') } },
};
const parameter = (name: string, place: string, required: boolean): JsonObject => ({
  name,
  in: place,
  required,
  schema: { type: 'string' },
});

/** Doors of administration: a tenant's administrator acts on its own tenant, the deployment's on all. */
export const adminPaths: JsonObject = {
  '/admin/keys': {
    post: {
      operationId: 'createKey',
      tags,
      summary: 'Make an API key; it is shown this once',
      requestBody: { required: true, content: json(schemaOf(newKeySchema, 'input')) },
      responses: {
        201: { description: 'The key.', content: json(envelopeOf(schemaOf(newKeyReplySchema, 'output'))) },
        ...failures,
      },
    },
    get: {
      operationId: 'listKeys',
      tags,
      summary: 'Keys without their secrets',
      parameters: [parameter('tenant_id', 'query', false)],
      responses: { 200: { description: 'The keys.', content: json(envelopeOf(keyList)) }, ...failures },
    },
  },
  '/admin/keys/{id}': {
    delete: {
      operationId: 'revokeKey',
      tags,
      summary: 'Take a key back, at once on every gateway',
      parameters: [parameter('id', 'path', true)],
      responses: {
        200: {
          description: 'It is revoked.',
          content: json(
            envelopeOf({
              type: 'object',
              properties: {
                revoked: { const: true },
                was_active: { type: 'boolean' },
                key: schemaOf(keySchema, 'output'),
              },
            }),
          ),
        },
        ...failures,
      },
    },
  },
  '/admin/cache': {
    get: {
      operationId: 'readCache',
      tags,
      summary: 'What the cache keeps and has done; for the deployment’s administrator',
      responses: {
        200: { description: 'The figures.', content: json(envelopeOf(schemaOf(cacheStatsSchema, 'output'))) },
        ...failures,
      },
    },
  },
  '/admin/cache/pairs': {
    get: {
      operationId: 'readPairs',
      tags,
      summary: 'Judged pairs of a tenant’s questions, a line of JSON each, for training a verifier of its own',
      parameters: [parameter('tenant_id', 'query', false)],
      responses: { 200: { description: 'The pairs.', content: { 'application/x-ndjson': {} } }, ...failures },
    },
  },
  '/admin/cache/invalidate': {
    post: {
      operationId: 'invalidateCache',
      tags,
      summary: 'Drop stored answers of a tenant by key, model or tag, or all; or all of every tenant',
      requestBody: { required: true, content: json(schemaOf(invalidationSchema, 'input')) },
      responses: {
        200: {
          description: 'They are gone.',
          content: json(
            envelopeOf({
              type: 'object',
              properties: { tenant_id: { type: 'string' }, removed_entries: { type: 'integer' } },
            }),
          ),
        },
        ...failures,
      },
    },
  },
  ...anomalyPaths,
  ...booksPaths,
  ...budgetPaths,
  ...promptPaths,
  ...controlPaths,
};
