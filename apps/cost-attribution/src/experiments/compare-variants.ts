import {
  clusterMean,
  clusterRate,
  clustersNeeded,
  comparisonConfidence,
  effectiveObservations,
  histogramQuantile,
  histogramQuantileInterval,
  meanDifference,
  meanInterval,
  rateDifference,
  verdictOf,
  type ClusterSums,
  type Difference,
  type Interval,
  type MeanEstimate,
  type Verdict,
} from '@costlane/domain';
import type { VariantTotals } from '@costlane/ledger';
import { normal, student } from './quantiles';

/** A figure of a variant, with its interval and what sets it off from the first variant. Not known: NaN. */
export interface Metric extends Interval {
  readonly value: number;
  readonly observations: number;
  readonly users: number;
  /** From the first variant, at a confidence corrected for the number of variants. Absent for the first itself. */
  readonly difference?: Difference;
  /** Absent for the first variant, and where a difference is neither good nor bad. */
  readonly verdict?: Verdict;
  /** In each of two variants, for a difference of a tenth of the first one's figure to be shown four times in five. */
  readonly usersNeeded?: number;
}

export const CONFIDENCE = 0.95;
const POWER = 0.8;
const DETECTED_SHARE = 0.1;
/** Fewer say too little of how users vary for the intervals to hold. */
export const MINIMUM_USERS = 30;

type Better = 'lower' | 'higher' | 'neither';

/** A measure of a variant before any comparison: `at` gives its interval at a confidence. */
interface Measured {
  readonly value: number;
  readonly mean: MeanEstimate;
  readonly kind: 'mean' | 'rate' | 'quantile';
  at(confidence: number): Interval;
}

type Measure = { readonly isBetter: Better; readonly of: (totals: VariantTotals) => Measured };

const NANO = 1e-9;

/** All that is compared, by the name that it is shown under. */
const measures: Readonly<Record<string, Measure>> = {
  cost_usd: { isBetter: 'lower', of: ({ cost }) => meanOf(scaled(cost, NANO)) },
  baseline_usd: { isBetter: 'neither', of: ({ baseline }) => meanOf(scaled(baseline, NANO)) },
  latency_ms: { isBetter: 'lower', of: ({ latency }) => meanOf(latency) },
  latency_p50_ms: { isBetter: 'lower', of: (totals) => quantileOf(totals, 0.5) },
  latency_p95_ms: { isBetter: 'lower', of: (totals) => quantileOf(totals, 0.95) },
  first_token_ms: { isBetter: 'lower', of: ({ firstToken }) => meanOf(firstToken) },
  error_rate: { isBetter: 'lower', of: ({ failures }) => rateOf(failures) },
  feedback: { isBetter: 'higher', of: ({ feedback }) => rateOf(feedback) },
};

/** Confidence of each difference among so many variants. */
export const confidenceOfDifferences = (variants: number): number => comparisonConfidence(CONFIDENCE, variants - 1);

/** The metrics of variants, each compared with the first. */
export function compareVariants(variants: readonly VariantTotals[]): Record<string, Metric>[] {
  const confidence = confidenceOfDifferences(variants.length);
  const bases = Object.fromEntries(
    Object.entries(measures).map(([name, { of }]) => [name, variants[0] && of(variants[0])]),
  );
  return variants.map((totals, at) =>
    Object.fromEntries(
      Object.entries(measures).map(([name, { of, isBetter }]) => {
        const own = of(totals);
        const base = bases[name];
        return [name, at === 0 || !base ? alone(own) : compared(base, own, isBetter, confidence)];
      }),
    ),
  );
}

const alone = ({ value, mean, at }: Measured): Metric => ({
  value,
  ...at(CONFIDENCE),
  observations: mean.observations,
  users: mean.clusters,
});

function compared(base: Measured, own: Measured, isBetter: Better, confidence: number): Metric {
  const difference =
    own.kind === 'mean'
      ? meanDifference(base.mean, own.mean, confidence, student)
      : rateDifference({ rate: base.value, ...base.at(confidence) }, { rate: own.value, ...own.at(confidence) });
  const metric = { ...alone(own), difference };
  if (isBetter === 'neither') return metric;
  const isEnough = Math.min(base.mean.clusters, own.mean.clusters) >= MINIMUM_USERS;
  const verdict = verdictOf(difference, { isHigherBetter: isBetter === 'higher', isEnough });
  return { ...metric, verdict, ...neededFor(base, own, confidence) };
}

/** Of means and rates: what a quantile needs is not known from the spread of users. */
function neededFor(base: Measured, own: Measured, confidence: number): { usersNeeded?: number } {
  if (own.kind === 'quantile') return {};
  const needed = clustersNeeded(base.mean, own.mean, base.value * DETECTED_SHARE, { confidence, power: POWER, normal });
  return Number.isFinite(needed) && needed > 0 ? { usersNeeded: Math.max(needed, MINIMUM_USERS) } : {};
}

function meanOf(sums: ClusterSums): Measured {
  const mean = clusterMean(sums);
  return { value: mean.mean, mean, kind: 'mean', at: (confidence) => meanInterval(mean, confidence, student) };
}

function rateOf(sums: ClusterSums): Measured {
  const mean = clusterMean(sums);
  return {
    value: mean.mean,
    mean,
    kind: 'rate',
    at(confidence) {
      const { low, high } = clusterRate(sums, confidence, { normal, student });
      return { low, high };
    },
  };
}

function quantileOf({ latency, latencyVariance, latencies }: VariantTotals, share: number): Measured {
  const mean = clusterMean(latency);
  const observations = effectiveObservations(mean, latencyVariance);
  return {
    value: histogramQuantile(latencies, share),
    mean,
    kind: 'quantile',
    at(confidence) {
      if (mean.clusters < 2) return { low: NaN, high: NaN };
      const z = normal((1 + confidence) / 2);
      return histogramQuantileInterval(latencies, share, { observations, z });
    },
  };
}

const scaled = (sums: ClusterSums, factor: number): ClusterSums => ({
  ...sums,
  sum: sums.sum * factor,
  sumOfSquares: sums.sumOfSquares * factor * factor,
  sumOfProducts: sums.sumOfProducts * factor,
});
