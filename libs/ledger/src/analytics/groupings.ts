import { sharedRollupDimensions, type RollupDimension } from '../rollup/dimensions';

/** What figures can be told apart by. */
export const reportGroupings = [
  'user',
  'team',
  'tenant',
  'feature',
  'key',
  'model',
  'provider',
  'endpoint',
  'experiment',
  'tier',
  'arm',
] as const;
export type ReportGrouping = (typeof reportGroupings)[number];

/** Columns of a rollup row that make a group. */
export type GroupColumn = 'tenant_id' | 'value' | 'parent';

export interface GroupingSource {
  dimension: RollupDimension;
  columns: readonly GroupColumn[];
}

/** Which rows a grouping reads, and what of them makes a group. Users of two tenants with one name are two. */
export function sourceOf(grouping: ReportGrouping): GroupingSource {
  if (grouping === 'tenant') return { dimension: 'total', columns: ['tenant_id'] };
  const columns: GroupColumn[] = isPerTenant(grouping) ? ['tenant_id', 'value'] : ['value'];
  // A user's parent is the arm of the holdout: both are the same user.
  if (grouping === 'model' || grouping === 'experiment') columns.push('parent');
  return { dimension: grouping, columns };
}

/** Whether its groups belong to one tenant each. */
export const isPerTenant = (grouping: ReportGrouping): boolean =>
  grouping === 'tenant' || !sharedRollupDimensions.includes(grouping);
