import type { CompletionRecord } from '@costlane/contracts';
import type { ModalitySplit } from '@costlane/domain';
import type { ColumnValue } from './array-literal';
import { cleanText } from './clean-text';
import { jsonColumnText, LIST_LIMIT } from './json-column';

/** One column of a bulk insert: its name, the type of its array parameter, and its value in a record. */
export interface Column {
  name: string;
  type: 'text' | 'integer' | 'bigint' | 'boolean' | 'double precision' | 'jsonb';
  /** SQL from the array's element to the column's value; default: as it is. */
  sql?: string;
  valueOf(record: CompletionRecord): ColumnValue;
}

/** Longest name that a client can give to a user, feature and the like. */
export const NAME_LIMIT = 200;
/** Longest text of any other kind. */
export const TEXT_LIMIT = 500;

const required = (name: string, read: (record: CompletionRecord) => unknown, limit = NAME_LIMIT): Column => ({
  name,
  type: 'text',
  // A describing word that is missing is no reason to leave a paid request out of the books.
  valueOf: (record) => textOr('', read(record), limit),
});

const optional = (name: string, read: (record: CompletionRecord) => unknown, limit = NAME_LIMIT): Column => ({
  name,
  type: 'text',
  valueOf: (record) => textOr(undefined, read(record), limit),
});

function textOr<T>(otherwise: T, value: unknown, limit: number): string | T {
  return typeof value === 'string' && value !== '' ? cleanText(value, limit) : otherwise;
}

const numeric = (name: string, type: Column['type'], valueOf: Column['valueOf']): Column => ({ name, type, valueOf });

/** Exact: the product has no fraction below 2^53 microseconds, the year 2255. */
const time = (name: string, valueOf: Column['valueOf']): Column => ({
  name,
  type: 'bigint',
  sql: `'epoch'::timestamptz + ${name} * interval '1 millisecond'`,
  valueOf,
});

const modality = (name: string, axis: keyof ModalitySplit): Column =>
  numeric(name, 'integer', ({ usage }) => usage?.modality?.[axis] || undefined);

const json = (name: string, read: (record: CompletionRecord) => object | undefined): Column => ({
  name,
  type: 'jsonb',
  valueOf: (record) => jsonColumnText(read(record)),
});

/** How the model was chosen; its numbers have columns of their own. */
function routeDecision({ route }: CompletionRecord): object | undefined {
  if (!route) return undefined;
  const { complexity: _complexity, predictedGain: _gain, candidates, steps, ...chosen } = route;
  return { ...chosen, candidates: candidates?.slice(0, LIST_LIMIT), steps: steps?.slice(0, LIST_LIMIT) };
}

/** What running this product itself cost for a request, in whole nano-dollars, not negative. */
export type InfrastructureCost = (record: CompletionRecord) => number;

/** A cost that is none must not keep a request out of the books: it counts as 0. */
const infrastructureColumn = (costOf: InfrastructureCost): Column =>
  numeric('infrastructure_nano_usd', 'bigint', (record) => {
    const cost = costOf(record);
    return Number.isSafeInteger(cost) && cost >= 0 ? cost : 0;
  });

/** Every column of `llm_requests` that a record fills, and the one that `costOf` does; without it that cost is on record as 0. */
export const requestColumnsWith = (costOf: InfrastructureCost = () => 0): readonly Column[] => [
  ...requestColumns,
  infrastructureColumn(costOf),
];

/** Every column of `llm_requests` that a record fills by itself. */
export const requestColumns: readonly Column[] = [
  required('request_id', (record) => record.requestId),
  time('created_at', (record) => record.createdAtMs),
  time('finished_at', (record) => record.finishedAtMs),
  required('attempt', (record) => record.attempt),
  required('tenant_id', (record) => record.tenantId),
  optional('team_id', (record) => record.teamId),
  optional('user_id', (record) => record.userId),
  optional('key_id', (record) => record.keyId),
  optional('feature_name', (record) => record.featureName),
  optional('experiment_id', (record) => record.experimentId),
  optional('experiment_variant', (record) => record.experimentVariant),
  required('endpoint', (record) => record.endpoint),
  required('provider', (record) => record.provider),
  required('model_asked', (record) => record.modelAsked),
  required('model_used', (record) => record.modelUsed),
  required('route_reason', (record) => record.routeReason, TEXT_LIMIT),
  required('policy_version', (record) => record.policyVersion),
  json('route_decision', routeDecision),
  numeric('complexity', 'double precision', ({ route }) => route?.complexity ?? undefined),
  numeric('predicted_gain', 'double precision', ({ route }) => route?.predictedGain ?? undefined),
  required('cache_tier', (record) => record.cacheTier),
  numeric('cache_similarity', 'double precision', (record) => record.cacheSimilarity),
  numeric('is_stale', 'boolean', (record) => record.isStale === true),
  numeric('is_stream', 'boolean', (record) => Boolean(record.stream)),
  required('usage_source', (record) => record.usageSource),
  numeric('fresh_input_tokens', 'integer', ({ usage }) => usage?.freshInputTokens ?? 0),
  numeric('cache_read_tokens', 'integer', ({ usage }) => usage?.cacheReadTokens ?? 0),
  numeric('cache_write_short_tokens', 'integer', ({ usage }) => usage?.cacheWriteShortTokens ?? 0),
  numeric('cache_write_long_tokens', 'integer', ({ usage }) => usage?.cacheWriteLongTokens ?? 0),
  numeric('output_tokens', 'integer', ({ usage }) => usage?.outputTokens ?? 0),
  numeric('reasoning_tokens', 'integer', ({ usage }) => usage?.reasoningTokens ?? 0),
  modality('audio_input_tokens', 'audioInputTokens'),
  modality('audio_cache_read_tokens', 'audioCacheReadTokens'),
  modality('audio_output_tokens', 'audioOutputTokens'),
  modality('image_input_tokens', 'imageInputTokens'),
  numeric('paid_nano_usd', 'bigint', (record) => record.paidNanoUsd),
  numeric('baseline_nano_usd', 'bigint', (record) => record.baselineNanoUsd),
  numeric('savings_cache_nano_usd', 'bigint', ({ savings }) => savings.cache),
  numeric('savings_routing_nano_usd', 'bigint', ({ savings }) => savings.routing),
  numeric('savings_prefix_nano_usd', 'bigint', ({ savings }) => savings.prefix),
  numeric('savings_batching_nano_usd', 'bigint', ({ savings }) => savings.batching),
  optional('price_version', (record) => record.priceVersion),
  optional('price_assumptions', (record) => record.priceAssumptions?.join(',')),
  numeric('http_status', 'integer', (record) => record.httpStatus),
  optional('error_code', (record) => record.errorCode),
  numeric('latency_ms', 'double precision', (record) => record.latencyMs),
  numeric('time_to_first_token_ms', 'double precision', (record) => record.timeToFirstTokenMs ?? undefined),
  numeric('upstream_calls', 'integer', (record) => record.upstreamCalls),
  json('other_calls', ({ otherCalls }) => (otherCalls?.length ? otherCalls.slice(0, LIST_LIMIT) : undefined)),
  optional('traceparent', (record) => record.traceparent),
  optional('prompt_hash', (record) => record.promptHash),
  numeric('is_holdout', 'boolean', (record) => record.isHoldout === true),
  optional('budget_lessee', (record) => record.budgetLessee),
];

const duplicateColumnNames = new Set([
  'request_id',
  'created_at',
  'attempt',
  'finished_at',
  'tenant_id',
  'provider',
  'model_used',
  'paid_nano_usd',
  'price_version',
  'http_status',
  'upstream_calls',
]);

/** Every column of `duplicate_completions` that a record fills. */
export const duplicateColumns: readonly Column[] = requestColumns.filter(({ name }) => duplicateColumnNames.has(name));
