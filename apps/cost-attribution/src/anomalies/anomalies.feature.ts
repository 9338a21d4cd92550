import { AnomalyServiceService } from '@costlane/contracts';
import { defaultAnomalySettings } from '@costlane/domain';
import { createAlertMetrics } from '../alerts/alert-metrics';
import { deliverAlerts } from '../alerts/deliver-alerts';
import { createOwnSignals } from '../alerts/own-signals';
import { createRulesFile } from '../alerts/rules-file';
import { createAlertSinks } from '../alerts/sinks/alert-sinks';
import { createAlertWatch } from '../alerts/watch-alerts';
import type { OutboxVerdict } from '@costlane/ledger';
import type { Feature, FeatureDeps } from '../feature';
import { createMeasuredShares } from '../holdout/measured-shares';
import { createAnomaliesRpc } from './anomalies.rpc';
import { createAnomalyScan } from './anomaly-scan';

const SEND_TIMEOUT_MS = 10_000;
/** The first scan reads five weeks. */
const SCAN_TIMEOUT_MS = 240_000;
const WATCH_TIMEOUT_MS = 50_000;
const DAY_MS = 86_400_000;

/** Finds anomalies in the rollups, and tells of them and of all else that rules name. */
export function createAnomaliesFeature(deps: FeatureDeps): Feature {
  const { config, ledger, redis, metrics, logger } = deps;
  const { scanIntervalMs, ...limits } = config.anomalies;
  const sinks = createAlertSinks(config.alerts.sinks, { timeoutMs: SEND_TIMEOUT_MS, now: Date.now });
  for (const { name: sink, problem: reason } of sinks)
    if (reason !== undefined)
      logger.error({ sink, reason }, 'a sink of alerts cannot be told: see ALERT_ALLOWED_HOSTS');
  const counted = createAlertMetrics(metrics);
  const scan = createAnomalyScan({ store: ledger.anomalies, settings: { ...defaultAnomalySettings, ...limits } });
  const series = metrics.gauge({ name: 'costlane_anomaly_series', help: 'Scopes that the last scan has watched' });
  const watch = createAlertWatch({
    ledger,
    store: ledger.alerts,
    rules: createRulesFile(config.alerts.rulesFile, logger),
    sinks,
    signals: {
      ...createOwnSignals({ metrics, redis, intervalMs: config.alerts.intervalMs }),
      holdoutSavings: createMeasuredShares(ledger.analytics),
    },
    onStates: counted.show,
    logger,
  });
  const told = (sink: string, result: OutboxVerdict['state'], reason?: string): void => {
    counted.told(sink, result);
    if (reason !== undefined) logger.warn({ sink, result, reason }, 'a sink of alerts was not told');
  };
  return {
    services: [{ definition: AnomalyServiceService, implementation: createAnomaliesRpc({ ledger, sinks, logger }) }],
    tasks: [
      {
        name: 'anomaly-scan',
        schedule: { everyMs: scanIntervalMs },
        timeoutMs: SCAN_TIMEOUT_MS,
        async run(signal) {
          const outcome = await scan(signal);
          series.set(outcome.series);
          for (const { id, tenantId, severity } of outcome.opened) logger.warn({ id, tenantId, severity }, 'anomaly');
        },
      },
      {
        name: 'alerts',
        schedule: { everyMs: config.alerts.intervalMs },
        timeoutMs: WATCH_TIMEOUT_MS,
        async run(signal) {
          await watch();
          await deliverAlerts({ store: ledger.alerts, sinks, onOutcome: told }, signal);
        },
      },
      {
        name: 'delete-old-alerts',
        schedule: { everyMs: DAY_MS },
        timeoutMs: WATCH_TIMEOUT_MS,
        run: () => ledger.alerts.deleteOld(),
      },
    ],
  };
}
