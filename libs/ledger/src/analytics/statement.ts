import { DEPLOYMENT_TENANT, sharedRollupDimensions, type RollupDimension } from '../rollup/dimensions';
import { measureList } from '../rollup/measures';
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
}

const HOUR_TABLE = 'cost_hourly_rollup';
const DAY_TABLE = 'cost_daily_rollup';
const DAY_MS = 86_400_000;
const DAY_LENGTH = 'YYYY-MM-DD'.length;
/** An hour as a row of its day. */
const hourAsDay = [
  'tenant_id',
  'dimension',
  `(bucket AT TIME ZONE 'UTC')::date AS bucket`,
  'value',
  'parent',
  measureList,
];

/**
 * The only place where a tenant enters the SQL of reports: with one, no other's rows are read; without, those of the deployment are, or where it has
 * none, those of all tenants.
 */
export function tenantCondition(statement: Statement, tenantId: string | undefined, deployment?: string): string {
  const bound = tenantId ?? deployment;
  return bound === undefined ? `tenant_id <> '${DEPLOYMENT_TENANT}'` : `tenant_id = ${statement.bind(bound)}`;
}

/** The rollup rows of a report, as what follows FROM; further conditions may follow it. */
export function rowsOf(statement: Statement, { tenantId, range, dimension, isByTenant = false }: RollupRows): string {
  const hasDeploymentRows = sharedRollupDimensions.includes(dimension) && !isByTenant;
  const tenant = tenantCondition(statement, tenantId, hasDeploymentRows ? DEPLOYMENT_TENANT : undefined);
  const within = (table: string, from: string, to: string): string =>
    `${table} WHERE ${tenant} AND dimension = '${dimension}' AND bucket >= ${from} AND bucket < ${to}`;
  const hours = (from: number, to: number): string =>
    within(HOUR_TABLE, bindHour(statement, new Date(from)), bindHour(statement, new Date(to)));
  const [from, to] = [range.from.getTime(), range.to.getTime()];
  if (range.grain === 'hour') return hours(from, to);
  const [firstDay, endDay] = [Math.ceil(from / DAY_MS) * DAY_MS, Math.floor(to / DAY_MS) * DAY_MS];
  const daily = within(DAY_TABLE, bindDay(statement, new Date(firstDay)), bindDay(statement, new Date(endDay)));
  const edges = [
    { from, to: Math.min(firstDay, to) },
    { from: Math.max(endDay, firstDay), to },
  ].filter((edge) => edge.from < edge.to);
  if (edges.length === 0) return daily;
  const parts = edges.map((edge) => `SELECT ${hourAsDay.join(', ')} FROM ${hours(edge.from, edge.to)}`);
  return `(SELECT tenant_id, dimension, bucket, value, parent, ${measureList} FROM ${daily} UNION ALL ${parts.join(' UNION ALL ')}) spliced WHERE true`;
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
