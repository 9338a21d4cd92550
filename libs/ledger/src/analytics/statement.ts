import { DEPLOYMENT_TENANT, sharedRollupDimensions, type RollupDimension } from '../rollup/dimensions';
import type { ReportGrain, ReportInterval, ReportRange, ReportScope } from './report-query';

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

const tables: Record<ReportGrain, string> = { day: 'cost_daily_rollup', hour: 'cost_hourly_rollup' };
const DAY_LENGTH = 'YYYY-MM-DD'.length;

/**
 * The only place where a tenant enters the SQL of reports: with one, no other's rows are read; without, those of the deployment are, or where it has
 * none, those of all tenants.
 */
export function tenantCondition(statement: Statement, tenantId: string | undefined, deployment?: string): string {
  const bound = tenantId ?? deployment;
  return bound === undefined ? `tenant_id <> '${DEPLOYMENT_TENANT}'` : `tenant_id = ${statement.bind(bound)}`;
}

/** The rollup rows of a report, as what follows FROM. */
export function rowsOf(statement: Statement, { tenantId, range, dimension, isByTenant = false }: RollupRows): string {
  const hasDeploymentRows = sharedRollupDimensions.includes(dimension) && !isByTenant;
  const tenant = tenantCondition(statement, tenantId, hasDeploymentRows ? DEPLOYMENT_TENANT : undefined);
  return (
    `${tables[range.grain]} WHERE ${tenant} AND dimension = '${dimension}'` +
    ` AND bucket >= ${bindBucket(statement, range, range.from)} AND bucket < ${bindBucket(statement, range, range.to)}`
  );
}

/** A moment as a bucket of the range's table. */
export function bindBucket(statement: Statement, { grain }: Pick<ReportRange, 'grain'>, moment: Date): string {
  const text = moment.toISOString();
  return grain === 'day'
    ? `${statement.bind(text.slice(0, DAY_LENGTH))}::date`
    : `${statement.bind(text)}::timestamptz`;
}

/** What rows are put together by over an interval: an expression to group by, and its text in a reply. */
export function bucketsOf(grain: ReportGrain, interval: ReportInterval): { key: string; text: string } | undefined {
  if (interval === 'none') return undefined;
  if (grain === 'day') return { key: 'bucket', text: `to_char(bucket, 'YYYY-MM-DD')` };
  const utc = `bucket AT TIME ZONE 'UTC'`;
  if (interval === 'hour') return { key: 'bucket', text: `to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')` };
  return { key: `(${utc})::date`, text: `to_char((${utc})::date, 'YYYY-MM-DD')` };
}
