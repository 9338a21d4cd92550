import type { FastifyInstance } from 'fastify';
import { CostlaneError } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { AdminServices } from '../admin/admin-clients';
import { reachFinder } from '../admin/admin-request';
import type { AdminReach } from '../auth/admin-reach';
import type { Authenticator } from '../auth/authenticator';
import { experimentCsv, type ExperimentReport } from './experiment-csv';

export interface AnalyticsDoorDeps {
  authenticator: Pick<Authenticator, 'authenticateAdmin'>;
  services: Pick<AdminServices, 'control' | 'experiments'>;
}

/**
 * `GET /analytics/experiments/:id`: what an experiment has shown, also after it was stopped. The deployment's administrator sees all of it; a
 * tenant's sees the tenant's own requests, in the tenant's experiments and in those of everyone.
 */
export function registerAnalyticsDoor(fastify: FastifyInstance, { authenticator, services }: AnalyticsDoorDeps): void {
  const reach = reachFinder(authenticator);
  fastify.get<{ Params: { id: string }; Querystring: { format?: unknown } }>(
    '/analytics/experiments/:id',
    async (request, reply) => {
      const within = await reach(request);
      const { id } = request.params;
      const format = readFormat(request.query.format);
      await requireVisible(services, within, id);
      const tenantId = within.kind === 'tenant' ? within.tenantId : undefined;
      const report = (await services.experiments.report(id, tenantId)) as ExperimentReport;
      if (format === 'json') return successEnvelope(report);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="experiment-${report.id}.csv"`)
        .send(experimentCsv(report));
    },
  );
}

function readFormat(format: unknown): 'json' | 'csv' {
  if (format === undefined || format === 'json') return 'json';
  if (format === 'csv') return 'csv';
  throw new CostlaneError('invalid_request', 'Parameter "format" has to be json or csv.', { field: 'format' });
}

/** Another tenant's experiment is answered like one that does not exist. */
async function requireVisible(
  { control }: Pick<AdminServices, 'control'>,
  within: AdminReach,
  id: string,
): Promise<void> {
  const found = await control.get('experiment', id);
  const owner = found?.body['tenantId'];
  if (found && (within.kind === 'deployment' || owner === undefined || owner === within.tenantId)) return;
  throw new CostlaneError('not_found', 'There is no experiment with this id.', { field: 'id' });
}
