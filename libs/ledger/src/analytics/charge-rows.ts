import type { Database } from '../database';
import type { ReportScope } from './report-query';
import { bindDay, createStatement, rowsOf, tenantCondition, type Statement } from './statement';

/** Of a day, a tenant and a model: by provider, or by endpoint and user. */
export type ChargeDetail = 'model' | 'user';

/** What one model cost one tenant on one day. */
export interface ChargeRow {
  /** UTC. */
  day: string;
  tenantId: string;
  model: string;
  /** Several, by commas, where more than one served the model and the detail does not tell them apart. */
  provider: string;
  /** Of the detail `user`; else empty. */
  endpoint: string;
  userId: string;
  requests: number;
  unpricedRequests: number;
  upstreamCalls: number;
  /** What providers were asked for. */
  freshInputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  paidNanoUsd: bigint;
  baselineNanoUsd: bigint;
  infrastructureNanoUsd: bigint;
  cacheNanoUsd: bigint;
  routingNanoUsd: bigint;
  prefixNanoUsd: bigint;
  batchingNanoUsd: bigint;
}

export interface ChargeQuery extends ReportScope {
  detail: ChargeDetail;
  /** The row that the page before ended with; absent: from the beginning. */
  after?: ChargeRow;
  limit: number;
}

const names = ['day', 'tenantId', 'model', 'provider', 'endpoint', 'userId'] as const;

const counts = {
  requests: 'requests',
  unpricedRequests: 'unpriced_requests',
  upstreamCalls: 'upstream_calls',
  freshInputTokens: 'fresh_input_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_short_tokens + cache_write_long_tokens',
  outputTokens: 'output_tokens',
  reasoningTokens: 'reasoning_tokens',
} as const;

const amounts = {
  paidNanoUsd: 'paid_nano_usd',
  baselineNanoUsd: 'baseline_nano_usd',
  infrastructureNanoUsd: 'infrastructure_nano_usd',
  cacheNanoUsd: 'savings_cache_nano_usd',
  routingNanoUsd: 'savings_routing_nano_usd',
  prefixNanoUsd: 'savings_prefix_nano_usd',
  batchingNanoUsd: 'savings_batching_nano_usd',
} as const;

const measuresSql = Object.entries({ ...counts, ...amounts })
  .map(([name, sql]) => `(${sql})::text AS "${name}"`)
  .join(', ');

/** A request that never came to a model has no charge. */
const HAS_CHARGE = '(upstream_calls > 0 OR baseline_nano_usd <> 0 OR paid_nano_usd <> 0)';

/**
 * A page of charges of whole days, in the order of their names: by day first. Each page is one statement of its own, so a rollup in between may show in
 * later pages only. Throws {@link DatabaseError}.
 */
export async function chargeRows(database: Pick<Database, 'query'>, query: ChargeQuery): Promise<ChargeRow[]> {
  const statement = createStatement();
  const from = query.after === undefined ? query.range.from : new Date(`${query.after.day}T00:00:00Z`);
  const resumed = { ...query, range: { ...query.range, from } };
  const sql = (query.detail === 'model' ? modelSql : userSql)(statement, resumed);
  const found = await database.query<Record<string, string>>(sql, statement.parameters);
  return found.map(chargeOf);
}

function modelSql(statement: Statement, query: ChargeQuery): string {
  const { after } = query;
  const keys = 'bucket, tenant_id, value, parent';
  const resume =
    after === undefined
      ? ''
      : ` AND (${keys}) > (${statement.bind(after.day)}::date, ${[after.tenantId, after.model, after.provider].map(statement.bind).join(', ')})`;
  return `
    SELECT to_char(bucket, 'YYYY-MM-DD') AS day, tenant_id AS "tenantId", value AS model, parent AS provider, '' AS endpoint, '' AS "userId",
      ${measuresSql}
    FROM ${rowsOf(statement, { ...query, dimension: 'model', isByTenant: true })} AND ${HAS_CHARGE}${resume}
    ORDER BY ${keys} LIMIT ${statement.bind(query.limit)}`;
}

/** From the daily summary, which has no providers: those of the model's rows of that day. */
function userSql(statement: Statement, query: ChargeQuery): string {
  const { after, range, tenantId } = query;
  const keys = 'date, tenant_id, model, endpoint, user_id';
  const resume =
    after === undefined
      ? ''
      : ` AND (${keys}) > (${statement.bind(after.day)}::date, ${[after.tenantId, after.model, after.endpoint, after.userId].map(statement.bind).join(', ')})`;
  return `
    SELECT to_char(date, 'YYYY-MM-DD') AS day, page.tenant_id AS "tenantId", model, coalesce(served.provider, '') AS provider, endpoint, user_id AS "userId",
      ${measuresSql}
    FROM (
      SELECT * FROM cost_daily_summary
      WHERE ${tenantCondition(statement, tenantId)} AND date >= ${bindDay(statement, range.from)} AND date < ${bindDay(statement, range.to)} AND ${HAS_CHARGE}${resume}
      ORDER BY ${keys} LIMIT ${statement.bind(query.limit)}
    ) page
    LEFT JOIN LATERAL (
      SELECT string_agg(parent, ', ' ORDER BY parent) AS provider FROM cost_daily_rollup AS served_by
      WHERE served_by.tenant_id = page.tenant_id AND served_by.dimension = 'model' AND served_by.bucket = page.date AND served_by.value = page.model
    ) served ON true
    ORDER BY date, page.tenant_id, model, endpoint, user_id`;
}

function chargeOf(row: Record<string, string>): ChargeRow {
  const read = <Name extends string, T>(all: readonly Name[], to: (text: string) => T): [Name, T][] =>
    all.map((name) => [name, to(row[name] ?? '')]);
  return Object.fromEntries([
    ...read(names, String),
    ...read(Object.keys(counts), Number),
    ...read(Object.keys(amounts), BigInt),
  ]) as unknown as ChargeRow;
}
