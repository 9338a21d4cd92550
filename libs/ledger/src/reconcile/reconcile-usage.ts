import type { Database } from '../database';
import { compareUsage, type OwnUsage, type UsageComparison } from './compare-usage';
import type { UsageRow } from './usage-row';

export interface Reconciliation extends UsageComparison {
  /** First and last UTC day of theirs; ours are those of the same days. */
  from: string;
  to: string;
}

export interface ReconcileAsked {
  /** As it stands in the ledger. */
  provider: string;
  rows: readonly UsageRow[];
  /** Of theirs. */
  tolerancePercent: number;
}

const TIMEOUT_MS = 30_000;

/** Rollups only. What was paid twice stands beside the records, by the day of the request. */
const ownSql = `
  SELECT bucket::text AS day, value AS model, fresh_input_tokens::text AS fresh_input, cache_read_tokens::text AS cache_read,
    cache_write_short_tokens::text AS cache_write_short, cache_write_long_tokens::text AS cache_write_long, output_tokens::text AS output,
    reasoning_tokens::text AS reasoning, paid_nano_usd::text AS paid, coalesce(doubled.paid, 0)::text AS duplicate_paid
  FROM cost_daily_rollup rollup LEFT JOIN (
    SELECT (created_at AT TIME ZONE 'UTC')::date AS day, model_used, sum(paid_nano_usd) AS paid FROM duplicate_completions
    WHERE provider = $1 AND created_at >= $2::date::timestamp AT TIME ZONE 'UTC' AND created_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2
  ) AS doubled ON doubled.day = rollup.bucket AND doubled.model_used = rollup.value
  WHERE tenant_id = '*' AND dimension = 'model' AND parent = $1 AND bucket >= $2::date AND bucket <= $3::date AND upstream_calls > 0`;

type OwnRow = Record<
  | 'day'
  | 'model'
  | 'fresh_input'
  | 'cache_read'
  | 'cache_write_short'
  | 'cache_write_long'
  | 'output'
  | 'reasoning'
  | 'paid'
  | 'duplicate_paid',
  string
>;

/**
 * Sets a provider's figures against the rollups of the same days, whose requests called it. Undefined where the export says nothing.
 * Throws {@link DatabaseError}.
 */
export async function reconcileUsage(database: Database, asked: ReconcileAsked): Promise<Reconciliation | undefined> {
  const days = asked.rows.map(({ day }) => day).sort();
  const [from, to] = [days[0], days.at(-1)];
  if (from === undefined || to === undefined) return undefined;
  const own = await database.report<OwnRow>(ownSql, [asked.provider, from, to], TIMEOUT_MS);
  return { from, to, ...compareUsage(own.map(toUsage), asked.rows, asked.tolerancePercent) };
}

const toUsage = (row: OwnRow): OwnUsage => ({
  day: row.day,
  model: row.model,
  tokens: {
    freshInputTokens: BigInt(row.fresh_input),
    cacheReadTokens: BigInt(row.cache_read),
    cacheWriteShortTokens: BigInt(row.cache_write_short),
    cacheWriteLongTokens: BigInt(row.cache_write_long),
    outputTokens: BigInt(row.output),
    reasoningTokens: BigInt(row.reasoning),
  },
  paidNanoUsd: BigInt(row.paid),
  duplicatePaidNanoUsd: BigInt(row.duplicate_paid),
});
