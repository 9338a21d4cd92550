import type { Database } from '../database';
import type { ReportInterval, ReportScope } from './report-query';
import { bucketsOf, createStatement, rowsOf } from './statement';
import { totalsOf, totalsSql, type ReportTotals, type TotalsRow } from './totals';

export interface UnitQuery extends ReportScope {
  interval: ReportInterval;
}

/** What costs are divided by. */
export interface UnitRow {
  bucket?: string;
  totals: ReportTotals;
  /** Users with at least one request, and what the requests that name a user cost, our own cost included. */
  activeUsers: number;
  userCostNanoUsd: bigint;
  /** Requests that name a feature, and what they cost. */
  featureCalls: number;
  featureCostNanoUsd: bigint;
}

type Row = TotalsRow &
  Record<'active_users' | 'user_cost' | 'feature_calls' | 'feature_cost', string> & { bucket: string | null };

const COST = 'sum(paid_nano_usd + infrastructure_nano_usd)';

/** By day or hour, or of the whole range at once. One statement. Throws {@link DatabaseError}. */
export async function unitTotals(database: Pick<Database, 'query'>, query: UnitQuery): Promise<UnitRow[]> {
  const statement = createStatement();
  const buckets = bucketsOf(query.range.grain, query.interval) ?? { key: '0', text: 'NULL' };
  const rows = (dimension: 'total' | 'user' | 'feature'): string => rowsOf(statement, { ...query, dimension });
  const slot = `${buckets.key} AS slot`;
  const sql = `
    SELECT totals.*, coalesce(active_users, 0)::text AS active_users, coalesce(user_cost, 0)::text AS user_cost,
      coalesce(feature_calls, 0)::text AS feature_calls, coalesce(feature_cost, 0)::text AS feature_cost
    FROM (SELECT ${slot}, ${buckets.text} AS bucket, ${totalsSql} FROM ${rows('total')} GROUP BY ${buckets.key === '0' ? '1' : buckets.key}) totals
    LEFT JOIN (
      SELECT slot, count(*) AS active_users, sum(cost) AS user_cost FROM (
        SELECT ${slot}, tenant_id, value, ${COST} AS cost FROM ${rows('user')} AND value <> '' GROUP BY 1, 2, 3
      ) one GROUP BY slot
    ) users USING (slot)
    LEFT JOIN (
      SELECT ${slot}, sum(requests) AS feature_calls, ${COST} AS feature_cost FROM ${rows('feature')} AND value <> '' GROUP BY 1
    ) features USING (slot)
    ORDER BY slot`;
  const found = await database.query<Row>(sql, statement.parameters);
  return found.map((row) => ({
    ...(row.bucket === null ? {} : { bucket: row.bucket }),
    totals: totalsOf(row),
    activeUsers: Number(row.active_users),
    userCostNanoUsd: BigInt(row.user_cost),
    featureCalls: Number(row.feature_calls),
    featureCostNanoUsd: BigInt(row.feature_cost),
  }));
}
