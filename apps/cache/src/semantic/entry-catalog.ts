import { createEvictionOrder, type EvictionPolicy, type Ranked } from '@costlane/domain';
import type { EntrySelection } from './neighbourhood';
import type { SemanticEntry } from './semantic-entry';

/** An entry and what this process knows of its use. */
export interface Known {
  entry: SemanticEntry;
  timesAsked: number;
  place: Ranked<Known>;
}

/** The stored questions that this process holds, bounded in number; the index holds their vectors, under the same names. */
export interface EntryCatalog {
  get(tenantId: string, fingerprint: string): Known | undefined;
  /** Gives what had to go for it. */
  set(entry: SemanticEntry): SemanticEntry[];
  touch(entry: SemanticEntry): void;
  /** Gives what was removed. */
  remove(tenantId: string, selection: EntrySelection): SemanticEntry[];
  /** Looks at so many of the entries, from where the last call ended, and gives those that were removed. */
  removeExpired(nowMs: number, looks: number): SemanticEntry[];
  tenants(): string[];
  size(tenantId?: string): number;
  evicted(): number;
}

export function createEntryCatalog(options: { maxEntries: number; policy: EvictionPolicy }): EntryCatalog {
  const tenants = new Map<string, Map<string, Known>>();
  const order = createEvictionOrder<Known>(options.policy);
  let size = 0;
  let evictedCount = 0;
  let round: Iterator<Known> | undefined;

  const all = function* (): Generator<Known> {
    for (const own of tenants.values()) yield* own.values();
  };
  const drop = ({ entry, place }: Known): SemanticEntry => {
    order.remove(place);
    const own = tenants.get(entry.tenantId);
    if (own?.delete(entry.fingerprint)) size--;
    if (own?.size === 0) tenants.delete(entry.tenantId);
    return entry;
  };
  const dropWhere = (entries: Iterable<Known>, isMeant: (entry: SemanticEntry) => boolean): SemanticEntry[] =>
    [...entries].filter(({ entry }) => isMeant(entry)).map(drop);

  return {
    get: (tenantId, fingerprint) => tenants.get(tenantId)?.get(fingerprint),
    set(entry) {
      const own = tenants.get(entry.tenantId) ?? new Map<string, Known>();
      tenants.set(entry.tenantId, own);
      const before = own.get(entry.fingerprint);
      if (before) {
        before.entry = entry;
        return [];
      }
      const known = { entry, timesAsked: 0 } as Known;
      known.place = order.add(known, { sizeBytes: entry.sizeBytes, savedNanoUsd: entry.valueNanoUsd });
      own.set(entry.fingerprint, known);
      size++;
      const gone: SemanticEntry[] = [];
      while (size > options.maxEntries) {
        const last = order.evict();
        if (!last) break;
        gone.push(drop(last));
        evictedCount++;
      }
      return gone;
    },
    touch({ tenantId, fingerprint }) {
      const known = tenants.get(tenantId)?.get(fingerprint);
      if (!known) return;
      known.timesAsked++;
      order.use(known.place);
    },
    remove(tenantId, selection) {
      const own = tenants.get(tenantId);
      if (!own) return [];
      if ('key' in selection) {
        const known = own.get(selection.key);
        return known ? [drop(known)] : [];
      }
      return dropWhere(own.values(), (entry) => isSelected(entry, selection));
    },
    removeExpired(nowMs, looks) {
      const expired: SemanticEntry[] = [];
      round ??= all();
      for (let look = 0; look < looks; look++) {
        const next = round.next();
        if (next.done) {
          round = undefined;
          break;
        }
        if (next.value.entry.expiresAtMs <= nowMs) expired.push(drop(next.value));
      }
      return expired;
    },
    tenants: () => [...tenants.keys()],
    size: (tenantId) => (tenantId === undefined ? size : (tenants.get(tenantId)?.size ?? 0)),
    evicted: () => evictedCount,
  };
}

function isSelected(entry: SemanticEntry, selection: EntrySelection): boolean {
  if ('key' in selection) return entry.fingerprint === selection.key;
  if ('model' in selection) return entry.model === selection.model;
  return 'all' in selection || entry.tag === selection.tag;
}
