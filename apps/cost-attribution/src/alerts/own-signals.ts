import { fallbacksKey } from '@costlane/contracts';
import type { Metrics, Redis } from '@costlane/platform';
import type { AlertSignals } from './alert-conditions';

/** How much older than the interval of looks counts may be: beyond it another instance has looked meanwhile, and they say nothing of now. */
const INTERVALS = 5;

/** Signals that this process has at hand: its own gauges, and what services have written of their fallbacks. */
export function createOwnSignals({
  metrics,
  redis,
  intervalMs,
  now = Date.now,
}: {
  metrics: Pick<Metrics, 'registry'>;
  redis: Pick<Redis, 'hgetall'>;
  intervalMs: number;
  now?: () => number;
}): Omit<AlertSignals, 'holdoutSavings'> {
  let before: { counts: Record<string, number>; atMs: number } | undefined;
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
      before = { counts, atMs: now() };
      // What was counted before this process looked is no news.
      if (known === undefined || before.atMs - known.atMs > INTERVALS * intervalMs) return [];
      return Object.entries(counts).flatMap(([name, count]) => {
        const more = count - (known.counts[name] ?? 0);
        const [service = '', kind = ''] = name.split('/');
        return more > 0 ? [{ service, kind, count: more }] : [];
      });
    },
  };
}

/** Undefined: this process has no such gauge. */
async function gaugeOf(metrics: Pick<Metrics, 'registry'>, name: string): Promise<number | undefined> {
  const metric = metrics.registry.getSingleMetric(name);
  if (!metric) return undefined;
  const { values } = await metric.get();
  return values[0]?.value;
}
