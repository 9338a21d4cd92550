import type { VariantTotals } from '@costlane/ledger';
import { compareVariants, CONFIDENCE, confidenceOfDifferences, MINIMUM_USERS, type Metric } from './compare-variants';
import type { ReportedExperiment } from './read-experiment';

const NANO_PER_USD = 1e9;

/** An experiment's report as it goes to administrators. What is not known is null. */
export function renderReport(
  experiment: ReportedExperiment,
  totals: ReadonlyMap<string, VariantTotals>,
  tenantId: string | undefined,
) {
  const names = experiment.variants.map(({ name }) => name);
  const found = names.map((name) => totals.get(name) ?? nothing);
  const metrics = compareVariants(found);
  return {
    id: experiment.id,
    status: experiment.stoppedAt === null ? 'running' : 'stopped',
    tenant_id: tenantId ?? experiment.tenantId ?? null,
    started_at: experiment.startedAt,
    stopped_at: experiment.stoppedAt,
    control: names[0] ?? null,
    confidence: CONFIDENCE,
    comparison_confidence: rounded(confidenceOfDifferences(names.length)),
    minimum_users: MINIMUM_USERS,
    notes: notesOf(names.length),
    variants: found.map(({ users, requests, cost, baseline }, at) => ({
      name: names[at],
      weight: experiment.variants[at]?.weight ?? null,
      requests,
      users,
      cost_usd_total: cost.sum / NANO_PER_USD,
      baseline_usd_total: baseline.sum / NANO_PER_USD,
      metrics: Object.fromEntries(Object.entries(metrics[at] ?? {}).map(([name, metric]) => [name, shown(metric)])),
    })),
  };
}

const notesOf = (variants: number): string[] => [
  'Users, not requests, are what was split, so intervals are reckoned from how users differ.',
  `A verdict needs at least ${MINIMUM_USERS} users in both variants.`,
  ...(variants > 2
    ? [`Differences are corrected for ${variants - 1} comparisons (Bonferroni), for each metric by itself.`]
    : []),
  'Intervals hold for one look at a time decided on beforehand: who looks often and stops at the first difference finds differences that are none.',
  'Latencies are of requests that succeeded; quantiles are within 2 %.',
];

const none = { clusters: 0, observations: 0, sum: 0, sumOfSquares: 0, sumOfProducts: 0, sumOfSizeSquares: 0 };
const nothing: VariantTotals = {
  users: 0,
  requests: 0,
  cost: none,
  baseline: none,
  failures: none,
  latency: none,
  latencyVariance: 0,
  latencies: [],
  firstToken: none,
  feedback: none,
};

function shown({ value, low, high, observations, users, difference, verdict, usersNeeded }: Metric) {
  return {
    value: known(value),
    low: known(low),
    high: known(high),
    observations,
    users,
    difference: difference
      ? {
          value: known(difference.value),
          low: known(difference.low),
          high: known(difference.high),
          relative: known(difference.value / (value - difference.value)),
        }
      : null,
    verdict: verdict ?? null,
    users_needed: usersNeeded ?? null,
  };
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
