import type { Database } from '../database';
import { rangeBefore, type ReportScope } from './report-query';
import { bindBucket, createStatement, rowsOf } from './statement';
import { emptyTotals, totalsOf, totalsSql, type ReportTotals, type TotalsRow } from './totals';

export interface PeriodTotals {
  totals: ReportTotals;
  /** With at least one request; requests without a user belong to none. */
  users: number;
}

type Row = TotalsRow & { is_current: boolean; users: string };

/** Everything of a range, and of the one before it. One statement. Throws {@link DatabaseError}. */
export async function periodTotals(
  database: Pick<Database, 'query'>,
  query: ReportScope,
): Promise<{ current: PeriodTotals; previous: PeriodTotals }> {
  const statement = createStatement();
  const both = { ...query, range: { ...query.range, from: rangeBefore(query.range).from } };
  const isCurrent = `bucket >= ${bindBucket(statement, query.range, query.range.from)}`;
  const sql = `
    SELECT totals.*, coalesce(users.users, 0)::text AS users
    FROM (
      SELECT ${isCurrent} AS is_current, ${totalsSql} FROM ${rowsOf(statement, { ...both, dimension: 'total' })} GROUP BY 1
    ) totals
    LEFT JOIN (
      SELECT is_current, count(*) AS users FROM (
        SELECT DISTINCT ${isCurrent} AS is_current, tenant_id, value
        FROM ${rowsOf(statement, { ...both, dimension: 'user' })} AND value <> ''
      ) seen GROUP BY 1
    ) users USING (is_current)`;
  const rows = await database.query<Row>(sql, statement.parameters);
  const periodOf = (isThis: boolean): PeriodTotals => {
    const row = rows.find(({ is_current }) => is_current === isThis);
    return row ? { totals: totalsOf(row), users: Number(row.users) } : { totals: emptyTotals(), users: 0 };
  };
  return { current: periodOf(true), previous: periodOf(false) };
}
