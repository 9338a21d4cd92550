import {
  rollupDimensionNames,
  sharedRollupDimensions,
  weeklyRollupDimensions,
  type RollupDimension,
} from '../dimensions';
import { rollupMeasureNames } from '../measures';

/** A row of a rollup table as text, so that rows of all tables can be compared as sets. */
export type RollupRows = Map<string, Record<string, string>>;

/** What a reference needs of a row of `llm_requests`. Whole numbers that may be large come as text. */
export interface DetailRow {
  created_at: Date;
  tenant_id: string;
  team_id: string | null;
  user_id: string | null;
  key_id: string | null;
  feature_name: string | null;
  experiment_id: string | null;
  experiment_variant: string | null;
  endpoint: string;
  provider: string;
  model_used: string;
  cache_tier: string;
  is_holdout: boolean;
  error_code: string | null;
  http_status: number;
  price_version: string | null;
  upstream_calls: number;
  fresh_input_tokens: number;
  cache_read_tokens: number;
  cache_write_short_tokens: number;
  cache_write_long_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  paid_nano_usd: string;
  baseline_nano_usd: string;
  infrastructure_nano_usd: string;
  savings_cache_nano_usd: string;
  savings_routing_nano_usd: string;
  savings_prefix_nano_usd: string;
  savings_batching_nano_usd: string;
  latency_ms: number;
  time_to_first_token_ms: number | null;
}

/** The reference: the brief of the rollups in plain code, row by row, apart from the SQL that it judges. Undefined: no row in this dimension. */
function placeOf(row: DetailRow, dimension: RollupDimension): [value: string, parent: string] | undefined {
  switch (dimension) {
    case 'total':
      return ['', ''];
    case 'team':
      return [row.team_id ?? '', ''];
    case 'user':
      return [row.user_id ?? '', row.is_holdout ? 'holdout' : ''];
    case 'feature':
      return [row.feature_name ?? '', ''];
    case 'key':
      return [row.key_id ?? '', ''];
    case 'model':
      return [row.model_used, row.provider];
    case 'provider':
      return [row.provider, ''];
    case 'endpoint':
      return [row.endpoint, ''];
    case 'experiment':
      return row.experiment_id === null ? undefined : [row.experiment_variant ?? '', row.experiment_id];
    case 'tier':
      return [row.cache_tier, ''];
    case 'arm':
      return [row.is_holdout ? 'holdout' : 'optimised', ''];
  }
}

function measuresOf(row: DetailRow): Record<string, bigint> {
  const isFailure = row.error_code !== null || row.http_status >= 400;
  const one = (is: boolean): bigint => (is ? 1n : 0n);
  const isAsked = row.upstream_calls > 0;
  const asked = (tokens: number): bigint => (isAsked ? BigInt(tokens) : 0n);
  const micros = (ms: number): bigint => (isFailure ? 0n : BigInt(Math.round(ms * 1_000)));
  const input = [
    row.fresh_input_tokens,
    row.cache_read_tokens,
    row.cache_write_short_tokens,
    row.cache_write_long_tokens,
  ];
  return {
    requests: 1n,
    errors: one(isFailure),
    memory_hits: one(row.cache_tier === 'memory'),
    exact_hits: one(row.cache_tier === 'exact'),
    semantic_hits: one(row.cache_tier === 'semantic'),
    coalesced_hits: one(row.cache_tier === 'coalesced'),
    unpriced_requests: one(row.price_version === null && isAsked),
    upstream_calls: BigInt(row.upstream_calls),
    fresh_input_tokens: asked(row.fresh_input_tokens),
    cache_read_tokens: asked(row.cache_read_tokens),
    cache_write_short_tokens: asked(row.cache_write_short_tokens),
    cache_write_long_tokens: asked(row.cache_write_long_tokens),
    output_tokens: asked(row.output_tokens),
    reasoning_tokens: asked(row.reasoning_tokens),
    tokens_input: BigInt(input.reduce((a, b) => a + b)),
    tokens_output: BigInt(row.output_tokens + row.reasoning_tokens),
    paid_nano_usd: BigInt(row.paid_nano_usd),
    baseline_nano_usd: BigInt(row.baseline_nano_usd),
    infrastructure_nano_usd: BigInt(row.infrastructure_nano_usd),
    savings_cache_nano_usd: BigInt(row.savings_cache_nano_usd),
    savings_routing_nano_usd: BigInt(row.savings_routing_nano_usd),
    savings_prefix_nano_usd: BigInt(row.savings_prefix_nano_usd),
    savings_batching_nano_usd: BigInt(row.savings_batching_nano_usd),
    latency_ms: micros(row.latency_ms),
    first_tokens: one(row.time_to_first_token_ms !== null && !isFailure),
    first_token_ms: micros(row.time_to_first_token_ms ?? 0),
  };
}

class Sums {
  private readonly rows = new Map<string, Record<string, bigint>>();

  add(key: readonly string[], measures: Record<string, bigint>): void {
    const id = JSON.stringify(key);
    const sums = this.rows.get(id);
    if (!sums) this.rows.set(id, { ...measures });
    else for (const name of rollupMeasureNames) sums[name] = (sums[name] ?? 0n) + (measures[name] ?? 0n);
  }

  /** Sorted, so that a difference is easily read; waiting in microseconds. */
  list(): [key: string, sums: Record<string, string>][] {
    return [...this.rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, sums]) => [key, Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, String(sum)]))]);
  }
}

/** Who was there, by tenant, and of all of them. */
class Users {
  private readonly sets = new Map<string, Set<string>>();

  add(grain: 'hour' | 'day', bucket: string, { tenant_id: tenant, user_id: user }: DetailRow): void {
    if (!user) return;
    for (const whose of [tenant, '*']) {
      const id = JSON.stringify([whose, grain, bucket]);
      this.sets.set(id, (this.sets.get(id) ?? new Set()).add(JSON.stringify([tenant, user])));
    }
  }

  list(): Rows {
    return [...this.sets]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, users]) => [key, { users: String(users.size) }]);
  }
}

type Rows = [key: string, sums: Record<string, string>][];

export interface AllRollups {
  hourly: Rows;
  daily: Rows;
  weekly: Rows;
  summary: Rows;
  users: Rows;
}

/** The Monday on or before a day, by counting back. */
function mondayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

/** What has to stand in all tables, from the detail alone. */
export function expectedRollups(detail: readonly DetailRow[]): AllRollups {
  const [hourly, daily, weekly, summary, users] = [new Sums(), new Sums(), new Sums(), new Sums(), new Users()];
  for (const row of detail) {
    const measures = measuresOf(row);
    const at = row.created_at.toISOString();
    const [hour, day] = [`${at.slice(0, 13)}:00:00.000Z`, at.slice(0, 10)];
    for (const dimension of rollupDimensionNames) {
      const place = placeOf(row, dimension);
      if (!place) continue;
      for (const tenant of sharedRollupDimensions.includes(dimension) ? [row.tenant_id, '*'] : [row.tenant_id]) {
        hourly.add([tenant, dimension, hour, ...place], measures);
        daily.add([tenant, dimension, day, ...place], measures);
        if (weeklyRollupDimensions.includes(dimension))
          weekly.add([tenant, dimension, mondayBefore(day), ...place], measures);
      }
    }
    summary.add([row.tenant_id, day, row.model_used, row.endpoint, row.user_id ?? ''], measures);
    users.add('hour', hour, row);
    users.add('day', `${day}T00:00:00.000Z`, row);
  }
  return {
    hourly: hourly.list(),
    daily: daily.list(),
    weekly: weekly.list(),
    summary: summary.list(),
    users: users.list(),
  };
}

type ReadRows = <Row extends object>(sql: string) => Promise<Row[]>;

/** What does stand there, in the same shape. */
export async function storedRollups(read: ReadRows): Promise<AllRollups> {
  const key = (bucket: string): string => `ARRAY[tenant_id, dimension, ${bucket}, value, parent]`;
  const hour = `to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const tables = [
    ['cost_hourly_rollup', key(hour)],
    ['cost_daily_rollup', key('bucket::text')],
    ['cost_weekly_rollup', key('bucket::text')],
    ['cost_daily_summary', 'ARRAY[tenant_id, date::text, model, endpoint, user_id]'],
    ['rollup_active_users', `ARRAY[tenant_id, grain, ${hour}]`],
  ] as const;
  const [hourly, daily, weekly, summary, users] = await Promise.all(
    tables.map(async ([table, keySql]) => {
      const rows = await read<Record<string, unknown> & { key: string[] }>(
        `SELECT ${keySql} AS key, t.* FROM ${table} t`,
      );
      return rows
        .map(
          (row) =>
            [JSON.stringify(row.key), table === 'rollup_active_users' ? usersOf(row) : sumsOf(row)] as [
              string,
              Record<string, string>,
            ],
        )
        .sort(([a], [b]) => (a < b ? -1 : 1));
    }),
  );
  return {
    hourly: hourly ?? [],
    daily: daily ?? [],
    weekly: weekly ?? [],
    summary: summary ?? [],
    users: users ?? [],
  };
}

const usersOf = (row: Record<string, unknown>): Record<string, string> => ({ users: String(row.users) });

const sumsOf = (row: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    rollupMeasureNames.map((name) => [
      name,
      name.endsWith('_ms') ? String(Math.round(Number(row[name]) * 1_000)) : String(row[name]),
    ]),
  );
