import { AnalyticsServiceService } from '@costlane/contracts';
import { reservedCostPerHour } from '@costlane/domain';
import type { Feature, FeatureDeps } from '../feature';
import { createAnalyticsRpc } from './analytics.rpc';
import { createAnalytics } from './analytics.service';
import { createReportCache } from './report-cache';
import { createRollupVersions } from './rollup-version';
import { timedStore } from './timed-store';
import { createTurns } from './turns';

/** As many reports wait; more are refused. Those who look at dashboards come back. */
const MAX_WAITING = 200;

/** Reports over the rollups, with a cache in front. */
export function createAnalyticsFeature({ config, ledger, redis, names, metrics, logger }: FeatureDeps): Feature {
  const versions = createRollupVersions({ redis, names, logger });
  const analytics = createAnalytics({
    store: timedStore(ledger.analytics, metrics),
    cache: createReportCache({ version: versions.current, metrics }),
    // Half of the connections: records come in through the same ones.
    takeTurn: createTurns(Math.max(Math.floor(config.databasePoolSize / 2), 1), MAX_WAITING),
    focus: { billingAccount: config.focusBillingAccount },
    reservedNanoUsdPerHour: reservedCostPerHour(config.infrastructure),
  });
  return {
    services: [{ definition: AnalyticsServiceService, implementation: createAnalyticsRpc(analytics, logger) }],
  };
}
