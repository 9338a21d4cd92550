import {
  DEPLOYMENT_TENANT,
  sharedRollupDimensions,
  weeklyRollupDimensions,
  type RollupDimension,
} from '../rollup/dimensions';
import { measureList } from '../rollup/measures';
import { splitRange, type PartGrain, type RangePart } from './range-parts';
import { rangeBefore, type ReportGrain, type ReportInterval, type ReportScope } from './report-query';

/** One statement under construction, with its parameters. */
export interface Statement {
  /** Gives the placeholder of a value. */
  bind(value: unknown): string;
  readonly parameters: unknown[];
}

export function createStatement(): Statement {
  const parameters: unknown[] = [];
  return { parameters, bind: (value) => `$${parameters.push(value)}` };
}

export interface RollupRows extends ReportScope {
  dimension: RollupDimension;
  /** Each tenant's own rows, where the deployment's would do. */
  isByTenant?: boolean;
  /** `bucket` does not matter: whole weeks may be one row. */
  isUndated?: boolean;
}

const tables: Record<PartGrain, string> = {
  hour: 'cost_hourly_rollup',
  day: 'cost_daily_rollup',
  week: 'cost_weekly_rollup',
};
const DAY_LENGTH = 'YYYY-MM-DD'.length;
const ownColumns = ['tenant_id', 'dimension', 'bucket', 'value', 'parent', measureList];
/** An hour as a row of its day. */
const hourAsDay = ownColumns.map((name) => (name === 'bucket' ? `(bucket AT TIME ZONE 'UTC')::date AS bucket` : name));

/**
 * The only place where a tenant enters the SQL of reports: with one, no other's rows are read; without, those of the deployment are, or where it has
 * none, those of all tenants.
 */
export function tenantCondition(statement: Statement, tenantId: string | undefined, deployment?: string): string {
  const bound = tenantId ?? deployment;
  return bound === undefined ? `tenant_id <> '${DEPLOYMENT_TENANT}'` : `tenant_id = ${statement.bind(bound)}`;
}

/** The rollup rows of a report, as what follows FROM; further conditions may follow it. */
export function rowsOf(statement: Statement, rows: RollupRows): string {
  const { tenantId, range, dimension, isByTenant = false } = rows;
  const hasDeploymentRows = sharedRollupDimensions.includes(dimension) && !isByTenant;
  const tenant = tenantCondition(statement, tenantId, hasDeploymentRows ? DEPLOYMENT_TENANT : undefined);
  const within = ({ grain, from, to }: RangePart): string => {
    const bind = grain === 'hour' ? bindHour : bindDay;
    const [since, until] = [bind(statement, new Date(from)), bind(statement, new Date(to))];
    return `${tables[grain]} WHERE ${tenant} AND dimension = '${dimension}' AND bucket >= ${since} AND bucket < ${until}`;
  };
  const { grain } = range;
  const [from, to] = [range.from.getTime(), range.to.getTime()];
  const parts = splitRange(from, to, coarsestOf(rows));
  const [only = { grain, from, to }] = parts;
  if (parts.length <= 1 && (only.grain !== 'hour' || grain === 'hour')) return within(only);
  const selects = parts.map(
    (part) => `SELECT ${(part.grain === 'hour' ? hourAsDay : ownColumns).join(', ')} FROM ${within(part)}`,
  );
  return `(${selects.join(' UNION ALL ')}) spliced WHERE true`;
}

/** The fewest rows that show what is asked. */
function coarsestOf({ range, dimension, isUndated = false }: RollupRows): PartGrain {
  return range.grain === 'day' && isUndated && weeklyRollupDimensions.includes(dimension) ? 'week' : range.grain;
}

/** How many users each whole day or hour of a range had, as `slot` and `active_users`. */
export function activeUsersOf(statement: Statement, { tenantId, range: { from, to, grain } }: ReportScope): string {
  const slot = grain === 'day' ? `(bucket AT TIME ZONE 'UTC')::date` : 'bucket';
  const tenant = tenantCondition(statement, tenantId, DEPLOYMENT_TENANT);
  return `SELECT ${slot} AS slot, users AS active_users FROM rollup_active_users
    WHERE ${tenant} AND grain = '${grain}' AND bucket >= ${bindHour(statement, from)} AND bucket < ${bindHour(statement, to)}`;
}

/** Rows of a range and of the one before it, with `is_current`. */
export function comparedRowsOf(statement: Statement, rows: RollupRows): string {
  const previous = rowsOf(statement, { ...rows, range: rangeBefore(rows.range) });
  return `(SELECT true AS is_current, * FROM ${rowsOf(statement, rows)} UNION ALL SELECT false, * FROM ${previous}) compared WHERE true`;
}

/** A moment as a day or hour of a rollup. */
export const bindDay = (statement: Statement, moment: Date): string =>
  `${statement.bind(moment.toISOString().slice(0, DAY_LENGTH))}::date`;
const bindHour = (statement: Statement, moment: Date): string => `${statement.bind(moment.toISOString())}::timestamptz`;

/** What rows are put together by over an interval: an expression to group by, and its text in a reply. */
export function bucketsOf(grain: ReportGrain, interval: ReportInterval): { key: string; text: string } | undefined {
  if (interval === 'none') return undefined;
  if (grain === 'day') return { key: 'bucket', text: `to_char(bucket, 'YYYY-MM-DD')` };
  return { key: 'bucket', text: `to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')` };
}
