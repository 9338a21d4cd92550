import { LRUCache } from 'lru-cache';

/** Vectors of questions that were looked up and not found: their answers come a moment later, and need not be embedded again. */
export interface RecentVectors {
  keep(tenantId: string, text: string, vector: Float32Array): void;
  of(tenantId: string, text: string): Float32Array | undefined;
}

const MAX_VECTORS = 2_000;
/** Longer than almost any answer takes. */
const LIFETIME_MS = 120_000;

/** The tenant is part of the key: how fast a question is embedded must not tell what another tenant asks. */
export function createRecentVectors(): RecentVectors {
  const vectors = new LRUCache<string, Float32Array>({ max: MAX_VECTORS, ttl: LIFETIME_MS, ttlResolution: 1_000 });
  const keyOf = (tenantId: string, text: string): string => `${tenantId}\n${text}`;
  return {
    keep: (tenantId, text, vector) => void vectors.set(keyOf(tenantId, text), vector),
    of: (tenantId, text) => vectors.get(keyOf(tenantId, text)),
  };
}
