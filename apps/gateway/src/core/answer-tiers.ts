import type { Metrics, Redis } from '@costlane/platform';
import { createMemoryTier, createResponseStore, type MemoryTier, type ResponseStore } from '@costlane/response-store';
import type { GatewayConfig } from '../config';

/** Where a gateway looks for answers by itself. */
export interface AnswerTiers {
  memory: MemoryTier;
  store: ResponseStore;
  /** Tells Redis of the last uses, as far as it listens. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
/** What the end of the process waits for a Redis that does not answer: uses only order evictions. */
const LAST_REPORT_MS = 200;

/** The gateway's own memory and the exact tier in Redis. */
export function createAnswerTiers(config: GatewayConfig, redis: Redis, metrics: Metrics): AnswerTiers {
  const policy = config.CACHE_EVICTION_POLICY;
  const evictions = metrics
    .counter({
      name: 'costlane_cache_evictions_total',
      help: 'Entries that went because there was no room, by tier and policy',
      labelNames: ['tier', 'policy'],
    })
    .labels('memory', policy);
  const memory = createMemoryTier({
    maxEntries: config.CACHE_MEMORY_ENTRIES,
    ttlMs: config.CACHE_MEMORY_TTL_SECONDS * 1000,
    maxBytes: config.CACHE_MAX_MEMORY_MB * MEBIBYTE,
    policy,
    onEvicted: (entries) => evictions.inc(entries),
  });
  const store = createResponseStore({ redis, maxEntryBytes: config.CACHE_MAX_ENTRY_BYTES, policy });
  return {
    memory,
    store,
    async close() {
      await Promise.race([store.flushUses(), new Promise((done) => setTimeout(done, LAST_REPORT_MS))]);
      store.stop();
    },
  };
}
