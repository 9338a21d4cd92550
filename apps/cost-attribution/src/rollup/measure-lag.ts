import type { Ledger } from '@costlane/ledger';
import type { Logger, Metrics } from '@costlane/platform';

const INTERVAL_MS = 15_000;

/** Shows how old the oldest hour is that has changed and is not rolled up: also of use, and highest, when nobody rolls up. */
export function measureRollupLag(deps: {
  rollups: Pick<Ledger['rollups'], 'lagSeconds'>;
  metrics: Metrics;
  logger: Logger;
  intervalMs?: number;
}): { start(): void; stop(): void } {
  const { rollups, metrics, logger, intervalMs = INTERVAL_MS } = deps;
  const lag = metrics.gauge({
    name: 'costlane_rollup_lag_seconds',
    help: 'Age of the oldest change of the ledger that is not in the hourly rollups; 0: there is none',
  });
  let timer: NodeJS.Timeout | undefined;
  const measure = async (): Promise<void> => {
    try {
      lag.set(await rollups.lagSeconds());
    } catch (err) {
      logger.debug({ err }, 'the lag of the rollups is not known');
    }
  };
  return {
    start() {
      void measure();
      timer = setInterval(() => void measure(), intervalMs);
    },
    stop: () => clearInterval(timer),
  };
}
