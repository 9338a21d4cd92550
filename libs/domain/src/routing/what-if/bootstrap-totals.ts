/** Lower and upper end of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** Numbers that follow from the seed alone (mulberry32), uniform in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws in all: a million requests still take seconds. */
const maxDraws = 100_000_000;
const mostResamples = 1_000;
const fewestResamples = 200;

/** How often `count` rows are drawn anew. */
export const resamplesFor = (count: number): number =>
  Math.max(fewestResamples, Math.min(mostResamples, Math.floor(maxDraws / Math.max(1, count))));

/**
 * Draws the rows anew, with replacement, as often as there are (the bootstrap of Efron, Annals of Statistics 7, 1979), and gives the sums of the
 * columns in each of the draws, in the order of the columns. The same for the same seed.
 */
export function bootstrapTotals(columns: readonly Float64Array[], seed: number): Float64Array[] {
  const count = columns[0]?.length ?? 0;
  const resamples = resamplesFor(count);
  const random = createRandom(seed);
  const totals = columns.map(() => new Float64Array(resamples));
  const drawn = new Uint32Array(count);
  for (let at = 0; at < resamples; at++) {
    drawn.fill(0);
    for (let draw = 0; draw < count; draw++) {
      const row = Math.floor(random() * count);
      drawn[row] = (drawn[row] ?? 0) + 1;
    }
    columns.forEach((column, index) => {
      let sum = 0;
      for (let row = 0; row < count; row++) sum += (drawn[row] ?? 0) * (column[row] ?? 0);
      const own = totals[index];
      if (own) own[at] = sum;
    });
  }
  return totals;
}

/** The middle 95 % of the values; undefined where there is none. */
export function middle95(values: readonly number[]): Interval | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}
