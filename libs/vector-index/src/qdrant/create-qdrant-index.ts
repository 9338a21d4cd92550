import type { QdrantClient } from '@qdrant/js-client-rest';
import { checkQuery, checkRecord } from '../check-input';
import type { IndexIdentity, VectorIndex, VectorMatch, VectorQuery, VectorRecord } from '../vector-index';
import { collectionNameOf, ensureCollection, type PointPayload } from './collection';
import { connectQdrant } from './connect-qdrant';
import { pointIdOf } from './point-id';
import { malformedAnswer, statusOf, toIndexError } from './to-index-error';

export interface QdrantIndexOptions {
  url: string;
  apiKey?: string;
  /** Begins the collection's name; model and dimension follow. */
  collectionPrefix: string;
  identity: IndexIdentity;
  /** For one request that searches or counts. Default 2,000. */
  searchTimeoutMs?: number;
  /** For one request that writes or sets up the collection. Default 15,000. */
  writeTimeoutMs?: number;
  /** Whether vectors are kept as int8 in Qdrant's memory: a quarter of the bytes. Only for a collection that is yet to be made. Default no. */
  isQuantized?: boolean;
  /** How often expired points are deleted; searches never give them anyway. Default 10 minutes. */
  purgeIntervalMs?: number;
  /** A purge that failed. */
  onError?: (error: unknown) => void;
  nowMs?: () => number;
}

/** A vector index in a Qdrant server, which many replicas share. */
export interface QdrantIndex extends VectorIndex {
  readonly collection: string;
  /** Deletes the points whose time has passed. */
  purgeExpired(): Promise<void>;
}

const POINTS_PER_REQUEST = 256;
const QUERIES_PER_REQUEST = 100;
const PURGE_INTERVAL_MS = 600_000;

/**
 * Makes the adapter; the collection is looked for, or made, when it is first needed. Throws `invalid_request` for an odd address. Its
 * methods reject with `unavailable` or `deadline_exceeded`; nothing is tried twice, but for what a missing collection refused.
 */
export function createQdrantIndex(options: QdrantIndexOptions): QdrantIndex {
  const { identity, url, apiKey, nowMs = Date.now, onError = () => undefined } = options;
  const reader = connectQdrant({ url, apiKey, timeoutMs: options.searchTimeoutMs ?? 2_000 });
  const writer = connectQdrant({ url, apiKey, timeoutMs: options.writeTimeoutMs ?? 15_000 });
  const collection = collectionNameOf(options.collectionPrefix, identity);
  let ready: Promise<void> | undefined;

  const ensure = (): Promise<void> => {
    const isQuantized = options.isQuantized ?? false;
    ready ??= ensureCollection(writer, { name: collection, dimension: identity.dimension, isQuantized }).catch(
      (error: unknown) => {
        ready = undefined;
        throw error;
      },
    );
    return ready;
  };
  const withCollection = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      await ensure();
      return await run().catch(async (error: unknown) => {
        if (statusOf(error) !== 404) throw error;
        // Somebody has deleted the collection, or the server came back without its data.
        ready = undefined;
        await ensure();
        return run();
      });
    } catch (error) {
      throw toIndexError(error);
    }
  };
  const isAlive = () => ({ key: 'expires_at_ms', range: { gt: nowMs() } });
  const purgeExpired = (): Promise<void> =>
    withCollection(async () => {
      await writer.delete(collection, {
        filter: { must: [{ key: 'expires_at_ms', range: { lte: nowMs() } }] },
        wait: true,
      });
    });
  const purge = setInterval(() => void purgeExpired().catch(onError), options.purgeIntervalMs ?? PURGE_INTERVAL_MS);
  purge.unref();

  return {
    identity,
    collection,
    purgeExpired,
    async upsert(records) {
      records.forEach((record, i) => checkRecord(record, i, identity));
      // The last of several records of one id counts, whatever the server would make of it.
      const points = new Map(records.map((record) => [pointIdOf(record.tenantId, record.id), record]));
      for (const chunk of chunksOf([...points], POINTS_PER_REQUEST))
        await withCollection(() => writer.upsert(collection, { points: chunk.map(pointOf), wait: true }));
    },
    async search(queries) {
      const canFind = queries.map((query, i) => checkQuery(query, i, identity));
      const asked = queries.filter((_, i) => canFind[i]);
      const found: VectorMatch[][] = [];
      for (const chunk of chunksOf(asked, QUERIES_PER_REQUEST))
        found.push(...(await withCollection(() => searchChunk(reader, collection, chunk, isAlive()))));
      return canFind.map((can) => (can ? (found.shift() ?? []) : []));
    },
    async remove(tenantId, ids) {
      for (const chunk of chunksOf([...new Set(ids)], 4 * POINTS_PER_REQUEST)) {
        const points = chunk.map((id) => pointIdOf(tenantId, id));
        await withCollection(() => writer.delete(collection, { points, wait: true }));
      }
      return ids.length;
    },
    async removeTenant(tenantId) {
      const filter = { must: [matches('tenant_id', tenantId)] };
      await withCollection(() => writer.delete(collection, { filter, wait: true }));
    },
    async count(tenantId) {
      const must = [...(tenantId === undefined ? [] : [matches('tenant_id', tenantId)]), isAlive()];
      const answer = await withCollection(() => reader.count(collection, { filter: { must }, exact: true }));
      if (typeof answer.count !== 'number') throw malformedAnswer('a count');
      return answer.count;
    },
    async close() {
      clearInterval(purge);
    },
  };
}

const matches = (key: keyof PointPayload & string, value: string) => ({ key, match: { value } });

function pointOf([id, record]: [string, VectorRecord]) {
  const payload: PointPayload = {
    tenant_id: record.tenantId,
    context_hash: record.contextHash,
    model_class: record.modelClass,
    expires_at_ms: Math.floor(Math.min(record.expiresAtMs, Number.MAX_SAFE_INTEGER)),
    record_id: record.id,
  };
  return { id, vector: [...record.vector], payload };
}

async function searchChunk(
  client: QdrantClient,
  collection: string,
  queries: readonly VectorQuery[],
  isAlive: { key: string; range: { gt: number } },
): Promise<VectorMatch[][]> {
  const answer: unknown = await client.queryBatch(collection, {
    searches: queries.map(({ vector, tenantId, contextHash, modelClass, limit, minSimilarity }) => ({
      query: [...vector],
      filter: {
        must: [
          matches('tenant_id', tenantId),
          matches('context_hash', contextHash),
          matches('model_class', modelClass),
          isAlive,
        ],
      },
      limit,
      score_threshold: minSimilarity,
      with_payload: ['record_id'],
    })),
  });
  if (!Array.isArray(answer) || answer.length !== queries.length) throw malformedAnswer('an answer');
  return answer.map(matchesOf);
}

function matchesOf(one: unknown): VectorMatch[] {
  const { points } = (one ?? {}) as { points?: unknown };
  if (!Array.isArray(points)) throw malformedAnswer('an answer');
  return points.map((point: { score?: unknown; payload?: { record_id?: unknown } } | null) => {
    const id = point?.payload?.record_id;
    const similarity = point?.score;
    if (typeof id !== 'string' || typeof similarity !== 'number') throw malformedAnswer('a match');
    return { id, similarity: Math.min(1, Math.max(-1, similarity)) };
  });
}

function* chunksOf<T>(items: readonly T[], size: number): Iterable<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
