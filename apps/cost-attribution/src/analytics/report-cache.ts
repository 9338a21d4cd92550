import { LRUCache } from 'lru-cache';
import type { Metrics } from '@costlane/platform';

/** What is known of the state of the rollups; undefined: nothing can be said, so nothing kept may be shown. */
export type RollupVersion = string | undefined;

export interface ReportCacheOptions {
  /** Which rollup a tenant's figures are of, or without one the deployment's; asked before each look-up. Never rejects. */
  version: (tenantId: string | undefined) => Promise<RollupVersion>;
  metrics: Metrics;
  maxEntries?: number;
  ttlMs?: number;
  /** Milliseconds from wherever; default: the process's own. */
  nowMs?: () => number;
}

export interface ReportCache {
  /** The answer to a tenant's question, kept or made: nothing is shared with another tenant. `question` holds all else that it depends on. */
  get(tenantId: string | undefined, question: string, make: () => Promise<string>): Promise<string>;
}

const MAX_ENTRIES = 5_000;
const TTL_MS = 60_000;
/** In characters: some hundred bytes an answer by far, some megabytes at the most. */
const MAX_TOTAL_SIZE = 64 * 1024 * 1024;
const MAX_ENTRY_SIZE = 2 * 1024 * 1024;

/**
 * Answers that are still true: for a minute at the most, and only while no rollup has changed what they show. Those who ask the same at the
 * same time wait for one answer.
 */
export function createReportCache(options: ReportCacheOptions): ReportCache {
  const { version, metrics, maxEntries = MAX_ENTRIES, ttlMs = TTL_MS, nowMs = () => performance.now() } = options;
  const kept = new LRUCache<string, string>({
    max: maxEntries,
    ttl: ttlMs,
    perf: { now: nowMs },
    ttlResolution: 0,
    maxSize: MAX_TOTAL_SIZE,
    maxEntrySize: MAX_ENTRY_SIZE,
    sizeCalculation: (answer, question) => answer.length + question.length,
  });
  const underWay = new Map<string, Promise<string>>();
  const count = lookUpMetrics(metrics);
  const make = (key: string, isKept: boolean, from: () => Promise<string>): Promise<string> => {
    const running = underWay.get(key);
    if (running) return running;
    const making = from()
      .then((answer) => {
        if (isKept) kept.set(key, answer);
        return answer;
      })
      .finally(() => underWay.delete(key));
    underWay.set(key, making);
    return making;
  };
  return {
    async get(tenantId, question, from) {
      const current = await version(tenantId);
      const key = JSON.stringify([tenantId ?? null, current ?? null, question]);
      const found = current === undefined ? undefined : kept.get(key);
      count(found === undefined ? 'miss' : 'hit');
      return found ?? make(key, current !== undefined, from);
    },
  };
}

function lookUpMetrics(metrics: Metrics): (result: 'hit' | 'miss') => void {
  const total = { hit: 0, miss: 0 };
  const counter = metrics.counter({
    name: 'costlane_analytics_cache_requests_total',
    help: 'Questions to analytics, by whether the answer was kept',
    labelNames: ['result'],
  });
  const rate = metrics.gauge({
    name: 'costlane_analytics_cache_hit_rate',
    help: 'Share of questions to analytics since the start whose answer was kept',
  });
  return (result) => {
    total[result] += 1;
    counter.inc({ result });
    rate.set(total.hit / (total.hit + total.miss));
  };
}
