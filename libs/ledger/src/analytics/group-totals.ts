import type { Database } from '../database';
import { weeklyRollupDimensions } from '../rollup/dimensions';
import { sourceOf, type GroupColumn, type ReportGrouping } from './groupings';
import type { ReportInterval, ReportRange, ReportScope } from './report-query';
import { bucketsOf, createStatement, rowsOf } from './statement';
import { totalsOf, totalsSql, type ReportTotals, type TotalsRow } from './totals';

/** By what groups are put in order. */
export const groupOrders = {
  paid: 'sum(paid_nano_usd)',
  cost: 'sum(paid_nano_usd + infrastructure_nano_usd)',
  baseline: 'sum(baseline_nano_usd)',
  infrastructure: 'sum(infrastructure_nano_usd)',
  savings: 'sum(baseline_nano_usd - paid_nano_usd)',
  net_savings: 'sum(baseline_nano_usd - paid_nano_usd - infrastructure_nano_usd)',
  requests: 'sum(requests)',
  tokens: 'sum(tokens_input + tokens_output)',
  errors: 'sum(errors)',
} as const;
export type GroupOrder = keyof typeof groupOrders | 'name';

export interface GroupQuery extends ReportScope {
  grouping: ReportGrouping;
  interval: ReportInterval;
  order: GroupOrder;
  isAscending: boolean;
  /** Of groups; with an interval each comes with all its buckets. */
  limit: number;
}

/** Names of a group; those that its grouping has none of are absent. */
export type GroupNames = Partial<Record<GroupColumn, string>>;

export interface GroupRow extends GroupNames {
  /** Day or hour, UTC; absent without an interval. */
  bucket?: string;
  totals: ReportTotals;
}

export interface GroupTotals {
  rows: GroupRow[];
  /** Of the whole range, of groups beyond the limit and of what belongs to none. */
  totals: ReportTotals;
  hasMore: boolean;
}

/** Of more than these, all rows in their order are read faster. */
const MOST_LOOKED_UP = 2_000;

type Row = TotalsRow & GroupNames & { place: string | null; bucket: string | null };

/** The first groups by some measure, with all their sums, and the sums of everything. One statement. Throws {@link DatabaseError}. */
export async function groupTotals(database: Pick<Database, 'query'>, query: GroupQuery): Promise<GroupTotals> {
  const { grouping, interval, order, isAscending, limit, range } = query;
  const statement = createStatement();
  const { dimension, columns } = sourceOf(grouping);
  const keys = columns.join(', ');
  const rows = (of: ReportRange, isUndated: boolean): string =>
    rowsOf(statement, { ...query, range: of, dimension, isByTenant: grouping === 'tenant', isUndated });
  // Days tell who comes first and what it all adds up to, also where hours are shown.
  const days: ReportRange = { ...range, grain: 'day' };
  const direction = isAscending ? 'ASC' : 'DESC';
  const rank =
    order === 'name' ? columns.map((column) => `${column} ${direction}`).join(', ') : `rank ${direction}, ${keys}`;
  const buckets = bucketsOf(range.grain, interval);
  // Few of very many: looked up one by one. The planner does not see how few there are and would read the rows of all, if OFFSET let it.
  const isLookedUp = weeklyRollupDimensions.includes(dimension) && limit <= MOST_LOOKED_UP;
  const ofPicked = isLookedUp ? ` AND tenant_id = picked.tenant_id AND value = picked.value OFFSET 0` : '';
  const sql = `
    WITH picked AS MATERIALIZED (
      SELECT *, row_number() OVER (ORDER BY ${rank}) AS place FROM (
        SELECT ${keys}, ${order === 'name' ? '0' : groupOrders[order]} AS rank FROM ${rows(days, true)} GROUP BY ${keys}
      ) ranked ORDER BY ${rank} LIMIT ${statement.bind(limit + 1)}
    )
    SELECT place::text, ${keys}, ${buckets?.text ?? 'NULL'} AS bucket, ${totalsSql}
    FROM picked JOIN LATERAL (SELECT * FROM ${rows(range, interval === 'none')}${ofPicked}) summed USING (${keys})
    GROUP BY place, ${keys}${buckets ? `, ${buckets.key}` : ''}
    UNION ALL
    SELECT NULL, ${columns.map(() => 'NULL').join(', ')}, NULL, ${totalsSql}
    FROM ${rowsOf(statement, { ...query, range: days, dimension: 'total' })}`;
  const found = await database.query<Row>(sql, statement.parameters);
  const isTotal = ({ place }: Row): boolean => place === null;
  const overall = found.find(isTotal);
  if (!overall) throw new Error('an aggregate gave no row');
  const placed = found.filter((row) => !isTotal(row)).sort(inOrder);
  return {
    rows: placed.filter(({ place }) => Number(place) <= limit).map((row) => groupRow(row, columns)),
    totals: totalsOf(overall),
    hasMore: placed.some(({ place }) => Number(place) > limit),
  };
}

const inOrder = (a: Row, b: Row): number =>
  Number(a.place) - Number(b.place) || ((a.bucket ?? '') < (b.bucket ?? '') ? -1 : 1);

/** Without spreading: there may be ten thousands of rows. */
function groupRow(row: Row, columns: readonly GroupColumn[]): GroupRow {
  const group: GroupRow = { totals: totalsOf(row) };
  for (const column of columns) group[column] = row[column];
  if (row.bucket !== null) group.bucket = row.bucket;
  return group;
}
