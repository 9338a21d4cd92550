import { rollupDimensionNames } from './dimensions';
import { hourRows } from './hour-rows';
import { IS_FAILURE, measureList, measureSql, measureSums, rollupMeasureNames } from './measures';

interface Target {
  table: string;
  key: readonly string[];
  /** The rows that there have to be, as a query. */
  rows: string;
  /** Which rows of the table these replace: a condition on `old`. */
  where: string;
  /** Also set where a row changes. */
  also?: string;
}

/**
 * Makes the rows of a target what they have to be: those that are no more go, new ones come, others change where they differ. Gives how many
 * rows changed and which tenants these are of. NOT IN, for nothing of a key is NULL and it is looked up by hash; a join would be planned for the few rows that
 * there are thought to be.
 */
function replaceRows({ table, key, rows, where, also = '' }: Target): string {
  const keys = key.join(', ');
  const of = (row: string): string => rollupMeasureNames.map((name) => `${row}.${name}`).join(', ');
  return `
    WITH fresh AS MATERIALIZED (${rows}),
    gone AS (
      DELETE FROM ${table} old WHERE ${where}
        AND (${keys}) NOT IN (SELECT ${keys} FROM fresh)
      RETURNING tenant_id
    ),
    written AS (
      INSERT INTO ${table} AS old (${keys}, ${measureList})
      SELECT ${keys}, ${measureList} FROM fresh ORDER BY ${keys}
      ON CONFLICT (${keys}) DO UPDATE SET ${rollupMeasureNames.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}${also}
      WHERE (${of('old')}) IS DISTINCT FROM (${of('EXCLUDED')})
      RETURNING tenant_id
    ),
    changed AS (SELECT tenant_id FROM written UNION ALL SELECT tenant_id FROM gone)
    SELECT count(*)::integer AS rows, coalesce(array_agg(DISTINCT tenant_id), '{}') AS tenants FROM changed`;
}

const key = ['tenant_id', 'dimension', 'bucket', 'value', 'parent'];
// Named, though it is all of them: the index by bucket begins with the dimension.
const anyDimension = `dimension IN (${rollupDimensionNames.map((name) => `'${name}'`).join(', ')})`;

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
