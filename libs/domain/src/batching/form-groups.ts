import type { BatchWork, GroupedCall, WorkGroup } from './batch-work';
import { clusterVectors, noise } from './cluster-vectors';

export interface GroupingOptions<W extends BatchWork> {
  /** Cosine distance up to which two pieces of work may mean the same. Default 0.08: cosine 0.92. */
  readonly epsilon?: number;
  /** Whether one answer serves both. Only asked about work of one tenant, target and cluster; absent: only identical work shares a call. */
  readonly isSame?: (asked: W, other: W) => boolean;
}

/**
 * Groups a window. Work is never put together across tenants or targets. Identical work (equal fingerprint) shares one call. Work whose vectors form a cluster
 * is compared by `isSame`, always with the one that is asked, never along a chain, and shares its call where that holds. Calls of one
 * cluster, and those whose prompts begin with the same block, form a group; groups are numbered from 0 in the order of their first work. Who is asked, and every order, follows from the arrival and the id alone.
 */
export function formGroups<W extends BatchWork>(works: readonly W[], options: GroupingOptions<W> = {}): WorkGroup<W>[] {
  const byPlace = new Map<string, W[]>();
  let latest: W[] = [];
  for (const work of [...works].sort(byArrival)) {
    // A scheduler's windows are of one place: then no name is made for it again and again.
    if (!latest[0] || !isSamePlace(latest[0], work)) {
      const place = JSON.stringify([work.tenantId, work.target, work.lane]);
      latest = byPlace.get(place) ?? [];
      byPlace.set(place, latest);
    }
    latest.push(work);
  }
  return [...byPlace.values()]
    .flatMap((same) => groupPlace(same, options))
    .map((group, groupId) => ({ ...group, groupId }));
}

/** Groups work of one tenant, target and lane, which is in order of arrival. */
function groupPlace<W extends BatchWork>(works: readonly W[], options: GroupingOptions<W>): WorkGroup<W>[] {
  const calls = mergeIdentical(works);
  if (calls.length === 1) return [groupOf(calls)];
  const vectors = calls.map(([asked]) => asked && vectorOf(asked));
  if (vectors.every((vector) => vector === undefined)) return uniteByPrefix(calls, []);
  const clusters = clusterVectors(vectors, { epsilon: options.epsilon ?? 0.08 });
  const asking: W[][] = [];
  const clusterOf: number[] = [];
  const byCluster = new Map<number, W[][]>();
  calls.forEach((call, index) => {
    const cluster = clusters[index] ?? noise;
    const asked = byCluster.get(cluster) ?? [];
    if (cluster !== noise && shareWith(asked, call, options)) return;
    byCluster.set(cluster, [...asked, call]);
    asking.push(call);
    clusterOf.push(cluster);
  });
  return uniteByPrefix(asking, clusterOf);
}

/** Makes one group of the calls that are linked by a cluster or by a first block. */
function uniteByPrefix<W extends BatchWork>(calls: readonly W[][], clusterOf: readonly number[]): WorkGroup<W>[] {
  const firstWith = new Map<string | number, number>();
  const parents = calls.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] ?? 0;
    return root;
  };
  const link = (key: string | number | undefined, index: number): void => {
    if (key === undefined || key === noise) return;
    const [a, b] = [rootOf(firstWith.get(key) ?? index), rootOf(index)];
    // The earlier one stays the root, so that groups stand in the order of their first calls.
    parents[Math.max(a, b)] = Math.min(a, b);
    if (!firstWith.has(key)) firstWith.set(key, index);
  };
  calls.forEach(([asked], index) => {
    link(clusterOf[index], index);
    link(asked?.prefix?.[0], index);
  });
  const groups = new Map<number, W[][]>();
  calls.forEach((call, index) => {
    const root = rootOf(index);
    const group = groups.get(root);
    if (group) group.push(call);
    else groups.set(root, [call]);
  });
  return [...groups.values()].map((group) => groupOf(leaderFirst(group)));
}

function mergeIdentical<W extends BatchWork>(works: readonly W[]): W[][] {
  const calls: W[][] = [];
  const byFingerprint = new Map<string, W[]>();
  for (const work of works) {
    const same = work.fingerprint === undefined ? undefined : byFingerprint.get(work.fingerprint);
    if (same) {
      same.push(work);
      continue;
    }
    const call = [work];
    calls.push(call);
    if (work.fingerprint !== undefined) byFingerprint.set(work.fingerprint, call);
  }
  return calls;
}

/** Adds a call's work to the first of the others whose answer serves it; false where none does. */
function shareWith<W extends BatchWork>(
  others: readonly W[][],
  call: readonly W[],
  options: GroupingOptions<W>,
): boolean {
  const { isSame } = options;
  const [asking] = call;
  if (!isSame || !asking) return false;
  const home = others.find(([asked]) => asked !== undefined && isSame(asked, asking));
  home?.push(...call);
  return home !== undefined;
}

/** The call that has most blocks in common with the others goes first: the earliest of several. */
function leaderFirst<W extends BatchWork>(calls: readonly W[][]): readonly W[][] {
  if (calls.length < 2) return calls;
  const uses = new Map<string, number>();
  for (const [asked] of calls) for (const block of asked?.prefix ?? []) uses.set(block, (uses.get(block) ?? 0) + 1);
  let leader = 0;
  let most = -1;
  calls.forEach(([asked], index) => {
    const shared = (asked?.prefix ?? []).reduce((sum, block) => sum + (uses.get(block) ?? 1) - 1, 0);
    if (shared <= most) return;
    most = shared;
    leader = index;
  });
  return [calls[leader] ?? [], ...calls.filter((_, index) => index !== leader)];
}

function groupOf<W extends BatchWork>(calls: readonly (readonly W[])[]): WorkGroup<W> {
  const first = calls[0]?.[0];
  if (!first) throw new RangeError('a group has at least one call');
  const { lane, tenantId, target } = first;
  return { groupId: 0, lane, tenantId, target, calls: calls.map((works): GroupedCall<W> => ({ works })) };
}

const vectorOf = ({ vector }: BatchWork): Float32Array | undefined =>
  typeof vector === 'function' ? vector() : vector;

const isSamePlace = (a: BatchWork, b: BatchWork): boolean =>
  a.tenantId === b.tenantId && a.target === b.target && a.lane === b.lane;

const byArrival = (a: BatchWork, b: BatchWork): number =>
  a.arrivedAtMs - b.arrivedAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
