import type { Interval, MeanEstimate, NormalQuantile, StudentQuantile } from './cluster-mean';
import { meanInterval } from './cluster-mean';
import type { RateEstimate } from './rate';

export interface Difference extends Interval {
  /** `other` less `base`. */
  readonly value: number;
}

/**
 * Welch's interval for the difference of two means, whose variances may differ (Welch, Biometrika 34, 1947); degrees of freedom by
 * Satterthwaite. NaN where an error is not known.
 */
export function meanDifference(
  base: MeanEstimate,
  other: MeanEstimate,
  confidence: number,
  student: StudentQuantile,
): Difference {
  const a = base.standardError ** 2;
  const b = other.standardError ** 2;
  const total = a + b;
  const degreesOfFreedom =
    total === 0
      ? Math.min(base.degreesOfFreedom, other.degreesOfFreedom)
      : (total * total) / ((a * a) / base.degreesOfFreedom + (b * b) / other.degreesOfFreedom);
  const mean = other.mean - base.mean;
  const estimate = { ...other, mean, standardError: Math.sqrt(total), degreesOfFreedom };
  return { value: mean, ...meanInterval(estimate, confidence, student) };
}

/**
 * Newcombe's interval for the difference of two rates, from the two Wilson intervals (Statistics in Medicine 17, 1998, method 10).
 * `base` and `other` have to be made at the confidence that the difference is to have.
 */
export function rateDifference(base: RateEstimate, other: RateEstimate): Difference {
  const value = other.rate - base.rate;
  return {
    value,
    low: value - Math.hypot(other.rate - other.low, base.high - base.rate),
    high: value + Math.hypot(other.high - other.rate, base.rate - base.low),
  };
}

/**
 * Clusters that each of two groups needs for a difference of `difference` to be shown with this power, as they vary now. Infinity where
 * the difference is none.
 */
export function clustersNeeded(
  base: MeanEstimate,
  other: MeanEstimate,
  difference: number,
  { confidence, power, normal }: { confidence: number; power: number; normal: NormalQuantile },
): number {
  const perCluster = base.standardError ** 2 * base.clusters + other.standardError ** 2 * other.clusters;
  const quantiles = normal((1 + confidence) / 2) + normal(power);
  return Math.ceil((quantiles * quantiles * perCluster) / (difference * difference));
}
