/** Quantile of a distribution, given by who has one: `domain` has no tables. */
export type NormalQuantile = (probability: number) => number;
export type StudentQuantile = (probability: number, degreesOfFreedom: number) => number;

/**
 * What is known of a measure whose observations come in clusters: the requests of a user resemble one another, so that users, not
 * requests, are what was drawn at random. With y the sum and n the number of observations of each cluster:
 */
export interface ClusterSums {
  /** Clusters that have an observation. */
  readonly clusters: number;
  /** Σn */
  readonly observations: number;
  /** Σy */
  readonly sum: number;
  /** Σy² */
  readonly sumOfSquares: number;
  /** Σyn */
  readonly sumOfProducts: number;
  /** Σn² */
  readonly sumOfSizeSquares: number;
}

export interface MeanEstimate {
  /** Mean over all observations, Σy ÷ Σn. NaN without any. */
  readonly mean: number;
  /** NaN with fewer than two clusters: nothing is known of how they vary. */
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly clusters: number;
  readonly observations: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Below it a sum of squares is what rounding left of nothing. */
const ROUNDING = 1e-12;

/**
 * Mean of clustered observations, with the linearised (delta-method) standard error of a ratio of two sums: of Σ(yₖ − R·nₖ)², scaled by
 * K/(K−1), as in Cochran, Sampling Techniques (1977), 9A, and Deng et al., "Applying the Delta Method in Metric Analytics" (2018), 3.1.
 */
export function clusterMean(sums: ClusterSums): MeanEstimate {
  const { clusters, observations, sum, sumOfSquares, sumOfProducts, sumOfSizeSquares } = sums;
  const mean = sum / observations;
  const parts = sumOfSquares + 2 * Math.abs(mean * sumOfProducts) + mean * mean * sumOfSizeSquares;
  const residual = sumOfSquares - 2 * mean * sumOfProducts + mean * mean * sumOfSizeSquares;
  const squares = residual > ROUNDING * parts ? residual : 0;
  const variance = ((clusters / (clusters - 1)) * squares) / (observations * observations);
  return {
    mean,
    standardError: clusters < 2 ? NaN : Math.sqrt(variance),
    degreesOfFreedom: clusters - 1,
    clusters,
    observations,
  };
}

/** Student's interval of a mean. NaN where its error is not known. */
export function meanInterval(estimate: MeanEstimate, confidence: number, student: StudentQuantile): Interval {
  const { mean, standardError, degreesOfFreedom } = estimate;
  if (Number.isNaN(standardError)) return { low: NaN, high: NaN };
  const half = standardError === 0 ? 0 : student((1 + confidence) / 2, degreesOfFreedom) * standardError;
  return { low: mean - half, high: mean + half };
}

/**
 * How many independent observations the clustered ones are worth (Kish's design effect): as many as would give the same standard error.
 * `observationVariance`: of a single observation. At most the observations there are; where nothing varies, the clusters.
 */
export function effectiveObservations(estimate: MeanEstimate, observationVariance: number): number {
  const { standardError, clusters, observations } = estimate;
  if (!(standardError > 0) || !(observationVariance > 0)) return clusters;
  return Math.min(observations, observationVariance / (standardError * standardError));
}
