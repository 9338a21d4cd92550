import type { Database } from '../database';
import { sourceOf, type ReportGrouping } from './groupings';
import { createStatement, rowsOf } from './statement';

export interface HistoryQuery {
  /** Absent: the whole deployment. */
  tenantId?: string;
  /** Of one group only: its `value` of a grouping. */
  of?: { grouping: Exclude<ReportGrouping, 'tenant'>; value: string };
  /** Up to this moment, which stands in the last day and hour. */
  now: Date;
  /** How many days, before the current one, and of how many of them by the hour, too. */
  days: number;
  hourlyDays: number;
}

export interface CostHistory {
  /** Payments by UTC day, the current one included, and by the start of the hour; none: absent. */
  days: ReadonlyMap<string, bigint>;
  hours: ReadonlyMap<string, bigint>;
}

const DAY_MS = 86_400_000;

/** What was paid, day by day. One statement. Throws {@link DatabaseError}. */
export async function costHistory(database: Pick<Database, 'query'>, query: HistoryQuery): Promise<CostHistory> {
  const { tenantId, of, now, days, hourlyDays } = query;
  const statement = createStatement();
  const dimension = of === undefined ? 'total' : sourceOf(of.grouping).dimension;
  const today = now.getTime() - (now.getTime() % DAY_MS);
  const to = new Date(today + DAY_MS);
  const rows = (grain: 'day' | 'hour', count: number): string => {
    const range = { from: new Date(today - count * DAY_MS), to, grain };
    const value = of === undefined ? '' : ` AND value = ${statement.bind(of.value)}`;
    return rowsOf(statement, { tenantId, range, dimension }) + value;
  };
  const sql = `
    SELECT 'day' AS grain, to_char(bucket, 'YYYY-MM-DD') AS bucket, sum(paid_nano_usd)::text AS paid
    FROM ${rows('day', days)} GROUP BY cost_daily_rollup.bucket
    UNION ALL
    SELECT 'hour', to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), sum(paid_nano_usd)::text
    FROM ${rows('hour', hourlyDays)} GROUP BY cost_hourly_rollup.bucket`;
  const found = await database.query<{ grain: 'day' | 'hour'; bucket: string; paid: string }>(
    sql,
    statement.parameters,
  );
  const byGrain = (grain: 'day' | 'hour'): Map<string, bigint> =>
    new Map(found.filter((row) => row.grain === grain).map(({ bucket, paid }) => [bucket, BigInt(paid)]));
  return { days: byGrain('day'), hours: byGrain('hour') };
}
