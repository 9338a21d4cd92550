import type { Interval } from './cluster-mean';

/** A bucket of a histogram: values in [low, high). In ascending order, without overlaps. */
export interface Bucket extends Interval {
  readonly count: number;
}

/** The value below which a share of the observations lies, even within its bucket. NaN without any. */
export function histogramQuantile(buckets: readonly Bucket[], share: number): number {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return NaN;
  let left = Math.min(Math.max(share, 0), 1) * total;
  for (const { low, high, count } of buckets) {
    if (count > 0 && left <= count) return low + (high - low) * (left / count);
    left -= count;
  }
  return buckets.at(-1)?.high ?? NaN;
}

/**
 * Interval of a quantile, free of any assumption on how values are distributed: those between two ranks, by the binomial's normal
 * approximation (Conover, Practical Nonparametric Statistics, 3.2). `observations`: how many independent ones they are worth.
 */
export function histogramQuantileInterval(
  buckets: readonly Bucket[],
  share: number,
  { observations, z }: { observations: number; z: number },
): Interval {
  const half = z * Math.sqrt((share * (1 - share)) / observations);
  return { low: histogramQuantile(buckets, share - half), high: histogramQuantile(buckets, share + half) };
}
