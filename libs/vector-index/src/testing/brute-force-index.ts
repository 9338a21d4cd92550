import { checkQuery, checkRecord } from '../check-input';
import type { VectorIndex, VectorMatch, VectorQuery, VectorRecord } from '../vector-index';
import { cosineOf } from './sample-vectors';

/** What a search should give, by comparing with every record in floating point. For specs only. */
export function searchAll(records: readonly VectorRecord[], query: VectorQuery, nowMs: number): VectorMatch[] {
  return records
    .filter(
      (record) =>
        record.tenantId === query.tenantId &&
        record.contextHash === query.contextHash &&
        record.modelClass === query.modelClass &&
        record.expiresAtMs > nowMs,
    )
    .map((record) => ({ id: record.id, similarity: cosineOf(record.vector, query.vector) }))
    .filter(({ similarity }) => similarity >= query.minSimilarity)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, query.limit);
}

/** The port in a few lines, slow and exact: a stand-in for specs of what uses an index. */
export function createBruteForceIndex(identity: VectorIndex['identity'], nowMs: () => number = Date.now): VectorIndex {
  const records = new Map<string, VectorRecord>();
  const keyOf = (tenantId: string, id: string): string => JSON.stringify([tenantId, id]);
  return {
    identity,
    async upsert(given) {
      given.forEach((record, i) => checkRecord(record, i, identity));
      for (const record of given) records.set(keyOf(record.tenantId, record.id), record);
    },
    async search(queries) {
      const canFind = queries.map((query, i) => checkQuery(query, i, identity));
      return queries.map((query, i) => (canFind[i] ? searchAll([...records.values()], query, nowMs()) : []));
    },
    remove: async (tenantId, ids) => ids.filter((id) => records.delete(keyOf(tenantId, id))).length,
    removeTenant: async (tenantId) => {
      for (const [key, record] of records) if (record.tenantId === tenantId) records.delete(key);
    },
    count: async (tenantId) =>
      [...records.values()].filter(
        (record) => record.expiresAtMs > nowMs() && (tenantId === undefined || record.tenantId === tenantId),
      ).length,
    close: async () => records.clear(),
  };
}
