import { DEPLOYMENT_TENANT, rollupDimensionNames, weeklyRollupDimensions } from './dimensions';
import { hourRows } from './hour-rows';
import { IS_FAILURE, measureSql, measureSums, rollupMeasureNames } from './measures';

interface Target {
  table: string;
  key: readonly string[];
  /** The rows that there have to be, as a query. */
  rows: string;
  /** Which rows of the table these replace: a condition on `old`. */
  where: string;
  /** Its other columns; default those of measures. */
  columns?: readonly string[];
  /** Also set where a row changes. */
  also?: string;
}

/**
 * Makes the rows of a target what they have to be: those that are no more go, new ones come, others change where they differ. Gives how many
 * rows changed and which tenants these are of. NOT IN, for nothing of a key is NULL and it is looked up by hash; a join would be planned for the few rows that
 * there are thought to be.
 */
function replaceRows({ table, key, rows, where, columns = rollupMeasureNames, also = '' }: Target): string {
  const keys = key.join(', ');
  const all = columns.join(', ');
  const of = (row: string): string => columns.map((name) => `${row}.${name}`).join(', ');
  return `
    WITH fresh AS MATERIALIZED (${rows}),
    gone AS (
      DELETE FROM ${table} old WHERE ${where}
        AND (${keys}) NOT IN (SELECT ${keys} FROM fresh)
      RETURNING tenant_id
    ),
    written AS (
      INSERT INTO ${table} AS old (${keys}, ${all})
      SELECT ${keys}, ${all} FROM fresh ORDER BY ${keys}
      ON CONFLICT (${keys}) DO UPDATE SET ${columns.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}${also}
      WHERE (${of('old')}) IS DISTINCT FROM (${of('EXCLUDED')})
      RETURNING tenant_id
    ),
    changed AS (SELECT tenant_id FROM written UNION ALL SELECT tenant_id FROM gone)
    SELECT count(*)::integer AS rows, coalesce(array_agg(DISTINCT tenant_id), '{}') AS tenants FROM changed`;
}

const key = ['tenant_id', 'dimension', 'bucket', 'value', 'parent'];
// Named, though it is all of them: the index by bucket begins with the dimension.
const isOneOf = (dimensions: readonly string[]): string =>
  `dimension IN (${dimensions.map((name) => `'${name}'`).join(', ')})`;
const anyDimension = isOneOf(rollupDimensionNames);
const weeklyDimension = isOneOf(weeklyRollupDimensions);

/** `$1` to `$2`: an hour in epoch seconds. */
export const rollUpHourSql = replaceRows({
  table: 'cost_hourly_rollup',
  key,
  rows: hourRows,
  where: `old.${anyDimension} AND old.bucket = to_timestamp($1)`,
});

/** `$1`: a date; `$2` to `$3`: its hours in epoch seconds. */
export const rollUpDaySql = replaceRows({
  table: 'cost_daily_rollup',
  key,
  rows: `
    SELECT tenant_id, dimension, $1::date AS bucket, value, parent, ${measureSums}
    FROM cost_hourly_rollup WHERE ${anyDimension} AND bucket >= to_timestamp($2) AND bucket < to_timestamp($3)
    GROUP BY tenant_id, dimension, value, parent`,
  where: `old.${anyDimension} AND old.bucket = $1::date`,
});

/** `$1`: the Monday that a week begins with. */
export const rollUpWeekSql = replaceRows({
  table: 'cost_weekly_rollup',
  key,
  rows: `
    SELECT tenant_id, dimension, $1::date AS bucket, value, parent, ${measureSums}
    FROM cost_daily_rollup WHERE ${weeklyDimension} AND bucket >= $1::date AND bucket < $1::date + 7
    GROUP BY tenant_id, dimension, value, parent`,
  where: `old.${weeklyDimension} AND old.bucket = $1::date`,
});

/** Users with at least one request, of each tenant and of all of them, for users of two tenants with one name are two. `bucket`: as the rows of users have it. */
const countUsers = (grain: 'hour' | 'day', table: string, bucket: string): string =>
  replaceRows({
    table: 'rollup_active_users',
    key: ['tenant_id', 'grain', 'bucket'],
    columns: ['users'],
    rows: `
      SELECT coalesce(tenant_id, '${DEPLOYMENT_TENANT}') AS tenant_id, '${grain}' AS grain, to_timestamp($2) AS bucket, count(*) AS users
      FROM (
        SELECT DISTINCT tenant_id, value FROM ${table} WHERE dimension = 'user' AND bucket = ${bucket} AND value <> ''
      ) AS active
      GROUP BY GROUPING SETS ((tenant_id), ())
      HAVING count(*) > 0`,
    where: `old.grain = '${grain}' AND old.bucket = to_timestamp($2)`,
  });

/** `$1`, `$2`: the epoch second that the hour begins at. */
export const countHourUsersSql = countUsers('hour', 'cost_hourly_rollup', 'to_timestamp($1)');

/** `$1`: a date; `$2`: the epoch second that it begins at. */
export const countDayUsersSql = countUsers('day', 'cost_daily_rollup', '$1::date');

/** `$1`: a date; `$2` to `$3`: its hours in epoch seconds. */
export const summariseDaySql = replaceRows({
  table: 'cost_daily_summary',
  key: ['tenant_id', 'date', 'model', 'endpoint', 'user_id'],
  rows: `
    SELECT tenant_id, $1::date AS date, model_used AS model, endpoint, coalesce(user_id, '') AS user_id, ${measureSql}
    FROM (
      SELECT r.*, ${IS_FAILURE} AS is_failure
      FROM llm_requests r WHERE created_at >= to_timestamp($2) AND created_at < to_timestamp($3)
    ) AS request
    GROUP BY 1, 3, 4, 5`,
  where: 'old.date = $1::date',
  also: ', updated_at = now()',
});
