import type { Database } from '../database';
import { splitRange } from './range-parts';
import type { ReportInterval, ReportScope } from './report-query';
import { activeUsersOf, bucketsOf, createStatement, rowsOf, type Statement } from './statement';
import { totalsOf, totalsSql, type ReportTotals, type TotalsRow } from './totals';

export interface UnitQuery extends ReportScope {
  interval: ReportInterval;
}

/** What costs are divided by. */
export interface UnitRow {
  /** Day or hour, UTC; absent: the whole range. */
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

const NAMED = ` AND value <> ''`;
/** Few rows: what users cost is what all cost, but for these. */
const NAMELESS = ` AND value = ''`;
/** The whole range's slot is NULL. An equality can be hashed, `IS NOT DISTINCT FROM` cannot. */
const isSameSlot = (table: string): string => `coalesce(${table}.slot, 'infinity') = coalesce(totals.slot, 'infinity')`;
const COST = 'sum(paid_nano_usd + infrastructure_nano_usd)';

/** By day or hour, in order, behind the whole range, in which each user counts once. One statement. Throws {@link DatabaseError}. */
export async function unitTotals(
  database: Pick<Database, 'query'>,
  query: UnitQuery,
): Promise<{ overall: UnitRow; rows: UnitRow[] }> {
  const statement = createStatement();
  const buckets = bucketsOf(query.range.grain, query.interval);
  const { slot, text, sets } = buckets
    ? { slot: 'slot', text: 'min(text)', sets: 'GROUPING SETS ((slot), ())' }
    : { slot: 'NULL::date AS slot', text: 'NULL', sets: '()' };
  const rows = (dimension: 'total' | 'user' | 'feature', where: string): string =>
    `SELECT *, ${buckets?.key ?? 'NULL::date'} AS slot, ${buckets?.text ?? 'NULL'} AS text FROM ${rowsOf(statement, { ...query, dimension })}${where}`;
  // Days tell who was there at all, also where hours are shown.
  const everyone = { ...query, range: { ...query.range, grain: 'day' }, dimension: 'user', isUndated: true } as const;
  const sql = `
    WITH users AS (
      ${buckets ? `${activeBySlot(statement, query)} UNION ALL` : ''}
      SELECT ${buckets ? 'NULL' : 'NULL::date'} AS slot, count(*) AS active_users
      FROM (SELECT DISTINCT tenant_id, value FROM ${rowsOf(statement, everyone)}${NAMED}) once
    ), nobody AS (
      SELECT ${slot}, ${COST} AS cost FROM (${rows('user', NAMELESS)}) of_users GROUP BY ${sets}
    ), features AS (
      SELECT ${slot}, sum(requests) AS feature_calls, ${COST} AS feature_cost FROM (${rows('feature', NAMED)}) of_features GROUP BY ${sets}
    ), totals AS (
      SELECT ${slot}, ${text} AS bucket, ${COST} AS cost, ${totalsSql} FROM (${rows('total', '')}) of_all GROUP BY ${sets}
    )
    SELECT totals.*, coalesce(active_users, 0)::text AS active_users,
      (coalesce(totals.cost, 0) - coalesce(nobody.cost, 0))::text AS user_cost,
      coalesce(feature_calls, 0)::text AS feature_calls, coalesce(feature_cost, 0)::text AS feature_cost
    FROM totals
    LEFT JOIN users ON ${isSameSlot('users')}
    LEFT JOIN nobody ON ${isSameSlot('nobody')}
    LEFT JOIN features ON ${isSameSlot('features')}
    ORDER BY totals.slot NULLS FIRST`;
  const [overall, ...found] = await database.query<Row>(sql, statement.parameters);
  if (!overall) throw new Error('an aggregate gave no row');
  return { overall: unitOf({ ...overall, bucket: null }), rows: found.map(unitOf) };
}

/** Of whole days or hours they have been counted; of what a range has of its first and last day they are here. */
function activeBySlot(statement: Statement, query: UnitQuery): string {
  const { from, to, grain } = query.range;
  const parts = splitRange(from.getTime(), to.getTime(), grain);
  if (parts.length === 0) return activeUsersOf(statement, query);
  return parts
    .map((part) => {
      const of = { ...query, range: { from: new Date(part.from), to: new Date(part.to), grain } };
      if (part.grain === grain) return activeUsersOf(statement, of);
      const users = `${rowsOf(statement, { ...of, dimension: 'user' })}${NAMED}`;
      return `SELECT slot, count(*) AS active_users FROM (SELECT bucket AS slot FROM ${users} GROUP BY bucket, tenant_id, value) active GROUP BY slot`;
    })
    .join(' UNION ALL ');
}

function unitOf(row: Row): UnitRow {
  return {
    ...(row.bucket === null ? {} : { bucket: row.bucket }),
    totals: totalsOf(row),
    activeUsers: Number(row.active_users),
    userCostNanoUsd: BigInt(row.user_cost),
    featureCalls: Number(row.feature_calls),
    featureCostNanoUsd: BigInt(row.feature_cost),
  };
}
