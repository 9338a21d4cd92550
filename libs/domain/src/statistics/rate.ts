import {
  clusterMean,
  effectiveObservations,
  type ClusterSums,
  type Interval,
  type NormalQuantile,
  type StudentQuantile,
} from './cluster-mean';

export interface RateEstimate extends Interval {
  readonly rate: number;
}

/** Wilson's score interval of a rate (JASA 22, 1927), which holds near 0 and 1 too. `observations` need not be whole. */
export function wilsonInterval(rate: number, observations: number, z: number): Interval {
  const zz = (z * z) / observations;
  const centre = rate + zz / 2;
  const half = Math.sqrt(zz * (rate * (1 - rate) + zz / 4));
  return { low: Math.max(0, (centre - half) / (1 + zz)), high: Math.min(1, (centre + half) / (1 + zz)) };
}

/**
 * A rate of clustered observations: Wilson's interval with as many observations as they are worth, and these made fewer for what is
 * not known of the error itself (Korn and Graubard, Survey Methodology 24, 1998). y of the sums: the observations that count.
 * NaN with fewer than two clusters.
 */
export function clusterRate(
  sums: ClusterSums,
  confidence: number,
  { normal, student }: { normal: NormalQuantile; student: StudentQuantile },
): RateEstimate {
  const estimate = clusterMean(sums);
  const { mean: rate, degreesOfFreedom } = estimate;
  if (!(degreesOfFreedom > 0)) return { rate, low: NaN, high: NaN };
  const probability = (1 + confidence) / 2;
  const z = normal(probability);
  const worth = effectiveObservations(estimate, rate * (1 - rate)) * (z / student(probability, degreesOfFreedom)) ** 2;
  return { rate, ...wilsonInterval(rate, worth, z) };
}
