import type { Database } from './database';

export interface LedgerCheck {
  /** Every identity holds, no request is charged twice, nothing was set aside. */
  isBalanced: boolean;
  requests: number;
  /** Rows whose `baseline - paid` is not the sum of their savings. */
  unbalancedRows: number;
  /** Σ baseline - Σ paid - Σ savings: zero. */
  differenceNanoUsd: bigint;
  /** Request ids that stand in the ledger more than once. */
  requestsChargedTwice: number;
  rejectedRecords: number;
  /** Rows that wait for a partition of their day. */
  rowsInDefaultPartition: number;
  /** UTC days from tomorrow on that have their partition. */
  partitionsAhead: number;
}

const CHECK_TIMEOUT_MS = 120_000;
const saved = 'savings_cache_nano_usd + savings_routing_nano_usd + savings_prefix_nano_usd + savings_batching_nano_usd';

const checkSql = `
  SELECT rows.*, twice.*,
    (SELECT count(*) FROM rejected_completions)::text AS rejected,
    (SELECT count(*) FROM llm_requests_default)::text AS in_default,
    (SELECT count(*) FROM generate_series(1, 366) AS day
      WHERE to_regclass('llm_requests_' || to_char((now() AT TIME ZONE 'UTC')::date + day, 'YYYYMMDD')) IS NOT NULL)::text AS ahead
  FROM (
    SELECT count(*)::text AS requests, count(*) FILTER (WHERE baseline_nano_usd - paid_nano_usd <> ${saved})::text AS unbalanced,
      coalesce(sum(baseline_nano_usd) - sum(paid_nano_usd) - sum(${saved}), 0)::text AS difference
    FROM llm_requests WHERE $1::timestamptz IS NULL OR created_at >= $1
  ) AS rows, (
    SELECT count(*)::text AS charged_twice FROM (
      SELECT FROM llm_requests WHERE $1::timestamptz IS NULL OR created_at >= $1 GROUP BY request_id HAVING count(*) > 1
    ) AS repeated
  ) AS twice`;

type CheckRow = Record<
  'requests' | 'unbalanced' | 'difference' | 'charged_twice' | 'rejected' | 'in_default' | 'ahead',
  string
>;

/** Goes through the ledger from `since` (default: all of it) and says whether it adds up. Throws {@link DatabaseError}. */
export async function checkLedger(database: Database, { since }: { since?: Date } = {}): Promise<LedgerCheck> {
  const [row] = await database.report<CheckRow>(checkSql, [since?.toISOString() ?? null], CHECK_TIMEOUT_MS);
  if (!row) throw new Error('an aggregate gave no row');
  const unbalancedRows = Number(row.unbalanced);
  const differenceNanoUsd = BigInt(row.difference);
  const requestsChargedTwice = Number(row.charged_twice);
  const rejectedRecords = Number(row.rejected);
  return {
    isBalanced: unbalancedRows + requestsChargedTwice + rejectedRecords === 0 && differenceNanoUsd === 0n,
    requests: Number(row.requests),
    unbalancedRows,
    differenceNanoUsd,
    requestsChargedTwice,
    rejectedRecords,
    rowsInDefaultPartition: Number(row.in_default),
    partitionsAhead: Number(row.ahead),
  };
}
