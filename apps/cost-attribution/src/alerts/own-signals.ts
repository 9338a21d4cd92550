import { fallbacksKey } from '@costlane/contracts';
import type { Metrics, Redis } from '@costlane/platform';
import type { AlertSignals } from './alert-conditions';

/** Signals that this process has at hand: its own gauges, and what services have written of their fallbacks. */
export function createOwnSignals({
  metrics,
  redis,
}: {
  metrics: Metrics;
  redis: Redis;
}): Omit<AlertSignals, 'holdoutSavings'> {
  let before: Record<string, number> | undefined;
  return {
    ingestLagSeconds: () => gaugeOf(metrics, 'costlane_ingest_lag_seconds'),
    async isLedgerBalanced() {
      const value = await gaugeOf(metrics, 'costlane_ledger_check_balanced');
      return value === undefined ? undefined : value === 1;
    },
    async fallbacks() {
      const counts = Object.fromEntries(
        Object.entries(await redis.hgetall(fallbacksKey)).map(([name, count]) => [name, Number(count)]),
      );
      const known = before;
      before = counts;
      // What was counted before this process looked is no news.
      if (known === undefined) return [];
      return Object.entries(counts).flatMap(([name, count]) => {
        const more = count - (known[name] ?? 0);
        const [service = '', kind = ''] = name.split('/');
        return more > 0 ? [{ service, kind, count: more }] : [];
      });
    },
  };
}

/** Undefined: this process has no such gauge. */
async function gaugeOf(metrics: Metrics, name: string): Promise<number | undefined> {
  const metric = metrics.registry.getSingleMetric(name);
  if (!metric) return undefined;
  const { values } = await metric.get();
  return values[0]?.value;
}
