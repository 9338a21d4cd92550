import type { Bucket, ClusterSums } from '@costlane/domain';

/** What the requests of a variant add up to, with users as clusters. Money in nano-dollars, times in milliseconds. */
export interface VariantTotals {
  readonly users: number;
  readonly requests: number;
  readonly cost: ClusterSums;
  /** What the requests would have cost without Costlane. */
  readonly baseline: ClusterSums;
  readonly failures: ClusterSums;
  /** Of requests that succeeded. */
  readonly latency: ClusterSums;
  /** Variance of a single request's latency, whoever's it is. */
  readonly latencyVariance: number;
  readonly latencies: readonly Bucket[];
  /** Of streams that succeeded. */
  readonly firstToken: ClusterSums;
  /** What users said: 1 right, 0 wrong. */
  readonly feedback: ClusterSums;
}

type Row = Record<string, unknown> & { variant: string };
type Query = <R extends object>(sql: string) => Promise<R[]>;

/** By measure: the sum over a user's observations, and how many these are. */
const measures = {
  cost: ['paid', 'requests'],
  baseline: ['baseline', 'requests'],
  failures: ['failures', 'requests'],
  latency: ['latency', 'successes'],
  first_token: ['first_token', 'first_tokens'],
} as const;

const sumsSql = (name: string, y: string, n: string): string =>
  `(count(*) FILTER (WHERE ${n} > 0))::float8 AS ${name}_clusters, sum(${n}) AS ${name}_n, sum(${y}) AS ${name}_y,
    sum(${y} * ${y}) AS ${name}_yy, sum(${y} * ${n}) AS ${name}_yn, sum(${n} * ${n}) AS ${name}_nn`;

const filterSql = `experiment_id = $1 AND ($2::text IS NULL OR tenant_id = $2)`;

const subjectsSql = `
  SELECT variant, sum(latency_squares) AS latency_squares,
    ${Object.entries(measures)
      .map(([name, [y, n]]) => sumsSql(name, y, n))
      .join(',\n    ')}
  FROM (
    SELECT variant, requests::float8 AS requests, failures::float8 AS failures, (requests - failures)::float8 AS successes,
      paid_nano_usd AS paid, baseline_nano_usd AS baseline, latency_ms AS latency, latency_squares,
      first_tokens::float8 AS first_tokens, first_token_ms AS first_token
    FROM experiment_subjects WHERE ${filterSql}
  ) AS subjects GROUP BY variant`;

const latenciesSql = `
  SELECT variant, bucket, sum(requests)::float8 AS count FROM experiment_latencies
  WHERE ${filterSql} GROUP BY variant, bucket ORDER BY variant, bucket`;

const feedbackSql = `
  SELECT variant, ${sumsSql('feedback', 'y', 'n')}
  FROM (
    SELECT variant, sum(value) AS y, count(*)::float8 AS n FROM request_feedback
    WHERE ${filterSql} GROUP BY variant, tenant_id, subject
  ) AS said GROUP BY variant`;

/** Steps of the histogram, as the trigger makes them. */
const BUCKETS_PER_E = 50;
const bucketOf = (bucket: number, count: number): Bucket => ({
  low: Math.exp(bucket / BUCKETS_PER_E),
  high: Math.exp((bucket + 1) / BUCKETS_PER_E),
  count,
});

/** Reads an experiment's totals by variant. */
export async function totalsOf(query: Query): Promise<Map<string, VariantTotals>> {
  const [subjects, latencies, said] = await Promise.all([
    query<Row>(subjectsSql),
    query<Row & { bucket: number; count: number }>(latenciesSql),
    query<Row>(feedbackSql),
  ]);
  const buckets = new Map<string, Bucket[]>();
  for (const { variant, bucket, count } of latencies)
    buckets.set(variant, [...(buckets.get(variant) ?? []), bucketOf(bucket, count)]);
  const feedback = new Map(said.map((row) => [row.variant, row]));
  return new Map(
    subjects.map((row) => {
      const cost = sumsOf(row, 'cost');
      const latency = sumsOf(row, 'latency');
      const totals: VariantTotals = {
        users: cost.clusters,
        requests: cost.observations,
        cost,
        baseline: sumsOf(row, 'baseline'),
        failures: sumsOf(row, 'failures'),
        latency,
        latencyVariance: Math.max(
          0,
          Number(row['latency_squares']) / latency.observations - (latency.sum / latency.observations) ** 2,
        ),
        latencies: buckets.get(row.variant) ?? [],
        firstToken: sumsOf(row, 'first_token'),
        feedback: sumsOf(feedback.get(row.variant) ?? {}, 'feedback'),
      };
      return [row.variant, totals];
    }),
  );
}

function sumsOf(row: Record<string, unknown>, name: string): ClusterSums {
  const read = (field: string): number => Number(row[`${name}_${field}`] ?? 0);
  return {
    clusters: read('clusters'),
    observations: read('n'),
    sum: read('y'),
    sumOfSquares: read('yy'),
    sumOfProducts: read('yn'),
    sumOfSizeSquares: read('nn'),
  };
}
