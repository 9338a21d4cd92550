import type { LabelledPair } from './labelled-pair';
import { createRandom, shuffle } from './seeded-random';

/** At most `count` of the pairs, as many same as different ones where there are enough, in their order; which ones depends on the seed. */
export function samplePairs(pairs: readonly LabelledPair[], count: number, seed: number): LabelledPair[] {
  if (pairs.length <= count) return [...pairs];
  const random = createRandom(seed);
  const rowsWhere = (same: boolean) => {
    const rows = Int32Array.from(pairs.keys()).filter((row) => pairs[row]?.same === same);
    shuffle(rows, random);
    return rows;
  };
  const sameRows = rowsWhere(true);
  const differentRows = rowsWhere(false);
  const half = Math.floor(count / 2);
  const sameCount = Math.min(sameRows.length, Math.max(half, count - differentRows.length));
  const kept = [...sameRows.subarray(0, sameCount), ...differentRows.subarray(0, count - sameCount)];
  return kept.sort((first, second) => first - second).map((row) => pairs[row] as LabelledPair);
}
