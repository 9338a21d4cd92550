import type { CompletionRecord } from '@costlane/contracts';
import type { Database } from '../database';
import { arrayLiteral } from './array-literal';
import { cleanText } from './clean-text';
import { NAME_LIMIT } from './request-columns';

/** The attempt under which a gateway puts a stale answer on record. */
const STALE_ATTEMPT = 'stale';

const amend = `
  UPDATE llm_requests r SET
    is_stale = true,
    provider = given.provider,
    model_used = given.model_used,
    cache_tier = 'exact',
    http_status = given.http_status,
    finished_at = greatest(r.finished_at, 'epoch'::timestamptz + given.finished_at * interval '1 millisecond'),
    latency_ms = greatest(r.latency_ms, given.latency_ms),
    price_version = coalesce(r.price_version, given.price_version),
    baseline_nano_usd = r.baseline_nano_usd + given.baseline,
    savings_cache_nano_usd = r.savings_cache_nano_usd + given.cache,
    savings_routing_nano_usd = r.savings_routing_nano_usd + given.routing
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::double precision[], $8::text[],
    $9::bigint[], $10::bigint[], $11::bigint[])
    AS given (request_id, created_at, provider, model_used, http_status, finished_at, latency_ms, price_version, baseline,
      cache, routing)
  WHERE r.request_id = given.request_id
    AND r.created_at = 'epoch'::timestamptz + given.created_at * interval '1 millisecond'
    AND r.error_code IS NOT NULL AND NOT r.is_stale
  RETURNING 1`;

/**
 * Notes on requests that failed at their provider, and are on record as such, that the client was given a stale answer all the same: what
 * that would have cost is saved, beside what the failure cost. The error's code stays. May be repeated.
 */
export async function amendStale(database: Database, records: readonly CompletionRecord[]): Promise<void> {
  if (records.length === 0) return;
  await database.query(amend, [
    arrayLiteral(records.map(({ requestId }) => cleanText(requestId, NAME_LIMIT))),
    arrayLiteral(records.map(({ createdAtMs }) => createdAtMs)),
    arrayLiteral(records.map(({ provider }) => cleanText(provider, NAME_LIMIT))),
    arrayLiteral(records.map(({ modelUsed }) => cleanText(modelUsed, NAME_LIMIT))),
    arrayLiteral(records.map(({ httpStatus }) => httpStatus)),
    arrayLiteral(records.map(({ finishedAtMs }) => finishedAtMs)),
    arrayLiteral(records.map(({ latencyMs }) => latencyMs)),
    arrayLiteral(records.map(({ priceVersion }) => priceVersion)),
    // An answer out of a cache costs nothing: cache and routing saved all of its baseline.
    arrayLiteral(records.map(({ savings }) => savings.cache + savings.routing)),
    arrayLiteral(records.map(({ savings }) => savings.cache)),
    arrayLiteral(records.map(({ savings }) => savings.routing)),
  ]);
}

const addLate = `
  UPDATE llm_requests r SET
    attempt = given.attempt,
    error_code = given.error_code,
    upstream_calls = r.upstream_calls + given.upstream_calls,
    budget_lessee = coalesce(r.budget_lessee, given.budget_lessee),
    finished_at = greatest(r.finished_at, 'epoch'::timestamptz + given.finished_at * interval '1 millisecond'),
    paid_nano_usd = r.paid_nano_usd + given.paid,
    savings_routing_nano_usd = r.savings_routing_nano_usd - given.paid
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[],
    $8::text[])
    AS given (request_id, created_at, attempt, error_code, upstream_calls, finished_at, paid, budget_lessee)
  WHERE r.request_id = given.request_id
    AND r.created_at = 'epoch'::timestamptz + given.created_at * interval '1 millisecond'
    AND r.is_stale AND r.attempt = '${STALE_ATTEMPT}'
  RETURNING 1`;

/**
 * The other way round: a worker's word on a request whose client has been given a stale answer, and which stands on record by that alone. What
 * the call cost is paid all the same, and saved by nobody; an answer that it brought came too late. What was set aside for it in budgets is free with it. May be repeated.
 */
export async function addLateRuns(database: Database, records: readonly CompletionRecord[]): Promise<void> {
  if (records.length === 0) return;
  await database.query(addLate, [
    arrayLiteral(records.map(({ requestId }) => cleanText(requestId, NAME_LIMIT))),
    arrayLiteral(records.map(({ createdAtMs }) => createdAtMs)),
    arrayLiteral(records.map(({ attempt }) => cleanText(attempt, NAME_LIMIT))),
    arrayLiteral(records.map(({ errorCode }) => errorCode)),
    arrayLiteral(records.map(({ upstreamCalls }) => upstreamCalls)),
    arrayLiteral(records.map(({ finishedAtMs }) => finishedAtMs)),
    arrayLiteral(records.map(({ paidNanoUsd }) => paidNanoUsd)),
    arrayLiteral(records.map(({ budgetLessee }) => (budgetLessee ? cleanText(budgetLessee, NAME_LIMIT) : undefined))),
  ]);
}
