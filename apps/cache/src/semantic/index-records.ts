import type { VectorRecord } from '@costlane/vector-index';
import type { SemanticEntry } from './semantic-entry';

/**
 * Entries with their vectors, without those that nothing is like: a text of signs that no model reads has a vector of zeros, which an index refuses,
 * and with it all that came along.
 */
export const findable = (
  entries: readonly SemanticEntry[],
  vectors: readonly Float32Array[],
): { entry: SemanticEntry; vector: Float32Array }[] =>
  entries.flatMap((entry, at) => {
    const vector = vectors[at];
    return vector?.some((value) => value !== 0) ? [{ entry, vector }] : [];
  });

export const recordOf = (entry: SemanticEntry, vector: Float32Array): VectorRecord => ({
  id: entry.fingerprint,
  tenantId: entry.tenantId,
  contextHash: entry.contextHash,
  modelClass: entry.model,
  expiresAtMs: entry.expiresAtMs,
  vector,
});
