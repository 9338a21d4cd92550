/** Sums of requests. Money is in bigints: a sum may leave the safe integers. Counts and milliseconds do not. */
export interface ReportTotals {
  requests: number;
  /** Ended with an error. */
  errors: number;
  /** Answered from any cache, or by sharing a call. */
  hits: number;
  upstreamCalls: number;
  /** A provider was asked and the price is not known: their cost is in no sum. */
  unpricedRequests: number;
  /** What clients were served, from caches too. */
  tokensInput: number;
  tokensOutput: number;
  paidNanoUsd: bigint;
  baselineNanoUsd: bigint;
  infrastructureNanoUsd: bigint;
  cacheNanoUsd: bigint;
  routingNanoUsd: bigint;
  prefixNanoUsd: bigint;
  batchingNanoUsd: bigint;
  /** Of requests without an error, added up. */
  latencyMs: number;
  /** How many have a time to the first token, and these times added up. */
  firstTokens: number;
  firstTokenMs: number;
}

type CountName = { [Name in keyof ReportTotals]: ReportTotals[Name] extends number ? Name : never }[keyof ReportTotals];
type MoneyName = Exclude<keyof ReportTotals, CountName>;

const counts: Record<CountName, string> = {
  requests: 'requests',
  errors: 'errors',
  hits: 'memory_hits + exact_hits + semantic_hits + coalesced_hits',
  upstreamCalls: 'upstream_calls',
  unpricedRequests: 'unpriced_requests',
  tokensInput: 'tokens_input',
  tokensOutput: 'tokens_output',
  latencyMs: 'latency_ms',
  firstTokens: 'first_tokens',
  firstTokenMs: 'first_token_ms',
};

const amounts: Record<MoneyName, string> = {
  paidNanoUsd: 'paid_nano_usd',
  baselineNanoUsd: 'baseline_nano_usd',
  infrastructureNanoUsd: 'infrastructure_nano_usd',
  cacheNanoUsd: 'savings_cache_nano_usd',
  routingNanoUsd: 'savings_routing_nano_usd',
  prefixNanoUsd: 'savings_prefix_nano_usd',
  batchingNanoUsd: 'savings_batching_nano_usd',
};

const countNames = Object.keys(counts) as CountName[];
const moneyNames = Object.keys(amounts) as MoneyName[];

/** The sums of a group of rollup rows, as text: neither numbers nor dates of a driver come between. */
export const totalsSql = Object.entries({ ...counts, ...amounts })
  .map(([name, sql]) => `sum(${sql})::text AS "${name}"`)
  .join(', ');

/** As {@link totalsSql} gives it; null where there are no rows. */
export type TotalsRow = Record<keyof ReportTotals, string | null>;

/** Reads a row of sums. One literal: there may be ten thousand rows. */
export function totalsOf(row: TotalsRow): ReportTotals {
  return {
    requests: Number(row.requests ?? 0),
    errors: Number(row.errors ?? 0),
    hits: Number(row.hits ?? 0),
    upstreamCalls: Number(row.upstreamCalls ?? 0),
    unpricedRequests: Number(row.unpricedRequests ?? 0),
    tokensInput: Number(row.tokensInput ?? 0),
    tokensOutput: Number(row.tokensOutput ?? 0),
    paidNanoUsd: BigInt(row.paidNanoUsd ?? 0),
    baselineNanoUsd: BigInt(row.baselineNanoUsd ?? 0),
    infrastructureNanoUsd: BigInt(row.infrastructureNanoUsd ?? 0),
    cacheNanoUsd: BigInt(row.cacheNanoUsd ?? 0),
    routingNanoUsd: BigInt(row.routingNanoUsd ?? 0),
    prefixNanoUsd: BigInt(row.prefixNanoUsd ?? 0),
    batchingNanoUsd: BigInt(row.batchingNanoUsd ?? 0),
    latencyMs: Number(row.latencyMs ?? 0),
    firstTokens: Number(row.firstTokens ?? 0),
    firstTokenMs: Number(row.firstTokenMs ?? 0),
  };
}

const noRow = Object.fromEntries([...countNames, ...moneyNames].map((name) => [name, null])) as TotalsRow;

export const emptyTotals = (): ReportTotals => totalsOf(noRow);

/** Adds up totals. */
export function sumTotals(all: readonly ReportTotals[]): ReportTotals {
  const sum = emptyTotals();
  for (const one of all) {
    for (const name of countNames) sum[name] += one[name];
    for (const name of moneyNames) sum[name] += one[name];
  }
  return sum;
}
