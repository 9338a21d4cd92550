import { createEvictionOrder, type Ranked } from '../eviction-order';
import type { EntryWorth, EvictionPolicy } from '../eviction-policy';

/** A question of a workload, and what its answer takes and saves. */
export interface Question extends EntryWorth {
  key: number;
}

export interface CacheRun {
  hitRate: number;
  /** Of what all questions together would have cost. */
  savedShare: number;
}

/** Asks the questions in order of a cache of so many bytes under a policy. */
export function simulateCache(policy: EvictionPolicy, maxBytes: number, questions: Iterable<Question>): CacheRun {
  const order = createEvictionOrder<Question>(policy);
  const places = new Map<number, Ranked<Question>>();
  let [sizeBytes, asked, hits, cost, saved] = [0, 0, 0, 0, 0];
  for (const question of questions) {
    asked++;
    cost += question.savedNanoUsd;
    const place = places.get(question.key);
    if (place) {
      order.use(place);
      hits++;
      saved += question.savedNanoUsd;
      continue;
    }
    while (sizeBytes + question.sizeBytes > maxBytes) {
      const gone = order.evict();
      if (!gone) break;
      places.delete(gone.key);
      sizeBytes -= gone.sizeBytes;
    }
    places.set(question.key, order.add(question, question));
    sizeBytes += question.sizeBytes;
  }
  return { hitRate: hits / asked, savedShare: saved / cost };
}

/** A seeded generator (mulberry32), so that a run can be repeated: numbers from 0 to below 1. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws 0 … count - 1, the n-th in proportion to 1 / n^exponent. */
export function zipf(count: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) sums[i] = sum += (i + 1) ** -exponent;
  return () => {
    const wanted = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
