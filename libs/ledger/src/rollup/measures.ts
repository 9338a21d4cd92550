/** One sum of the rollup tables: its column, and its SQL over rows of `llm_requests` with `is_failure`. */
interface Measure {
  name: string;
  type: 'bigint' | 'double precision';
  sql: string;
}

const IS_ASKED = 'upstream_calls > 0';
const count = (name: string, where?: string): Measure => ({
  name,
  type: 'bigint',
  sql: where === undefined ? 'count(*)' : `count(*) FILTER (WHERE ${where})`,
});
const sum = (name: string, of = name, where?: string): Measure => ({
  name,
  type: 'bigint',
  sql: `coalesce(sum(${of})${where === undefined ? '' : ` FILTER (WHERE ${where})`}, 0)::bigint`,
});

/**
 * Milliseconds are added up as whole microseconds: a sum of floats depends on the order of its rows, and the same requests have to give the same row
 * every time. The bounds keep one odd record from making its hour's sum impossible.
 */
const milliseconds = (name: string, of: string): Measure => ({
  name,
  type: 'double precision',
  sql: `coalesce(sum(round(least(greatest(${of}, 0), 1e9) * 1000)::bigint) FILTER (WHERE NOT is_failure), 0)::double precision / 1000`,
});

/** The measures of all rollup tables, in the order of their columns. */
export const rollupMeasures = [
  count('requests'),
  count('errors', 'is_failure'),
  count('memory_hits', `cache_tier = 'memory'`),
  count('exact_hits', `cache_tier = 'exact'`),
  count('semantic_hits', `cache_tier = 'semantic'`),
  count('coalesced_hits', `cache_tier = 'coalesced'`),
  count('unpriced_requests', `price_version IS NULL AND ${IS_ASKED}`),
  sum('upstream_calls'),
  sum('fresh_input_tokens', 'fresh_input_tokens', IS_ASKED),
  sum('cache_read_tokens', 'cache_read_tokens', IS_ASKED),
  sum('cache_write_short_tokens', 'cache_write_short_tokens', IS_ASKED),
  sum('cache_write_long_tokens', 'cache_write_long_tokens', IS_ASKED),
  sum('output_tokens', 'output_tokens', IS_ASKED),
  sum('reasoning_tokens', 'reasoning_tokens', IS_ASKED),
  sum(
    'tokens_input',
    'fresh_input_tokens::bigint + cache_read_tokens + cache_write_short_tokens + cache_write_long_tokens',
  ),
  sum('tokens_output', 'output_tokens::bigint + reasoning_tokens'),
  sum('paid_nano_usd'),
  sum('baseline_nano_usd'),
  sum('infrastructure_nano_usd'),
  sum('savings_cache_nano_usd'),
  sum('savings_routing_nano_usd'),
  sum('savings_prefix_nano_usd'),
  sum('savings_batching_nano_usd'),
  milliseconds('latency_ms', 'latency_ms'),
  count('first_tokens', 'time_to_first_token_ms IS NOT NULL AND NOT is_failure'),
  milliseconds('first_token_ms', 'time_to_first_token_ms'),
] as const satisfies readonly Measure[];

/** Names of the columns of measures. */
export const rollupMeasureNames: readonly string[] = rollupMeasures.map(({ name }) => name);

/** What an error is, everywhere in the rollups. */
export const IS_FAILURE = 'error_code IS NOT NULL OR http_status >= 400';

/** The columns of measures, as a list of a statement. */
export const measureList = rollupMeasureNames.join(', ');

/** Each measure of a group of requests. */
export const measureSql = rollupMeasures.map(({ name, sql }) => `${sql} AS ${name}`).join(', ');

/** Sums of sums. A double keeps microseconds exact up to 2^53 of them: 285 years of waiting in a day. */
export const measureSums = rollupMeasures.map(({ name, type }) => `sum(${name})::${type} AS ${name}`).join(', ');
