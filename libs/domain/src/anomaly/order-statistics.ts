/** The `share` quantile of ascending values, between neighbours by their distance. NaN of none. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const from = sorted[low] ?? NaN;
  const to = sorted[Math.min(low + 1, sorted.length - 1)] ?? NaN;
  return from + (to - from) * (at - low);
}

/** The mean of ascending values, the largest tenth of which (one at the least, of three or more) count as the one below them: a single burst does not make a level. */
export function winsorisedMean(sorted: readonly number[]): number {
  const count = sorted.length;
  if (count === 0) return NaN;
  const capped = count < 3 ? 0 : Math.ceil(count / 10);
  const cap = sorted[count - 1 - capped] ?? 0;
  let sum = 0;
  for (const value of sorted) sum += Math.min(value, cap);
  return sum / count;
}

export interface MedianSpread {
  readonly median: number;
  /** The median absolute deviation, scaled to the standard deviation of normal values (Hampel, JASA 69, 1974). */
  readonly deviation: number;
}

const NORMAL_SCALE = 1.4826;

export function medianSpread(values: readonly number[]): MedianSpread {
  const median = quantileOf(ascending(values), 0.5);
  const deviation = NORMAL_SCALE * quantileOf(ascending(values.map((value) => Math.abs(value - median))), 0.5);
  return { median, deviation };
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
