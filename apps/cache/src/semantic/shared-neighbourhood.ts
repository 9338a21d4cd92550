import type { Embedder } from '@costlane/embedding';
import type { Logger, Metrics } from '@costlane/platform';
import type { VectorIndex } from '@costlane/vector-index';
import { LRUCache } from 'lru-cache';
import type { EntrySource } from './entry-source';
import type { Candidate } from './judge-candidates';
import { findable, recordOf } from './index-records';
import type { Neighbourhood } from './neighbourhood';
import type { SemanticEntry } from './semantic-entry';

export interface SharedNeighbourhoodOptions {
  index: VectorIndex;
  source: EntrySource;
  embedder: Embedder;
  limit: number;
  logger: Logger;
  metrics: Pick<Metrics, 'fallback'>;
  /** How long a count of entries is good for. Default 10 s. */
  recountMs?: number;
}

/** Questions that were read lately, with how often they came up here. */
const REMEMBERED = 20_000;

/**
 * Stored questions in a database that all replicas share. It holds vectors and filters only; a candidate's question is read from the exact tier, which
 * is also where it is seen whether its answer is still there.
 */
export function createSharedNeighbourhood(options: SharedNeighbourhoodOptions): Neighbourhood {
  const { index, source, embedder, limit, logger, metrics } = options;
  const asked = new LRUCache<string, number>({ max: REMEMBERED });
  const keyOf = (tenantId: string, fingerprint: string): string => `${fingerprint}/${tenantId}`;
  const countOf = createCounts(options);

  const dropGone = (tenantId: string, ids: string[]): void => {
    if (ids.length === 0) return;
    index.remove(tenantId, ids).catch((error: unknown) => {
      metrics.fallback('semantic_index_remove');
      logger.warn({ err: error }, 'entries whose answers have gone could not be removed from the vector index');
    });
  };

  return {
    kind: 'qdrant',
    async find(queries) {
      const found = await index.search(queries.map(({ model, ...query }) => ({ ...query, modelClass: model, limit })));
      return Promise.all(
        queries.map(async ({ tenantId, contextHash, model }, at) => {
          const matches = found[at] ?? [];
          const entries = await source.read(
            tenantId,
            matches.map(({ id }) => id),
          );
          dropGone(
            tenantId,
            matches.flatMap(({ id }, place) => (entries[place] ? [] : [id])),
          );
          const candidates = matches.map(({ id, similarity }, place): Candidate => {
            // The database filters; what it gives is believed only where the entry itself says the same.
            const read = entries[place];
            const entry = read?.contextHash === contextHash && read.model === model ? read : undefined;
            const timesAsked = asked.get(keyOf(tenantId, id)) ?? 0;
            return { similarity, entry, timesAsked };
          });
          return { candidates, isLoading: false };
        }),
      );
    },
    async onFilled(tenantId, fingerprints) {
      const read = await source.read(tenantId, fingerprints);
      const stored = read.filter((entry): entry is SemanticEntry => entry !== undefined);
      if (stored.length === 0) return;
      const vectors = await embedder.embed(stored.map(({ text }) => text));
      await index.upsert(findable(stored, vectors).map(({ entry, vector }) => recordOf(entry, vector)));
    },
    touch({ tenantId, fingerprint }) {
      const key = keyOf(tenantId, fingerprint);
      asked.set(key, (asked.get(key) ?? 0) + 1);
    },
    async remove(tenantId, selection) {
      if ('key' in selection) await index.remove(tenantId, [selection.key]);
      else if ('all' in selection) await index.removeTenant(tenantId);
      // By model or tag: the answers are gone from the exact tier, so that these entries are found gone and removed when they come up.
    },
    // Every answer is gone from the exact tier: entries are found gone and removed when they come up.
    clear: async () => undefined,
    reload: () => undefined,
    entries: countOf,
    close: () => index.close(),
  };
}

const MAX_COUNTS = 1_000;
const MAX_COUNTING = 16;

/** Entries of a tenant, or of all, as the database counted them lately; asked for anew behind the caller's back. */
function createCounts({
  index,
  metrics,
  recountMs = 10_000,
}: SharedNeighbourhoodOptions): (tenantId?: string) => number {
  const counts = new LRUCache<string, number>({
    max: MAX_COUNTS,
    ttl: recountMs,
    ttlResolution: 0,
    allowStale: true,
    noDeleteOnStaleGet: true,
  });
  const counting = new Set<string>();
  return (tenantId) => {
    // No tenant has an empty name.
    const key = tenantId ?? '';
    if (!counts.has(key) && !counting.has(key) && counting.size < MAX_COUNTING) {
      counting.add(key);
      index
        .count(tenantId)
        .then(
          (count) => void counts.set(key, count),
          () => metrics.fallback('semantic_index_count'),
        )
        .finally(() => counting.delete(key));
    }
    return counts.get(key) ?? 0;
  };
}
