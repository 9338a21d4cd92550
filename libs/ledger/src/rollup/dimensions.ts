/** One way of looking at requests: what stands in `value` and `parent` of its rollup rows, as SQL over `llm_requests`. */
export interface DimensionSpec {
  name: string;
  value: string;
  parent: string;
  /** Its values mean the same for all tenants: tenant `*` has rows of it, too. */
  isShared: boolean;
  /** There are rows only of requests that have a parent. */
  needsParent?: true;
  /** A tenant may have thousands of its values: they are summed by the week, too, for reports over months. */
  hasWeeks?: true;
}

const NONE = `''`;
const orNone = (column: string): string => `coalesce(${column}, '')`;

/**
 * The dimensions of `cost_hourly_rollup` and `cost_daily_rollup`; the rollup's SQL is made from this list, and nothing else names them twice. A request without a
 * user, team and so on is counted under `''`. The user's parent and `arm` are two ways to the holdout: users as the units of its
 * statistics, and the totals of both arms.
 */
export const rollupDimensions = [
  { name: 'total', value: NONE, parent: NONE, isShared: true },
  { name: 'team', value: orNone('team_id'), parent: NONE, isShared: false },
  {
    name: 'user',
    value: orNone('user_id'),
    parent: `CASE WHEN is_holdout THEN 'holdout' ELSE '' END`,
    isShared: false,
    hasWeeks: true,
  },
  { name: 'feature', value: orNone('feature_name'), parent: NONE, isShared: true },
  { name: 'key', value: orNone('key_id'), parent: NONE, isShared: false, hasWeeks: true },
  { name: 'model', value: 'model_used', parent: 'provider', isShared: true },
  { name: 'provider', value: 'provider', parent: NONE, isShared: true },
  { name: 'endpoint', value: 'endpoint', parent: NONE, isShared: true },
  {
    name: 'experiment',
    value: orNone('experiment_variant'),
    parent: orNone('experiment_id'),
    isShared: false,
    needsParent: true,
  },
  { name: 'tier', value: 'cache_tier', parent: NONE, isShared: true },
  {
    name: 'arm',
    value: `CASE WHEN is_holdout THEN 'holdout' ELSE 'optimised' END`,
    parent: NONE,
    isShared: true,
  },
] as const satisfies readonly DimensionSpec[];

export type RollupDimension = (typeof rollupDimensions)[number]['name'];

export const rollupDimensionNames: readonly RollupDimension[] = rollupDimensions.map(({ name }) => name);

/** Those of which tenant `*`, the whole deployment, has rows. */
export const sharedRollupDimensions: readonly RollupDimension[] = rollupDimensions
  .filter(({ isShared }) => isShared)
  .map(({ name }) => name);

/** Those of which `cost_weekly_rollup` has rows. */
export const weeklyRollupDimensions: readonly RollupDimension[] = rollupDimensions
  .filter((dimension: DimensionSpec) => dimension.hasWeeks)
  .map(({ name }) => name);

/** In `tenant_id` of rollup rows about the whole deployment. No tenant can have this name. */
export const DEPLOYMENT_TENANT = '*';
