import { DEPLOYMENT_TENANT, rollupDimensions, type DimensionSpec } from './dimensions';
import { IS_FAILURE, measureList, measureSql } from './measures';

const dimensions: readonly DimensionSpec[] = rollupDimensions;

/** A dimension's own columns among those that are grouped by: none for a value or parent that is always empty. */
const columnsOf = ({ name, value, parent }: DimensionSpec): { name: string; sql: string }[] =>
  [
    { name: `${name}_value`, sql: value },
    { name: `${name}_parent`, sql: parent },
  ].filter(({ sql }) => sql !== `''`);

const grouped = dimensions.flatMap(columnsOf);
const groupedNames = grouped.map(({ name }) => name).join(', ');

/** What `GROUPING(…)` of all these columns gives in the sets of a dimension: a bit for each that is not grouped by, the first one highest. */
function maskOf(dimension: DimensionSpec): number {
  const own = new Set(columnsOf(dimension).map(({ name }) => name));
  return grouped.reduce((mask, { name }) => mask * 2 + (own.has(name) ? 0 : 1), 0);
}

/** With the tenant, and for what all tenants share once more without it. */
const sets = dimensions.flatMap((dimension) => {
  const own = columnsOf(dimension).map(({ name }) => name);
  return dimension.isShared ? [['tenant_id', ...own], own] : [['tenant_id', ...own]];
});

const byDimension = (sqlOf: (dimension: DimensionSpec) => string): string =>
  `CASE grouped ${dimensions.map((dimension) => `WHEN ${maskOf(dimension)} THEN ${sqlOf(dimension)}`).join(' ')} END`;

const ownColumn = (what: 'value' | 'parent') =>
  byDimension((dimension) => (dimension[what] === `''` ? `''` : `${dimension.name}_${what}`));

const exclusions = dimensions
  .filter(({ needsParent }) => needsParent)
  .map((dimension) => ` AND NOT (grouped = ${maskOf(dimension)} AND ${dimension.name}_parent = '')`);

/**
 * All rollup rows of the requests of an hour, `$1` to `$2` in epoch seconds, in one scan. Nothing that is grouped by is NULL, so that a NULL in the
 * result says that its set goes without that column.
 */
export const hourRows = `
  SELECT coalesce(tenant_id, '${DEPLOYMENT_TENANT}') AS tenant_id, ${byDimension(({ name }) => `'${name}'`)} AS dimension,
    to_timestamp($1) AS bucket, ${ownColumn('value')} AS value, ${ownColumn('parent')} AS parent, ${measureList}
  FROM (
    SELECT tenant_id, ${groupedNames}, GROUPING(${groupedNames}) AS grouped, ${measureSql}
    FROM (
      SELECT r.*, ${IS_FAILURE} AS is_failure, ${grouped.map(({ name, sql }) => `${sql} AS ${name}`).join(', ')}
      FROM llm_requests r WHERE created_at >= to_timestamp($1) AND created_at < to_timestamp($2)
    ) AS request
    GROUP BY GROUPING SETS (${sets.map((columns) => `(${columns.join(', ')})`).join(', ')})
  ) AS hour
  WHERE requests > 0${exclusions.join('')}`;
