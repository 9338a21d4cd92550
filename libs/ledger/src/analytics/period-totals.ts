import type { Database } from '../database';
import type { ReportScope } from './report-query';
import { comparedRowsOf, createStatement } from './statement';
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
  const compared = (dimension: 'total' | 'user'): string => comparedRowsOf(statement, { ...query, dimension });
  const sql = `
    SELECT totals.*, coalesce(users.users, 0)::text AS users
    FROM (
      SELECT is_current, ${totalsSql} FROM ${compared('total')} GROUP BY is_current
    ) totals
    LEFT JOIN (
      SELECT is_current, count(*) AS users FROM (
        SELECT DISTINCT is_current, tenant_id, value FROM ${compared('user')} AND value <> ''
      ) seen GROUP BY 1
    ) users USING (is_current)`;
  const rows = await database.query<Row>(sql, statement.parameters);
  const periodOf = (isThis: boolean): PeriodTotals => {
    const row = rows.find(({ is_current }) => is_current === isThis);
    return row ? { totals: totalsOf(row), users: Number(row.users) } : { totals: emptyTotals(), users: 0 };
  };
  return { current: periodOf(true), previous: periodOf(false) };
}
