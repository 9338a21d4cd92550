import { alertTestSchema, anomalyFeedbackSchema, anomalyPlanSchema } from '../admin/anomaly-schema';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const tags = ['admin'];
const failures = errors(ref('Error'), 400, 401, 403, 404, 503);
const anyObject = { type: 'object', additionalProperties: true };
const listOf = (name: string): JsonObject => ({
  type: 'object',
  properties: { [name]: { type: 'array', items: anyObject } },
});
const ok = (description: string, data: JsonObject, status = 200): JsonObject => ({
  [status]: { description, content: json(envelopeOf(data)) },
  ...failures,
});
const inQuery = (name: string, schema: JsonObject): JsonObject => ({ name, in: 'query', required: false, schema });
const tenant = inQuery('tenant_id', { type: 'string' });

/** Doors to anomalies and alerts. */
export const anomalyPaths: JsonObject = {
  '/admin/anomalies': {
    get: {
      operationId: 'listAnomalies',
      tags,
      summary: 'Spend beyond what was expected, of the last 30 days unless said otherwise',
      parameters: [
        tenant,
        inQuery('since', { type: 'string', format: 'date-time' }),
        inQuery('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
        inQuery('open', { type: 'boolean', default: false }),
      ],
      responses: ok('The anomalies, the latest first.', listOf('anomalies')),
    },
  },
  '/admin/anomalies/{id}/feedback': {
    post: {
      operationId: 'judgeAnomaly',
      tags,
      summary: 'Say what an anomaly was: yes, no or planned; what is found from now on takes it into account',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      requestBody: { required: true, content: json(schemaOf(anomalyFeedbackSchema, 'input')) },
      responses: ok('The anomaly.', anyObject),
    },
  },
  '/admin/anomalies/planned': {
    post: {
      operationId: 'planSpend',
      tags,
      summary: 'Announce spend that will be unusual: it gives no alarm and does not become what is usual',
      requestBody: { required: true, content: json(schemaOf(anomalyPlanSchema, 'input')) },
      responses: ok('It is known.', anyObject, 201),
    },
  },
  '/admin/alerts': {
    get: {
      operationId: 'listAlerts',
      tags,
      summary: 'Alerts that fire or are about to',
      parameters: [tenant, inQuery('firing', { type: 'boolean', default: false })],
      responses: ok('The alerts.', listOf('alerts')),
    },
  },
  '/admin/alerts/test': {
    post: {
      operationId: 'testAlerts',
      tags,
      summary: 'Tell one sink, or all, of an alert that is none; for the deployment’s administrator',
      requestBody: { required: true, content: json(schemaOf(alertTestSchema, 'input')) },
      responses: ok('How it went.', listOf('sinks')),
    },
  },
};
