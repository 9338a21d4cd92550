import { DEPLOYMENT_TENANT, rollupDimensions, type DimensionSpec } from '../../rollup/dimensions';
import { IS_FAILURE, measureList, measureSql } from '../../rollup/measures';

type Run = (sql: string) => Promise<unknown>;

/**
 * Fills all rollup tables from scratch, the plainest way: one statement a dimension, over all detail at once. What reports show of it must be what the
 * detail says; how rollups are kept up to date is another matter.
 */
export async function rollUpAll(run: Run): Promise<void> {
  const detail = `(SELECT *, (${IS_FAILURE}) AS is_failure FROM llm_requests) detail`;
  const dimensions: readonly DimensionSpec[] = rollupDimensions;
  for (const [table, bucket] of [
    ['cost_daily_rollup', `(created_at AT TIME ZONE 'UTC')::date`],
    ['cost_hourly_rollup', `date_trunc('hour', created_at, 'UTC')`],
  ] as const) {
    await run(`DELETE FROM ${table}`);
    for (const { name, value, parent, isShared, needsParent } of dimensions) {
      const where = needsParent ? `WHERE ${parent} <> ''` : '';
      for (const tenant of isShared ? ['tenant_id', `'${DEPLOYMENT_TENANT}'`] : ['tenant_id'])
        await run(`INSERT INTO ${table} (tenant_id, dimension, bucket, value, parent, ${measureList})
          SELECT ${tenant}, '${name}', ${bucket}, ${value}, ${parent}, ${measureSql} FROM ${detail} ${where} GROUP BY 1, 3, 4, 5`);
    }
  }
  await run(`DELETE FROM cost_daily_summary`);
  await run(`INSERT INTO cost_daily_summary (date, tenant_id, model, endpoint, user_id, ${measureList})
    SELECT (created_at AT TIME ZONE 'UTC')::date, tenant_id, model_used, endpoint, coalesce(user_id, ''), ${measureSql}
    FROM ${detail} GROUP BY 1, 2, 3, 4, 5`);
}
