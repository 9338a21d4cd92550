import type { EvictionPolicy } from '@costlane/domain';
import type { Embedder } from '@costlane/embedding';
import type { Logger } from '@costlane/platform';
import type { VectorIndex } from '@costlane/vector-index';
import type { Candidate } from './judge-candidates';
import { createEntryCatalog } from './entry-catalog';
import type { EntrySource } from './entry-source';
import { findable, recordOf } from './index-records';
import type { Neighbourhood } from './neighbourhood';
import type { SemanticEntry } from './semantic-entry';
import type { RecentVectors } from './recent-vectors';
import type { VectorStore } from './vector-store';

export interface LocalNeighbourhoodOptions {
  index: VectorIndex;
  source: EntrySource;
  embedder: Embedder;
  /** Where vectors are kept that cost time or money to make again. */
  vectors?: VectorStore;
  /** Those of look-ups of late. */
  recent?: RecentVectors;
  maxEntries: number;
  policy: EvictionPolicy;
  /** Candidates that are looked at for one question. */
  limit: number;
  logger: Logger;
}

export interface LocalNeighbourhood extends Neighbourhood {
  readonly kind: 'embedded';
  /** Answers that this process has stored itself: what is to be known of them is at hand. */
  onStored(entries: readonly SemanticEntry[]): Promise<void>;
  evicted(): number;
  /** Resolves when nothing is being read. */
  idle(): Promise<void>;
}

type TenantState = { phase: 'loading' | 'loaded'; round: number };

/** Expired entries are never given; that they take room is looked after a little at a time, for look-ups wait behind it. */
const SWEEP_INTERVAL_MS = 250;
const SWEEP_LOOKS = 2_500;
const RETRY_MS = 500;
const MAX_TENANTS = 10_000;

/**
 * Stored questions in this process's own memory. A tenant's are read from the exact tier when it is first asked about, in the background: what is
 * there already is found meanwhile. From then on it follows what is stored.
 */
export function createLocalNeighbourhood(options: LocalNeighbourhoodOptions): LocalNeighbourhood {
  const { index, source, logger, limit } = options;
  const catalog = createEntryCatalog(options);
  const tenants = new Map<string, TenantState>();
  const work = new Set<Promise<void>>();
  let round = 0;

  const forget = (gone: readonly SemanticEntry[]): Promise<unknown> => {
    const byTenant = new Map<string, string[]>();
    for (const { tenantId, fingerprint } of gone)
      byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), fingerprint]);
    return Promise.all([...byTenant].map(([tenantId, ids]) => index.remove(tenantId, ids)));
  };

  const add = async (entries: readonly SemanticEntry[]): Promise<void> => {
    if (entries.length === 0) return;
    const found = findable(entries, await vectorsOf(options, entries));
    const gone = found.flatMap(({ entry }) => catalog.set(entry));
    // What was evicted at once must not come into the index after it has left the catalog.
    const kept = found.flatMap(({ entry, vector }) =>
      catalog.get(entry.tenantId, entry.fingerprint) ? [recordOf(entry, vector)] : [],
    );
    // Room first: a full index would let go of another one by its own order.
    await Promise.all([forget(gone), index.upsert(kept)]);
  };

  const load = async (tenantId: string, state: TenantState): Promise<void> => {
    const isWanted = (): boolean => tenants.get(tenantId) === state;
    const begunAtMs = performance.now();
    let read = 0;
    for await (const portion of source.scan(tenantId, isWanted)) {
      if (!isWanted()) return;
      await add(portion);
      read += portion.length;
    }
    state.phase = 'loaded';
    const ms = Math.round(performance.now() - begunAtMs);
    if (read > 0) logger.info({ tenantId, entries: read, ms }, 'the stored questions of a tenant were read');
  };

  const track = (one: Promise<void>): void => {
    work.add(one);
    void one.finally(() => work.delete(one));
  };

  const ensure = (tenantId: string): TenantState => {
    let state = tenants.get(tenantId);
    if (state?.round === round) return state;
    if (tenants.size >= MAX_TENANTS) {
      const [oldest] = tenants.keys();
      if (oldest !== undefined) track(leave(oldest));
    }
    const fresh: TenantState = { phase: 'loading', round };
    state = fresh;
    tenants.set(tenantId, fresh);
    const begin = (): Promise<void> =>
      load(tenantId, fresh).catch((error: unknown) => {
        logger.warn({ err: error, tenantId }, 'reading the stored questions of a tenant failed; trying again');
        // Asked about again, it is read again.
        setTimeout(() => tenants.get(tenantId) === fresh && tenants.delete(tenantId), RETRY_MS).unref();
      });
    track(begin());
    return state;
  };

  const leave = async (tenantId: string): Promise<void> => {
    tenants.delete(tenantId);
    catalog.remove(tenantId, { all: true });
    await index.removeTenant(tenantId);
  };

  const sweep = setInterval(() => void forget(catalog.removeExpired(Date.now(), SWEEP_LOOKS)), SWEEP_INTERVAL_MS);
  sweep.unref();

  return {
    kind: 'embedded',
    async find(queries) {
      const states = queries.map(({ tenantId }) => ensure(tenantId));
      const found = await index.search(queries.map(({ model, ...query }) => ({ ...query, modelClass: model, limit })));
      return queries.map(({ tenantId }, at) => ({
        isLoading: states[at]?.phase === 'loading',
        candidates: (found[at] ?? []).map(({ id, similarity }): Candidate => {
          const known = catalog.get(tenantId, id);
          return {
            similarity,
            entry: known?.entry,
            timesAsked: known?.timesAsked ?? 0,
          };
        }),
      }));
    },
    async onStored(entries) {
      await add(entries.filter(({ tenantId }) => tenants.has(tenantId)));
    },
    async onFilled(tenantId, fingerprints) {
      if (!tenants.has(tenantId)) return;
      const entries = await source.read(tenantId, fingerprints);
      await add(entries.filter((entry) => entry !== undefined));
    },
    touch: (entry) => catalog.touch(entry),
    async remove(tenantId, selection) {
      await forget(catalog.remove(tenantId, selection));
    },
    async clear() {
      for (const tenantId of new Set([...tenants.keys(), ...catalog.tenants()])) await leave(tenantId);
    },
    reload() {
      round++;
    },
    entries: (tenantId) => catalog.size(tenantId),
    evicted: () => catalog.evicted(),
    async idle() {
      while (work.size > 0) await Promise.all(work);
    },
    async close() {
      clearInterval(sweep);
      tenants.clear();
      await index.close();
    },
  };
}

async function vectorsOf(
  { embedder, vectors, recent }: Pick<LocalNeighbourhoodOptions, 'embedder' | 'vectors' | 'recent'>,
  entries: readonly SemanticEntry[],
): Promise<Float32Array[]> {
  const stored = (await vectors?.read(entries)) ?? [];
  const known = entries.map(({ tenantId, text }, at) => stored[at] ?? recent?.of(tenantId, text));
  const missing = entries.filter((_, at) => !known[at]);
  const made = missing.length === 0 ? [] : await embedder.embed(missing.map(({ text }) => text));
  let next = 0;
  const all = known.map((vector) => vector ?? (made[next++] as Float32Array));
  const isNew = (_: unknown, at: number): boolean => !stored[at];
  if (vectors) await vectors.keep(entries.filter(isNew), all.filter(isNew));
  return all;
}
