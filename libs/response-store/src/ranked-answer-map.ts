import { createEvictionOrder, type EvictionPolicy, type Ranked } from '@costlane/domain';
import { maxEntryBytesOf, sizeOfKept, type AnswerMap, type AnswerMapOptions, type KeptAnswer } from './answer-map';

interface Kept {
  key: string;
  answer: KeptAnswer;
  sizeBytes: number;
  expiresAtMs: number;
  place: Ranked<Kept> | undefined;
  /** Neighbours by the time of storing: lifetimes being nearly equal, those that expire first stand first. */
  older: Kept | undefined;
  newer: Kept | undefined;
}

/** Answers of which those with the lowest priority under a policy go first: O(1) to get, amortised O(log n) to set. */
export function createRankedAnswerMap(policy: EvictionPolicy, options: AnswerMapOptions): AnswerMap {
  const { maxEntries, maxBytes } = options;
  const maxEntryBytes = maxEntryBytesOf(maxBytes);
  const kept = new Map<string, Kept>();
  const order = createEvictionOrder<Kept>(policy);
  const ages = createAgeList();
  let sizeBytes = 0;

  const forget = (entry: Kept): void => {
    kept.delete(entry.key);
    ages.remove(entry);
    sizeBytes -= entry.sizeBytes;
  };
  const drop = (entry: Kept): void => {
    if (entry.place) order.remove(entry.place);
    forget(entry);
  };
  /** What has expired would otherwise stand in the way of others for as long as it was popular. */
  const dropExpired = (nowMs: number): void => {
    for (let entry = ages.oldest(); entry && entry.expiresAtMs <= nowMs; entry = ages.oldest()) drop(entry);
  };
  const makeRoom = (neededBytes: number): void => {
    while (kept.size >= maxEntries || sizeBytes + neededBytes > maxBytes) {
      const gone = order.evict();
      if (!gone) return;
      forget(gone);
      options.onEvicted();
    }
  };

  return {
    get(key) {
      const entry = kept.get(key);
      if (!entry) return undefined;
      if (entry.expiresAtMs <= performance.now()) {
        drop(entry);
        return undefined;
      }
      if (entry.place) order.use(entry.place);
      return entry.answer;
    },
    set(key, answer, lifetimeMs) {
      const before = kept.get(key);
      if (before) drop(before);
      const bytes = sizeOfKept(answer);
      if (bytes > maxEntryBytes) return;
      const nowMs = performance.now();
      dropExpired(nowMs);
      makeRoom(bytes);
      const expiresAtMs = nowMs + lifetimeMs;
      const entry: Kept = {
        key,
        answer,
        sizeBytes: bytes,
        expiresAtMs,
        place: undefined,
        older: undefined,
        newer: undefined,
      };
      entry.place = order.add(entry, { sizeBytes: bytes, savedNanoUsd: answer.header.baselineNanoUsd });
      kept.set(key, entry);
      ages.append(entry);
      sizeBytes += bytes;
    },
    delete(key) {
      const entry = kept.get(key);
      if (!entry) return false;
      const isAlive = entry.expiresAtMs > performance.now();
      drop(entry);
      return isAlive;
    },
    *entries() {
      for (const [key, { answer, expiresAtMs }] of kept) if (expiresAtMs > performance.now()) yield [key, answer];
    },
    clear() {
      kept.clear();
      order.clear();
      ages.clear();
      sizeBytes = 0;
    },
    count: () => kept.size,
    sizeBytes: () => sizeBytes,
  };
}

/** Entries by the time of storing. A list of its own: what was deleted from the front of a Map is walked over again and again. */
function createAgeList() {
  let first: Kept | undefined;
  let last: Kept | undefined;
  return {
    oldest: () => first,
    append(entry: Kept): void {
      entry.older = last;
      if (last) last.newer = entry;
      else first = entry;
      last = entry;
    },
    remove(entry: Kept): void {
      if (entry.older) entry.older.newer = entry.newer;
      else first = entry.newer;
      if (entry.newer) entry.newer.older = entry.older;
      else last = entry.older;
      entry.older = entry.newer = undefined;
    },
    clear(): void {
      first = last = undefined;
    },
  };
}
