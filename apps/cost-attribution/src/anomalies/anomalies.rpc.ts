import type { AnomalyServiceServer, ListAlertsRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Ledger, StoredAlert } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import type { AlertSink } from '../alerts/sinks/alert-sinks';
import { testAlert } from '../alerts/test-alert';
import { unary } from '../grpc/unary';
import { readFilter, readPlan, readText, readVerdict } from './anomaly-requests';
import { renderAnomaly } from './render-anomaly';

const MAX_ALERTS = 1_000;

/** gRPC edge of anomalies and alerts: `AnomalyService`. */
export function createAnomaliesRpc(options: {
  ledger: Pick<Ledger, 'anomalies' | 'alerts'>;
  sinks: readonly AlertSink[];
  logger: Logger;
}): AnomalyServiceServer {
  const { ledger, sinks, logger } = options;
  return {
    listAnomalies: unary(logger, async (request) => {
      const anomalies = await ledger.anomalies.list(readFilter(request, Date.now()));
      return { json: JSON.stringify({ anomalies: anomalies.map(renderAnomaly) }) };
    }),
    judgeAnomaly: unary(logger, async (request) => {
      if (request.id === '') {
        const plan = readPlan(request, Date.now());
        await ledger.anomalies.plan(plan);
        return { json: JSON.stringify({ planned: true, tenant_id: plan.tenantId, dimension: plan.dimension }) };
      }
      const tenantId = request.tenantId === '' ? undefined : readText('tenant_id', request.tenantId);
      const id = readText('id', request.id);
      const judged = await ledger.anomalies.judge(id, tenantId, readVerdict(request, Date.now()));
      if (!judged) throw new CostlaneError('not_found', 'There is no anomaly with this id.', { field: 'id' });
      return { json: JSON.stringify(renderAnomaly(judged)) };
    }),
    listAlerts: unary(logger, async ({ tenantId, isFiringOnly }: ListAlertsRequest) => {
      const of = tenantId === '' ? {} : { tenantId: readText('tenant_id', tenantId) };
      const alerts = await ledger.alerts.list({ ...of, isFiringOnly, limit: MAX_ALERTS });
      return { json: JSON.stringify({ alerts: alerts.map(renderAlert) }) };
    }),
    testAlert: unary(logger, async ({ sink }) => ({ json: JSON.stringify(await testAlert(sinks, sink)) })),
  };
}

const timeOf = (epochMs: number | undefined): string | null =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();

const renderAlert = (alert: StoredAlert) => ({
  rule: alert.rule,
  tenant_id: alert.tenantId === '' ? null : alert.tenantId,
  scope: alert.scope,
  severity: alert.severity,
  status: alert.firingSinceMs === undefined ? 'pending' : 'firing',
  summary: alert.summary,
  labels: alert.labels,
  since: timeOf(alert.seenSinceMs),
  firing_since: timeOf(alert.firingSinceMs),
  notified_at: timeOf(alert.notifiedAtMs),
});
