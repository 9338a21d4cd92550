import { fallbacksKey } from '@costlane/contracts';
import type { Metrics } from './metrics';
import type { Redis } from './redis';

const INTERVAL_MS = 5_000;
const LIFETIME_SECONDS = 86_400;

export interface TellFallbacksOptions {
  service: string;
  metrics: Pick<Metrics, 'registry'>;
  redis: Pick<Redis, 'status' | 'pipeline'>;
  intervalMs?: number;
}

/**
 * Adds to a hash in Redis what this process has counted under `costlane_fallback_total`, for alerts: read from the counter every five seconds, so that counting costs the road of a request nothing more. While Redis is away
 * it is told later.
 */
export function tellFallbacks({ service, metrics, redis, intervalMs = INTERVAL_MS }: TellFallbacksOptions): {
  stop(): void;
} {
  const told = new Map<string, number>();
  let isBusy = false;

  async function tell(): Promise<void> {
    if (isBusy || redis.status !== 'ready') return;
    isBusy = true;
    try {
      const more = await newCounts();
      if (more.length === 0) return;
      const pipeline = redis.pipeline();
      for (const { kind, count } of more) pipeline.hincrby(fallbacksKey, `${service}/${kind}`, count);
      pipeline.expire(fallbacksKey, LIFETIME_SECONDS);
      const replies = await pipeline.exec();
      if (replies?.some(([error]) => error)) return;
      for (const { kind, total } of more) told.set(kind, total);
    } catch {
      // Told with the next ones.
    } finally {
      isBusy = false;
    }
  }

  async function newCounts(): Promise<{ kind: string; count: number; total: number }[]> {
    const metric = metrics.registry.getSingleMetric('costlane_fallback_total');
    if (!metric) return [];
    const { values } = await metric.get();
    return values.flatMap(({ value, labels }) => {
      const kind = String(labels['kind'] ?? '');
      const count = value - (told.get(kind) ?? 0);
      return count > 0 ? [{ kind, count, total: value }] : [];
    });
  }

  const timer = setInterval(() => void tell(), intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
