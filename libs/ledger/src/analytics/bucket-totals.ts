import type { Database } from '../database';
import type { ReportInterval, ReportScope } from './report-query';
import { bucketsOf, createStatement, rowsOf } from './statement';
import { totalsOf, totalsSql, type ReportTotals, type TotalsRow } from './totals';

export interface BucketQuery extends ReportScope {
  interval: Exclude<ReportInterval, 'none'>;
}

export interface BucketRow {
  /** Day or hour, UTC. */
  bucket: string;
  totals: ReportTotals;
}

/** Everything by day or hour, in order; those without a request are absent. One statement. Throws {@link DatabaseError}. */
export async function bucketTotals(database: Pick<Database, 'query'>, query: BucketQuery): Promise<BucketRow[]> {
  const statement = createStatement();
  const buckets = bucketsOf(query.range.grain, query.interval);
  const sql = `
    SELECT ${buckets?.text} AS bucket, ${totalsSql}
    FROM ${rowsOf(statement, { ...query, dimension: 'total' })}
    GROUP BY ${buckets?.key} ORDER BY ${buckets?.key}`;
  const rows = await database.query<TotalsRow & { bucket: string }>(sql, statement.parameters);
  return rows.map((row) => ({ bucket: row.bucket, totals: totalsOf(row) }));
}
