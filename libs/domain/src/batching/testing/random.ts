/** Seeded pseudo-random numbers. */
export interface SeededRandom {
  /** From 0 to below 1. */
  next(): number;
  /** An integer from 0 to below `count`. */
  below(count: number): number;
  exponential(mean: number): number;
  /** Mean 1. */
  logNormal(sigma: number): number;
  /** From 0 to below `count`; the first is likeliest. */
  zipf(count: number): number;
}

/** mulberry32 */
export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    below: (count) => Math.floor(next() * count),
    exponential: (mean) => -Math.log(1 - next()) * mean,
    logNormal: (sigma) => Math.exp(sigma * normal() - (sigma * sigma) / 2),
    // By the inverse of the integral of 1 / x, which is near enough to the sum.
    zipf: (count) => Math.min(count - 1, Math.floor((count + 1) ** next()) - 1),
  };
}
