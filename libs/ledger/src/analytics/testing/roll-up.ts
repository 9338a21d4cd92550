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
  await run(`DELETE FROM cost_weekly_rollup`);
  for (const { name, value, parent } of dimensions.filter(({ hasWeeks }) => hasWeeks))
    await run(`INSERT INTO cost_weekly_rollup (tenant_id, dimension, bucket, value, parent, ${measureList})
      SELECT tenant_id, '${name}', date_trunc('week', created_at AT TIME ZONE 'UTC')::date, ${value}, ${parent}, ${measureSql} FROM ${detail} GROUP BY 1, 3, 4, 5`);
  await run(`DELETE FROM rollup_active_users`);
  for (const grain of ['hour', 'day'])
    for (const tenant of ['tenant_id', `'${DEPLOYMENT_TENANT}'`])
      await run(`INSERT INTO rollup_active_users (tenant_id, grain, bucket, users)
        SELECT ${tenant}, '${grain}', date_trunc('${grain}', created_at, 'UTC'), count(DISTINCT (tenant_id, user_id))
        FROM llm_requests WHERE user_id <> '' GROUP BY 1, 3`);
  await run(`DELETE FROM cost_daily_summary`);
  await run(`INSERT INTO cost_daily_summary (date, tenant_id, model, endpoint, user_id, ${measureList})
    SELECT (created_at AT TIME ZONE 'UTC')::date, tenant_id, model_used, endpoint, coalesce(user_id, ''), ${measureSql}
    FROM ${detail} GROUP BY 1, 2, 3, 4, 5`);
}
