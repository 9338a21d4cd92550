import type { HoldoutGroup, RatioSums } from '@costlane/domain';
import { createStatement, rowsOf } from '../analytics/statement';
import type { ReportRange, ReportScope } from '../analytics/report-query';
import type { Database } from '../database';

/** The users of one group, and their exact sums. */
export interface HoldoutArm {
  readonly group: HoldoutGroup;
  readonly paidNanoUsd: bigint;
  readonly baselineNanoUsd: bigint;
  readonly infrastructureNanoUsd: bigint;
}

/** What the users who are held out cost, and the others of the same tenants. */
export interface HoldoutSums {
  readonly holdout: HoldoutArm;
  readonly optimised: HoldoutArm;
  /** From the first to the last day that has any of them; 0 without any. */
  readonly days: number;
}

const ratios = {
  cost_of_baseline: { y: 'cost', n: 'baseline' },
  cost_of_requests: { y: 'cost', n: 'requests' },
  baseline_of_requests: { y: 'baseline', n: 'requests' },
} as const;

type Ratio = keyof typeof ratios;
type RatioRow = Record<`${Ratio}_${'total' | 'size' | 'yy' | 'yn' | 'nn'}`, number>;
type Row = RatioRow & {
  /** The tenant where each is looked at by itself. */
  scope: string;
  is_held: boolean;
  users: number;
  requests_sum: number;
  paid_sum: string;
  baseline_sum: string;
  infrastructure_sum: string;
  days: number;
};

/** The sums of `RatioSums` (domain) of one ratio. */
const ratioSql = ([name, { y, n }]: [string, { y: string; n: string }]): string => {
  const scale = `(weight / nullif(1 - ${n}_share, 0)) ^ 2`;
  const sums = {
    total: `weight * ${y}`,
    size: `weight * ${n}`,
    yy: `${scale} * ${y} * ${y}`,
    yn: `${scale} * ${y} * ${n}`,
    nn: `${scale} * ${n} * ${n}`,
  };
  return Object.entries(sums)
    .map(([part, sql]) => `coalesce(sum(${sql}), 0) AS ${name}_${part}`)
    .join(', ');
};

/**
 * Users by group, out of rollups, in one statement. A user who has been held out counts by that traffic alone; a tenant that has nobody in either of the groups says nothing of the difference,
 * and is left out; of the others those held out stand for as many as there are not, for shares may differ between tenants. Requests without a user are in neither group.
 */
const sumsSql = (rows: string, scope: 'tenant_id' | "''"): string => `
  WITH users AS (
    SELECT tenant_id, value, parent = 'holdout' AS is_held,
      sum(requests)::double precision AS requests, sum(paid_nano_usd) AS paid,
      sum(baseline_nano_usd) AS exact_baseline, sum(infrastructure_nano_usd) AS infrastructure,
      min(bucket) AS first_bucket, max(bucket) AS last_bucket
    FROM ${rows} AND value <> ''
    GROUP BY 1, 2, 3
  ), known AS (
    SELECT *, bool_or(is_held) OVER (PARTITION BY tenant_id, value) AS was_held FROM users
  ), drawn AS (
    SELECT *, count(*) FILTER (WHERE is_held) OVER tenant AS held, count(*) FILTER (WHERE NOT is_held) OVER tenant AS others
    FROM known WHERE is_held = was_held
    WINDOW tenant AS (PARTITION BY tenant_id)
  ), weighted AS (
    SELECT ${scope} AS scope, is_held, requests, paid, exact_baseline, infrastructure, first_bucket, last_bucket,
      exact_baseline::double precision AS baseline,
      -- Without us there would be none of our own machines.
      (CASE WHEN is_held THEN paid ELSE paid + infrastructure END)::double precision AS cost,
      CASE WHEN is_held THEN others::double precision / held ELSE 1 END AS weight
    FROM drawn WHERE held > 0 AND others > 0
  ), shares AS (
    SELECT *, weight * requests / nullif(sum(weight * requests) OVER arm, 0) AS requests_share,
      weight * baseline / nullif(sum(weight * baseline) OVER arm, 0) AS baseline_share
    FROM weighted
    WINDOW arm AS (PARTITION BY scope, is_held)
  )
  SELECT scope, is_held, count(*)::integer AS users, sum(requests) AS requests_sum, sum(paid)::text AS paid_sum,
    sum(exact_baseline)::text AS baseline_sum, sum(infrastructure)::text AS infrastructure_sum,
    max(last_bucket)::date - min(first_bucket)::date + 1 AS days,
    ${Object.entries(ratios).map(ratioSql).join(', ')}
  FROM shares
  GROUP BY scope, is_held`;

/** Of a range, by tenant or for all that hold somebody out. Throws {@link DatabaseError}. */
export async function holdoutSums(database: Pick<Database, 'query'>, scope: ReportScope): Promise<HoldoutSums> {
  const statement = createStatement();
  const sql = sumsSql(rowsOf(statement, { ...scope, dimension: 'user' }), `''`);
  return toSums(await database.query<Row>(sql, statement.parameters));
}

/** Each tenant by itself, of those that hold somebody out; for the deployment's own rules. One statement. Throws {@link DatabaseError}. */
export async function holdoutSumsByTenant(
  database: Pick<Database, 'query'>,
  range: ReportRange,
): Promise<Map<string, HoldoutSums>> {
  const statement = createStatement();
  const sql = sumsSql(rowsOf(statement, { range, dimension: 'user' }), 'tenant_id');
  const rows = await database.query<Row>(sql, statement.parameters);
  const tenants = new Set(rows.map(({ scope }) => scope));
  return new Map([...tenants].map((tenant) => [tenant, toSums(rows.filter(({ scope }) => scope === tenant))]));
}

function toSums(rows: readonly Row[]): HoldoutSums {
  const armOf = (isHeld: boolean): HoldoutArm => toArm(rows.find((row) => row.is_held === isHeld));
  return { holdout: armOf(true), optimised: armOf(false), days: Math.max(0, ...rows.map(({ days }) => days)) };
}

function toArm(row: Row | undefined): HoldoutArm {
  const ratioOf = (name: Ratio): RatioSums => ({
    total: row?.[`${name}_total`] ?? 0,
    size: row?.[`${name}_size`] ?? 0,
    totalSquares: row?.[`${name}_yy`] ?? 0,
    products: row?.[`${name}_yn`] ?? 0,
    sizeSquares: row?.[`${name}_nn`] ?? 0,
  });
  return {
    group: {
      users: row?.users ?? 0,
      requests: row?.requests_sum ?? 0,
      costOfBaseline: ratioOf('cost_of_baseline'),
      costOfRequests: ratioOf('cost_of_requests'),
      baselineOfRequests: ratioOf('baseline_of_requests'),
    },
    paidNanoUsd: BigInt(row?.paid_sum ?? 0),
    baselineNanoUsd: BigInt(row?.baseline_sum ?? 0),
    infrastructureNanoUsd: BigInt(row?.infrastructure_sum ?? 0),
  };
}
