import { CostlaneError } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import { tenantInReach } from '../auth/admin-reach';
import { readShape } from '../dialects/costlane/read-request';
import { bodyOf, readTenant, requireDeployment, tenantNamed, type ReachFinder } from './admin-request';
import type { AnomalyAdmin } from './anomalies-door-client';
import { alertTestSchema, anomalyFeedbackSchema, anomalyPlanSchema } from './anomaly-schema';

export interface AnomaliesDoorDeps {
  reach: ReachFinder;
  anomalies: AnomalyAdmin;
}

type Query = Record<'tenant_id' | 'since' | 'limit' | 'open' | 'firing', unknown>;

const MAX_LIMIT = 1_000;
const noPlan = { dimension: '', value: '', from: '' };

/** `GET /admin/anomalies`, `POST /admin/anomalies/:id/feedback`, `POST /admin/anomalies/planned`, `GET /admin/alerts`, `POST /admin/alerts/test`. */
export function registerAnomaliesDoor(fastify: FastifyInstance, { reach, anomalies }: AnomaliesDoorDeps): void {
  fastify.get<{ Querystring: Query }>('/admin/anomalies', async (request) => {
    const { tenant_id: asked, since, limit, open } = request.query;
    const tenantId = tenantInReach(await reach(request), asked === undefined ? undefined : readTenant(asked)) ?? '';
    const listed = await anomalies.list({
      tenantId,
      since: typeof since === 'string' ? since : '',
      limit: readLimit(limit),
      isOpenOnly: readFlag('open', open),
    });
    return successEnvelope(listed);
  });

  fastify.post<{ Params: { id: string } }>('/admin/anomalies/:id/feedback', async (request) => {
    const tenantId = tenantInReach(await reach(request), undefined) ?? '';
    const { verdict, note = '', until = '' } = readShape(anomalyFeedbackSchema, bodyOf(request));
    const { id } = request.params;
    return successEnvelope(await anomalies.judge({ id, tenantId, verdict, note, until, ...noPlan }));
  });

  fastify.post('/admin/anomalies/planned', async (request, reply) => {
    const within = await reach(request);
    const {
      tenant_id: asked,
      dimension,
      value,
      from = '',
      until,
      note = '',
    } = readShape(anomalyPlanSchema, bodyOf(request));
    const tenantId = tenantNamed(tenantInReach(within, asked));
    const plan = { id: '', tenantId, verdict: 'planned', note, until, dimension, value, from };
    return reply.code(201).send(successEnvelope(await anomalies.judge(plan)));
  });

  fastify.get<{ Querystring: Query }>('/admin/alerts', async (request) => {
    const { tenant_id: asked, firing } = request.query;
    const tenantId = tenantInReach(await reach(request), asked === undefined ? undefined : readTenant(asked)) ?? '';
    return successEnvelope(await anomalies.alerts({ tenantId, isFiringOnly: readFlag('firing', firing) }));
  });

  fastify.post('/admin/alerts/test', async (request) => {
    requireDeployment(await reach(request), 'Alerts of the deployment go to its sinks');
    const { sink = '' } = readShape(alertTestSchema, bodyOf(request));
    return successEnvelope(await anomalies.test(sink));
  });
}

function readLimit(value: unknown): number {
  if (value === undefined) return 0;
  const limit = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : NaN;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new CostlaneError('invalid_request', `Parameter "limit" must be 1 to ${MAX_LIMIT}.`, { field: 'limit' });
}

function readFlag(field: string, value: unknown): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new CostlaneError('invalid_request', `Parameter "${field}" must be true or false.`, { field });
}
