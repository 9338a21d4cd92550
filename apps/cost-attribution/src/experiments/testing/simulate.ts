import type { Bucket, ClusterSums } from '@costlane/domain';
import type { VariantTotals } from '@costlane/ledger';

// In a test's own context each look-up of a global takes longer than the arithmetic.
const { imul } = Math;

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface World {
  users: number;
  /** Of a user's requests; their numbers are geometric. */
  meanRequests: number;
  /** Of the logarithm of cost and latency: between users, and between the requests of one. */
  userSpread: number;
  requestSpread: number;
  costNanoUsd: number;
  latencyMs: number;
  /** Mean of the users' own rates, which vary around it. */
  errorRate: number;
  rightRate: number;
}

export const usualWorld: World = {
  users: 100,
  meanRequests: 5,
  userSpread: 0.5,
  requestSpread: 0.5,
  costNanoUsd: 1e6,
  latencyMs: 800,
  errorRate: 0.08,
  rightRate: 0.7,
};

/** Mean cost of a request of a world: its logarithm is normal. */
export const trueCost = ({ costNanoUsd, userSpread, requestSpread }: World): number =>
  costNanoUsd * Math.exp((userSpread ** 2 + requestSpread ** 2) / 2);

/** Of latencies below which a share lies; `z`: the normal's quantile of the share. */
export const trueLatencyQuantile = ({ latencyMs, userSpread, requestSpread }: World, z: number): number =>
  latencyMs * Math.exp(z * Math.hypot(userSpread, requestSpread));

const add = (sums: ClusterSums, y: number, n: number): ClusterSums =>
  n === 0
    ? sums
    : {
        clusters: sums.clusters + 1,
        observations: sums.observations + n,
        sum: sums.sum + y,
        sumOfSquares: sums.sumOfSquares + y * y,
        sumOfProducts: sums.sumOfProducts + y * n,
        sumOfSizeSquares: sums.sumOfSizeSquares + n * n,
      };
const none: ClusterSums = {
  clusters: 0,
  observations: 0,
  sum: 0,
  sumOfSquares: 0,
  sumOfProducts: 0,
  sumOfSizeSquares: 0,
};

/** The totals of one variant's users, drawn from a world. */
export function simulate(world: World, random: () => number): VariantTotals {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rateOf = (mean: number) => Math.min(1, mean * 2 * random());
  const sums = { cost: none, failures: none, latency: none, feedback: none };
  const histogram = new Map<number, number>();
  let squares = 0;
  for (let user = 0; user < world.users; user++) {
    const effect = Math.exp(world.userSpread * normal());
    const errorRate = rateOf(world.errorRate);
    const wrongRate = rateOf(1 - world.rightRate);
    const y = { cost: 0, failures: 0, latency: 0, right: 0 };
    let [requests, successes] = [0, 0];
    do {
      requests += 1;
      y.cost += world.costNanoUsd * effect * Math.exp(world.requestSpread * normal());
      y.right += random() < wrongRate ? 0 : 1;
      const latency = world.latencyMs * effect * Math.exp(world.requestSpread * normal());
      if (random() < errorRate) y.failures += 1;
      else {
        successes += 1;
        y.latency += latency;
        squares += latency * latency;
        const bucket = Math.floor(Math.log(latency) * 50);
        histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
      }
    } while (random() > 1 / world.meanRequests);
    sums.cost = add(sums.cost, y.cost, requests);
    sums.failures = add(sums.failures, y.failures, requests);
    sums.latency = add(sums.latency, y.latency, successes);
    sums.feedback = add(sums.feedback, y.right, requests);
  }
  const { observations, sum } = sums.latency;
  return {
    users: sums.cost.clusters,
    requests: sums.cost.observations,
    ...sums,
    baseline: sums.cost,
    firstToken: sums.latency,
    latencyVariance: squares / observations - (sum / observations) ** 2,
    latencies: [...histogram].sort(([a], [b]) => a - b).map(([bucket, count]) => bucketOf(bucket, count)),
  };
}

const bucketOf = (bucket: number, count: number): Bucket => ({
  low: Math.exp(bucket / 50),
  high: Math.exp((bucket + 1) / 50),
  count,
});
