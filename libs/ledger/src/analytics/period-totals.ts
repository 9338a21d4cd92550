import type { Database } from '../database';
import { rangeBefore, type ReportRange, type ReportScope } from './report-query';
import { comparedRowsOf, createStatement, rowsOf } from './statement';
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
  const users = (isCurrent: boolean, range: ReportRange): string =>
    `SELECT ${isCurrent} AS is_current, count(*) AS users FROM (
        SELECT DISTINCT tenant_id, value FROM ${rowsOf(statement, { ...query, range, dimension: 'user', isUndated: true })} AND value <> ''
      ) seen`;
  const sql = `
    SELECT totals.*, users.users::text AS users
    FROM (
      SELECT is_current, ${totalsSql} FROM ${comparedRowsOf(statement, { ...query, dimension: 'total' })} GROUP BY is_current
    ) totals
    JOIN (
      ${users(true, query.range)} UNION ALL ${users(false, rangeBefore(query.range))}
    ) users USING (is_current)`;
  const rows = await database.query<Row>(sql, statement.parameters);
  const periodOf = (isThis: boolean): PeriodTotals => {
    const row = rows.find(({ is_current }) => is_current === isThis);
    return row ? { totals: totalsOf(row), users: Number(row.users) } : { totals: emptyTotals(), users: 0 };
  };
  return { current: periodOf(true), previous: periodOf(false) };
}
