import type { RoutingPolicy } from '../routing-policy';
import { bootstrapTotals, middle95, type Interval } from './bootstrap-totals';
import type { CostRange, PastRequest, TokenSpread } from './past-request';
import { replayRequest, type ReplayedRequest, type ReplayOutcome } from './replay-request';

export interface ReplayOptions {
  readonly spread?: TokenSpread;
  readonly seed?: number;
}

/** Sums over some of the requests. Money in nano-dollars. */
export interface ReplayTotals {
  readonly requests: number;
  readonly changed: number;
  readonly paidNanoUsd: number;
  readonly cost: CostRange;
}

export interface ReplayReport extends ReplayTotals {
  readonly outcomes: Readonly<Record<ReplayOutcome, number>>;
  /** Undefined: of no request is it known. Else over those of which it is. */
  readonly baselineNanoUsd?: number;
  /** Share of what was paid that would not have been; undefined where nothing was paid. Negative: it would have cost more. */
  readonly savedShare?: number;
  /** By which requests happened to come: 95 %, over the requests drawn anew, the tokens as counted. */
  readonly savedInterval?: Interval;
  /** The same, widened by what is not known of another model's tokens. */
  readonly savedIntervalWidened?: Interval;
  /** Expected change in the share of right answers over all requests, -1 to 1, of those changes of which something is predicted. */
  readonly qualityChange: {
    readonly expected: number;
    readonly interval?: Interval;
    readonly predicted: number;
    readonly unpredicted: number;
  };
  readonly moves: readonly (ReplayTotals & { readonly from: string; readonly to: string })[];
  readonly models: readonly { readonly from: string; readonly to: string; readonly requests: number }[];
  readonly tenants: readonly (ReplayTotals & { readonly tenantId: string })[];
}

/** Assumed, not measured: tokenisers differ by some 15 %, lengths of answers by half, and reasoning makes an answer several times as long. */
export const defaultTokenSpread: TokenSpread = { prompt: 1.15, output: 1.5, reasoning: 4 };

interface Sum {
  requests: number;
  changed: number;
  paidNanoUsd: number;
  cost: { low: number; likely: number; high: number };
}

const nothing = (): Sum => ({ requests: 0, changed: 0, paidNanoUsd: 0, cost: { low: 0, likely: 0, high: 0 } });

function add(sum: Sum, { paidNanoUsd }: PastRequest, { outcome, cost }: ReplayedRequest): void {
  sum.requests += 1;
  if (outcome === 'changed') sum.changed += 1;
  sum.paidNanoUsd += paidNanoUsd;
  sum.cost.low += cost.low;
  sum.cost.likely += cost.likely;
  sum.cost.high += cost.high;
}

function sumOf<K>(sums: Map<K, Sum>, key: K): Sum {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = nothing()));
  return sum;
}

/**
 * What past traffic would have cost under a policy, without calling any model, by the very function that chooses models. A forecast, not a
 * bill: nobody knows another model's tokens, so that its costs are a range; what doubtful answers and failures would have cost on top is not in it.
 * Deterministic for a seed; linear in the requests, up to a thousand times for the intervals.
 */
export function replayTraffic(
  policy: RoutingPolicy,
  requests: readonly PastRequest[],
  { spread = defaultTokenSpread, seed = 1 }: ReplayOptions = {},
): ReplayReport {
  const outcomes = { changed: 0, same: 0, fixed: 0, unjudged: 0, refused: 0, unpriced: 0 };
  const all = nothing();
  const moves = new Map<string, Sum>();
  const models = new Map<string, number>();
  const tenants = new Map<string, Sum>();
  const replayed = requests.map((request) => {
    const result = replayRequest(policy, request, spread);
    outcomes[result.outcome] += 1;
    add(all, request, result);
    add(sumOf(tenants, request.tenantId), request, result);
    add(sumOf(moves, `${result.fromTier ?? 'unknown'} ${result.toTier ?? 'unknown'}`), request, result);
    if (result.outcome === 'changed') {
      const key = JSON.stringify([request.modelUsed, result.model]);
      models.set(key, (models.get(key) ?? 0) + 1);
    }
    return result;
  });
  const baselines = requests.flatMap(({ baselineNanoUsd }) => baselineNanoUsd ?? []);
  return {
    ...all,
    outcomes,
    baselineNanoUsd: baselines.length > 0 ? baselines.reduce((sum, one) => sum + one, 0) : undefined,
    ...intervalsOf(requests, replayed, all, seed),
    moves: [...moves].map(([key, sum]) => ({ from: key.split(' ')[0] ?? '', to: key.split(' ')[1] ?? '', ...sum })),
    models: [...models]
      .map(([key, count]) => {
        const [from, to] = JSON.parse(key) as [string, string];
        return { from, to, requests: count };
      })
      .sort((a, b) => b.requests - a.requests),
    tenants: [...tenants]
      .map(([tenantId, sum]) => ({ tenantId, ...sum }))
      .sort((a, b) => b.paidNanoUsd - a.paidNanoUsd),
  };
}

type Intervals = Pick<ReplayReport, 'savedShare' | 'savedInterval' | 'savedIntervalWidened' | 'qualityChange'>;

function intervalsOf(
  requests: readonly PastRequest[],
  replayed: readonly ReplayedRequest[],
  all: ReplayTotals,
  seed: number,
): Intervals {
  const column = (valueOf: (result: ReplayedRequest) => number): Float64Array => Float64Array.from(replayed, valueOf);
  const quality = column(({ qualityChange = 0 }) => qualityChange);
  const predicted = replayed.filter(
    ({ outcome, qualityChange }) => outcome === 'changed' && qualityChange !== undefined,
  );
  const columns = [
    Float64Array.from(requests, ({ paidNanoUsd }) => paidNanoUsd),
    column(({ cost }) => cost.low),
    column(({ cost }) => cost.likely),
    column(({ cost }) => cost.high),
    quality,
  ];
  const [paid, low, likely, high, right] = bootstrapTotals(columns, seed);
  const shares = (costs: Float64Array | undefined): number[] =>
    [...(costs ?? [])].flatMap((cost, at) => (paid?.[at] ? 1 - cost / paid[at] : []));
  const cheapest = middle95(shares(low));
  const dearest = middle95(shares(high));
  const count = replayed.length;
  return {
    savedShare: all.paidNanoUsd > 0 ? 1 - all.cost.likely / all.paidNanoUsd : undefined,
    savedInterval: middle95(shares(likely)),
    savedIntervalWidened: cheapest && dearest ? [dearest[0], cheapest[1]] : undefined,
    qualityChange: {
      expected: count > 0 ? quality.reduce((sum, one) => sum + one, 0) / count : 0,
      interval: count > 0 ? middle95([...(right ?? [])].map((sum) => sum / count)) : undefined,
      predicted: predicted.length,
      unpredicted: all.changed - predicted.length,
    },
  };
}
