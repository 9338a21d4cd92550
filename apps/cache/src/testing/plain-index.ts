import type { VectorIndex, VectorRecord } from '@costlane/vector-index';

/** An index that looks at every record: what tests of its users need, and no more. */
export function plainIndex(
  identity = { modelId: 'words', dimension: 64 },
): VectorIndex & { failing: Error | undefined } {
  const records = new Map<string, VectorRecord>();
  const keyOf = (tenantId: string, id: string): string => `${id}/${tenantId}`;
  const index: VectorIndex & { failing: Error | undefined } = {
    failing: undefined,
    identity,
    async upsert(added) {
      if (index.failing) throw index.failing;
      for (const record of added) records.set(keyOf(record.tenantId, record.id), record);
    },
    async search(queries) {
      if (index.failing) throw index.failing;
      return queries.map((query) =>
        [...records.values()]
          .filter(({ tenantId, contextHash, modelClass, expiresAtMs }) => {
            const isMeant = tenantId === query.tenantId && contextHash === query.contextHash;
            return isMeant && modelClass === query.modelClass && expiresAtMs > Date.now();
          })
          .map(({ id, vector }) => ({
            id,
            similarity: vector.reduce((sum, x, at) => sum + x * (query.vector[at] ?? 0), 0),
          }))
          .filter(({ similarity }) => similarity >= query.minSimilarity)
          .sort((a, b) => b.similarity - a.similarity)
          .slice(0, query.limit),
      );
    },
    async remove(tenantId, ids) {
      return ids.filter((id) => records.delete(keyOf(tenantId, id))).length;
    },
    async removeTenant(tenantId) {
      for (const [key, record] of records) if (record.tenantId === tenantId) records.delete(key);
    },
    async count(tenantId) {
      return [...records.values()].filter((record) => tenantId === undefined || record.tenantId === tenantId).length;
    },
    close: async () => undefined,
  };
  return index;
}
