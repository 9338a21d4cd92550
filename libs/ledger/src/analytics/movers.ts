import type { Database } from '../database';
import type { GroupNames } from './group-totals';
import { sourceOf, type GroupColumn, type ReportGrouping } from './groupings';
import type { ReportScope } from './report-query';
import { comparedRowsOf, createStatement } from './statement';

export interface MoverQuery extends ReportScope {
  grouping: ReportGrouping;
  limit: number;
}

export interface Mover extends GroupNames {
  paidNanoUsd: bigint;
  requests: number;
  previousPaidNanoUsd: bigint;
  previousRequests: number;
}

export interface Movers {
  rows: Mover[];
  hasMore: boolean;
}

type Row = GroupNames & Record<'paid' | 'requests' | 'previous_paid' | 'previous_requests', string>;

/** The groups whose payments changed most against the range before, those that are new or gone too. One statement. Throws {@link DatabaseError}. */
export async function findMovers(database: Pick<Database, 'query'>, query: MoverQuery): Promise<Movers> {
  const statement = createStatement();
  const { grouping, limit } = query;
  const { dimension, columns } = sourceOf(grouping);
  const keys = columns.join(', ');
  const sums = (what: string, where: string): string => `coalesce(sum(${what}) FILTER (WHERE ${where}), 0)`;
  const sql = `
    SELECT ${keys}, paid::text, requests::text, previous_paid::text, previous_requests::text FROM (
      SELECT ${keys}, ${sums('paid_nano_usd', 'is_current')} AS paid, ${sums('requests', 'is_current')} AS requests,
        ${sums('paid_nano_usd', 'NOT is_current')} AS previous_paid, ${sums('requests', 'NOT is_current')} AS previous_requests
      FROM ${comparedRowsOf(statement, { ...query, dimension, isByTenant: grouping === 'tenant', isUndated: true })}
      GROUP BY ${keys}
    ) moved
    WHERE paid <> previous_paid
    ORDER BY abs(paid - previous_paid) DESC, ${keys} LIMIT ${statement.bind(limit + 1)}`;
  const found = await database.query<Row>(sql, statement.parameters);
  return { rows: found.slice(0, limit).map((row) => moverOf(row, columns)), hasMore: found.length > limit };
}

function moverOf(row: Row, columns: readonly GroupColumn[]): Mover {
  return {
    ...(Object.fromEntries(columns.map((column) => [column, row[column]])) as GroupNames),
    paidNanoUsd: BigInt(row.paid),
    requests: Number(row.requests),
    previousPaidNanoUsd: BigInt(row.previous_paid),
    previousRequests: Number(row.previous_requests),
  };
}
