import type { SavingsNanoUsd } from '@costlane/contracts';
import type { Database } from './database';

/** Sums of money are bigints: a sum may leave the safe integers, an amount may not. */
export type SavingsTotals = Record<keyof SavingsNanoUsd, bigint>;

export interface LedgerSummary {
  requests: number;
  paidNanoUsd: bigint;
  baselineNanoUsd: bigint;
  savedNanoUsd: bigint;
  savings: SavingsTotals;
  /** Requests whose model has no known price: their cost is in no sum. */
  unpricedRequests: number;
  /** Further completions of recorded requests, and what the operator paid for them beyond `paidNanoUsd`. */
  duplicateCompletions: number;
  duplicatePaidNanoUsd: bigint;
}

export interface SummaryFilter {
  /** Default: all tenants. */
  tenantId?: string;
  /** Requests that came in at this moment or later; default: all. */
  since?: Date;
}

const SUMMARY_TIMEOUT_MS = 15_000;

const summarySql = `
  SELECT recorded.*, doubled.* FROM (
    SELECT count(*)::text AS requests, coalesce(sum(paid_nano_usd), 0)::text AS paid,
      coalesce(sum(baseline_nano_usd), 0)::text AS baseline,
      coalesce(sum(savings_cache_nano_usd), 0)::text AS cache, coalesce(sum(savings_routing_nano_usd), 0)::text AS routing,
      coalesce(sum(savings_prefix_nano_usd), 0)::text AS prefix, coalesce(sum(savings_batching_nano_usd), 0)::text AS batching,
      count(*) FILTER (WHERE price_version IS NULL AND upstream_calls > 0)::text AS unpriced
    FROM llm_requests WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::timestamptz IS NULL OR created_at >= $2)
  ) recorded, (
    SELECT count(*)::text AS duplicates, coalesce(sum(paid_nano_usd), 0)::text AS duplicate_paid
    FROM duplicate_completions WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::timestamptz IS NULL OR created_at >= $2)
  ) doubled`;

type SummaryRow = Record<
  | 'requests'
  | 'paid'
  | 'baseline'
  | 'cache'
  | 'routing'
  | 'prefix'
  | 'batching'
  | 'unpriced'
  | 'duplicates'
  | 'duplicate_paid',
  string
>;

/** What was asked, paid and saved. Throws {@link DatabaseError}. */
export async function summarise(database: Database, { tenantId, since }: SummaryFilter): Promise<LedgerSummary> {
  const parameters = [tenantId ?? null, since?.toISOString() ?? null];
  const [row] = await database.report<SummaryRow>(summarySql, parameters, SUMMARY_TIMEOUT_MS);
  if (!row) throw new Error('an aggregate gave no row');
  const paidNanoUsd = BigInt(row.paid);
  const baselineNanoUsd = BigInt(row.baseline);
  return {
    requests: Number(row.requests),
    paidNanoUsd,
    baselineNanoUsd,
    savedNanoUsd: baselineNanoUsd - paidNanoUsd,
    savings: {
      cache: BigInt(row.cache),
      routing: BigInt(row.routing),
      prefix: BigInt(row.prefix),
      batching: BigInt(row.batching),
    },
    unpricedRequests: Number(row.unpriced),
    duplicateCompletions: Number(row.duplicates),
    duplicatePaidNanoUsd: BigInt(row.duplicate_paid),
  };
}
