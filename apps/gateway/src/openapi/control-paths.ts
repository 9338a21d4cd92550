import { experimentReplySchema, newExperimentSchema } from '../admin/experiment-schema';
import { tenantPolicyReplySchema, tenantPolicySchema } from '../admin/tenant-policy-schema';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const tags = ['admin'];
const failures = errors(ref('Error'), 400, 401, 403, 404, 503);
const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const ok = (description: string, data: JsonObject, status = 200): JsonObject => ({
  [status]: { description, content: json(envelopeOf(data)) },
  ...failures,
});

const policyReply = schemaOf(tenantPolicyReplySchema, 'output');
const experimentReply = schemaOf(experimentReplySchema, 'output');
const anyObject: JsonObject = { type: 'object', additionalProperties: true };

const number: JsonObject = { type: ['number', 'null'] };
const interval = { value: number, low: number, high: number };
const metric: JsonObject = {
  type: 'object',
  properties: {
    ...interval,
    observations: { type: 'integer' },
    difference: {
      type: ['object', 'null'],
      description: 'From the first variant, at the confidence that is corrected for the number of variants.',
      properties: { ...interval, relative: number },
    },
    verdict: { enum: ['better', 'worse', 'no_difference_shown', 'too_few_data', null] },
    users_needed: {
      type: ['integer', 'null'],
      description: 'Users in each of the two variants for a difference of a tenth to be shown four times in five.',
    },
  },
};
const reportReply: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    status: { enum: ['running', 'stopped'] },
    tenant_id: { type: ['string', 'null'], description: 'Whose requests are in it; null: every tenant’s.' },
    started_at: { type: 'string' },
    stopped_at: { type: ['string', 'null'] },
    control: { type: 'string', description: 'The variant that the others are compared with.' },
    confidence: { type: 'number' },
    comparison_confidence: { type: 'number' },
    minimum_users: { type: 'integer', description: 'Fewer users in a variant are too few data.' },
    notes: { type: 'array', items: { type: 'string' } },
    variants: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          weight: { type: 'number' },
          requests: { type: 'integer' },
          users: { type: 'integer' },
          cost_usd_total: { type: 'number' },
          baseline_usd_total: { type: 'number' },
          metrics: { type: 'object', additionalProperties: metric },
        },
      },
    },
  },
};

const staged = (what: 'approve' | 'reject', summary: string): JsonObject => ({
  post: {
    operationId: `${what}StagedPrice`,
    tags,
    summary,
    parameters: [inPath('id')],
    responses: ok('It is done.', anyObject),
  },
});

/** Doors to what administrators decide: tenants' rules, experiments, prices. */
export const controlPaths: JsonObject = {
  '/admin/tenants/{id}/policy': {
    put: {
      operationId: 'setTenantPolicy',
      tags,
      summary: 'Set rules of a tenant; fields that are not given stay. In force at every gateway within 2 s',
      parameters: [inPath('id')],
      requestBody: { required: true, content: json(schemaOf(tenantPolicySchema, 'input')) },
      responses: ok('The rules in effect.', policyReply),
    },
    get: {
      operationId: 'readTenantPolicy',
      tags,
      summary: 'What holds for a tenant',
      parameters: [inPath('id')],
      responses: ok('The rules in effect.', policyReply),
    },
  },
  '/admin/experiments': {
    post: {
      operationId: 'startExperiment',
      tags,
      summary: 'Split the traffic among variants by a hash of the user',
      requestBody: { required: true, content: json(schemaOf(newExperimentSchema, 'input')) },
      responses: ok('It runs, at every gateway within 2 s.', experimentReply, 201),
    },
    get: {
      operationId: 'listExperiments',
      tags,
      summary: 'Running and stopped experiments',
      responses: ok('The experiments.', {
        type: 'object',
        properties: { experiments: { type: 'array', items: experimentReply } },
      }),
    },
  },
  '/admin/experiments/{id}': {
    get: {
      operationId: 'readExperiment',
      tags,
      summary: 'One experiment',
      parameters: [inPath('id')],
      responses: ok('The experiment.', experimentReply),
    },
    delete: {
      operationId: 'stopExperiment',
      tags,
      summary: 'Stop an experiment; its analytics stay',
      parameters: [inPath('id')],
      responses: ok('It is stopped.', experimentReply),
    },
  },
  '/analytics/experiments/{id}': {
    get: {
      operationId: 'readExperimentReport',
      tags: ['analytics'],
      summary:
        'What an experiment has shown: cost, latency, errors and feedback by variant, with intervals and verdicts',
      parameters: [inPath('id'), { name: 'format', in: 'query', required: false, schema: { enum: ['json', 'csv'] } }],
      responses: {
        200: { description: 'The report.', content: { ...json(envelopeOf(reportReply)), 'text/csv': {} } },
        ...failures,
      },
    },
  },
  '/admin/catalog': {
    get: {
      operationId: 'readCatalog',
      tags,
      summary:
        'Models with their prices and where these are from; for the deployment’s administrator, as all of the catalog',
      responses: ok('The catalog.', anyObject),
    },
  },
  '/admin/catalog/staged': {
    get: {
      operationId: 'listStagedPrices',
      tags,
      summary: 'Changes of prices that wait to be approved',
      responses: ok('The changes.', { type: 'array', items: anyObject }),
    },
  },
  '/admin/catalog/staged/{id}/approve': staged('approve', 'Let a change of a price take effect'),
  '/admin/catalog/staged/{id}/reject': staged('reject', 'Drop a change of a price'),
  '/admin/catalog/refresh': {
    post: {
      operationId: 'refreshPrices',
      tags,
      summary: 'Fetch the list of prices now',
      responses: ok('What came of it.', anyObject),
    },
  },
};
