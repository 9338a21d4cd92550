import type { EvictionPolicy } from '@costlane/domain';
import type { Metrics } from '@costlane/platform';
import { skipReasons, type SkipReason } from './should-store';

export interface FillMetrics {
  filled(entries: number, sizeBytes: number): void;
  skipped(reason: SkipReason, entries?: number): void;
  invalidated(entries: number): void;
  /** Entries that went because their tenant had too many. */
  evicted(entries: number): void;
  /** From the answer to its place in the cache. */
  delay(seconds: number): void;
  totals(): { filled: number; skipped: number; invalidated: number };
}

const delayBucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300];

/** What the cache's filling counts: in Prometheus, and since the start for `Stats`. */
export function createFillMetrics(metrics: Metrics, policy: EvictionPolicy = 'lru'): FillMetrics {
  const totals = { filled: 0, skipped: 0, invalidated: 0 };
  const fills = metrics.counter({ name: 'costlane_cache_fills_total', help: 'Answers stored in the exact tier' });
  const bytes = metrics.counter({ name: 'costlane_cache_fill_bytes_total', help: 'Bytes of the answers stored' });
  const invalidations = metrics.counter({
    name: 'costlane_cache_invalidated_entries_total',
    help: 'Entries removed on request',
  });
  const evictions = metrics
    .counter({
      name: 'costlane_cache_evictions_total',
      help: 'Entries that went because there was no room, by tier and policy',
      labelNames: ['tier', 'policy'],
    })
    .labels('exact', policy);
  const delays = metrics.histogram({
    name: 'costlane_cache_fill_delay_seconds',
    help: 'Time from the complete answer to its place in the cache',
    buckets: delayBucketsSeconds,
  });
  const skips = metrics.counter({
    name: 'costlane_cache_fill_skips_total',
    help: 'Finished requests whose answer was not stored, by reason',
    labelNames: ['reason'],
  });
  const skipsByReason = new Map(skipReasons.map((reason) => [reason, skips.labels(reason)]));
  return {
    filled(entries, sizeBytes) {
      totals.filled += entries;
      fills.inc(entries);
      bytes.inc(sizeBytes);
    },
    skipped(reason, entries = 1) {
      totals.skipped += entries;
      skipsByReason.get(reason)?.inc(entries);
    },
    invalidated(entries) {
      totals.invalidated += entries;
      invalidations.inc(entries);
    },
    evicted: (entries) => evictions.inc(entries),
    delay: (seconds) => delays.observe(seconds),
    totals: () => ({ ...totals }),
  };
}

export interface Lag {
  entries: number;
  pending: number;
}

/** How long a scrape waits for Redis before it shows the last figures. */
const LAG_TIMEOUT_MS = 300;

/** Gauges that ask for the consumer's lag when somebody scrapes, so that an idle service does nothing. */
export function registerLagGauges(metrics: Metrics, lag: () => Promise<Lag>): void {
  let running: Promise<Lag | undefined> | undefined;
  const ask = (): Promise<Lag | undefined> => {
    running ??= withTimeout(lag(), LAG_TIMEOUT_MS).finally(() => (running = undefined));
    return running;
  };
  metrics.gauge({
    name: 'costlane_cache_fill_queue_depth',
    help: 'Entries of the completions stream that the cache has not read',
    async collect() {
      const now = await ask();
      if (now) this.set(now.entries);
    },
  });
  metrics.gauge({
    name: 'costlane_cache_fill_pending_entries',
    help: 'Entries of the completions stream that the cache has read and not acknowledged',
    async collect() {
      const now = await ask();
      if (now) this.set(now.pending);
    },
  });
}

function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    work.then(resolve, () => resolve(undefined)).finally(() => clearTimeout(timer));
  });
}
