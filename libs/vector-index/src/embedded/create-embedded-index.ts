import { CostlaneError, type EvictionPolicy, type Result } from '@costlane/domain';
import { checkQuery, checkRecord } from '../check-input';
import type { IndexIdentity, VectorIndex, VectorMatch } from '../vector-index';
import { createBackground, createPauses } from './background';
import { createDirections } from './directions';
import { paddedDimensionOf } from './arena';
import type { EvictableRecord } from './records';
import { loadSnapshot, type SnapshotLoad, type SnapshotProblem } from './snapshot/load-snapshot';
import { saveSnapshot } from './snapshot/save-snapshot';
import { VectorStore, type RemovedRecord } from './vector-store';

export interface EmbeddedIndexOptions {
  identity: IndexIdentity;
  /** Default 1,000,000. The policy says who goes for a new one. */
  maxEntriesPerTenant?: number;
  /** Bound on the records' bytes, their overhead in the process included. Default 512 MiB, at the most 3 GiB. */
  maxBytes?: number;
  /** Default `lru`. */
  policy?: EvictionPolicy;
  /** Records up to which a group is compared in full. Default 512. */
  maxPlainRecords?: number;
  /** Records at which a part of a large group is divided, while it has few parts. Default 4,096. */
  maxPartRecords?: number;
  /** Told of every record that goes without having been asked to. Must not throw. */
  onRemoved?: (removed: RemovedRecord) => void;
  /** Work in the background that failed; the index goes on without. */
  onError?: (error: unknown) => void;
  nowMs?: () => number;
}

export interface IndexStats {
  entries: number;
  /** What `maxBytes` bounds. */
  bytes: number;
  /** Memory held for vectors and sketches. */
  reservedBytes: number;
  evictions: number;
  expirations: number;
}

/** A vector index in this process's memory. */
export interface EmbeddedIndex extends VectorIndex {
  upsert(records: readonly EvictableRecord[]): Promise<void>;
  /** A record was of use: it stays longer, as the policy has it. Gives whether it is there. */
  touch(tenantId: string, id: string): boolean;
  stats(): IndexStats;
  /** Writes all records into a file, which is there in full or not at all. Rejects when it cannot be written. */
  save(file: string): Promise<void>;
  /** Adds a saved index's records, except for those that are here already. What cannot be used is said, not thrown. */
  load(file: string): Promise<Result<SnapshotLoad, SnapshotProblem>>;
  /** Resolves when nothing is being rearranged in the background. For tests and measurements. */
  settled(): Promise<void>;
}

const MAX_BYTES = 3 * 2 ** 30;
const SWEEP_INTERVAL_MS = 1_000;
/** How long a call or the work in the background keeps the event loop. */
const CALL_SLICE_MS = 1.5;
const BACKGROUND_SLICE_MS = 1.5;

/**
 * Makes an empty index. Throws `invalid_request` for a dimension or a bound that it cannot keep to. Calls of much work give the event
 * loop away from time to time, so that two calls may take turns; each record and each query is dealt with at one moment.
 */
export function createEmbeddedIndex(options: EmbeddedIndexOptions): EmbeddedIndex {
  const { identity, nowMs = Date.now, onRemoved = () => undefined, onError = () => undefined } = options;
  checkOptions(options);
  const background = createBackground({ sliceMs: BACKGROUND_SLICE_MS, onError });
  const store = new VectorStore({
    dimension: identity.dimension,
    directions: createDirections(identity.dimension, paddedDimensionOf(identity.dimension)),
    maxEntriesPerTenant: options.maxEntriesPerTenant ?? 1_000_000,
    maxBytes: options.maxBytes ?? 512 * 2 ** 20,
    policy: options.policy ?? 'lru',
    maxPlainRecords: options.maxPlainRecords ?? 512,
    maxPartRecords: options.maxPartRecords ?? 4_096,
    background,
    onRemoved,
  });

  /** Runs something for each item, with pauses. */
  const forEach = async <T>(items: Iterable<T>, run: (item: T, i: number) => void): Promise<void> => {
    const pauses = createPauses(CALL_SLICE_MS);
    let i = 0;
    for (const item of items) {
      run(item, i++);
      if (pauses.isDue()) await pauses.take();
    }
  };
  const expired = function* (): Generator<void> {
    while (store.expireOne(nowMs())) yield;
  };
  const sweep = setInterval(() => background.run(expired()), SWEEP_INTERVAL_MS);
  sweep.unref();

  return {
    identity,
    async upsert(records) {
      await forEach(records, (record, i) => checkRecord(record, i, identity));
      await forEach(records, (record) => store.put(record, nowMs()));
    },
    async search(queries) {
      const canFind: boolean[] = [];
      await forEach(queries, (query, i) => canFind.push(checkQuery(query, i, identity)));
      const found: VectorMatch[][] = [];
      await forEach(queries, (query, i) => found.push(canFind[i] ? store.search(query, nowMs()) : []));
      return found;
    },
    async remove(tenantId, ids) {
      let removed = 0;
      await forEach(ids, (id) => {
        const record = store.get(tenantId, id);
        if (!record) return;
        store.delete(record);
        removed++;
      });
      return removed;
    },
    removeTenant: (tenantId) => forEach(store.detach(tenantId), (record) => store.delete(record)),
    async count(tenantId) {
      await forEach(expired(), () => undefined);
      return store.count(tenantId);
    },
    touch: (tenantId, id) => store.touch(tenantId, id),
    stats: () => store.stats(),
    save: (file) => saveSnapshot(file, identity, store, nowMs),
    load: (file) => loadSnapshot(file, identity, store, nowMs),
    settled: () => background.settled(),
    async close() {
      clearInterval(sweep);
      background.close();
    },
  };
}

function checkOptions({
  identity,
  maxBytes,
  maxEntriesPerTenant,
  maxPlainRecords,
  maxPartRecords,
}: EmbeddedIndexOptions): void {
  const check = (field: string, value: number | undefined, least: number, most: number): void => {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
    throw new CostlaneError('invalid_request', `has to be a whole number from ${least} to ${most}`, { field });
  };
  check('identity.dimension', identity.dimension, 1, 3_072);
  check('maxBytes', maxBytes, 1 << 20, MAX_BYTES);
  check('maxEntriesPerTenant', maxEntriesPerTenant, 1, 2 ** 31);
  check('maxPlainRecords', maxPlainRecords, 8, 8_192);
  check('maxPartRecords', maxPartRecords, 64, 1 << 20);
}
