// Detail as 8 tenants and 4,000 users would make it, in SQL: a few users ask most, the nights are quiet, a third is answered by caches.

export const days = 90;
/** Midnight after the last day. */
export const endOfDetail = new Date('2026-11-28T00:00:00Z');

const tenants = 8;
const usersOfTenant = 500;

/** An INSERT of one day's requests, without their triggers' help. `day`: 0 is the first. */
export function detailOfDay(day, count) {
  const start = new Date(endOfDetail.getTime() - (days - day) * 86_400_000).toISOString();
  return `
    INSERT INTO llm_requests (
      request_id, created_at, finished_at, attempt, tenant_id, team_id, user_id, key_id, feature_name, experiment_id, experiment_variant,
      endpoint, provider, model_asked, model_used, route_reason, policy_version, cache_tier, is_stream, usage_source,
      fresh_input_tokens, cache_read_tokens, cache_write_short_tokens, cache_write_long_tokens, output_tokens, reasoning_tokens,
      paid_nano_usd, baseline_nano_usd, infrastructure_nano_usd, savings_cache_nano_usd, savings_routing_nano_usd, savings_prefix_nano_usd,
      savings_batching_nano_usd, price_version, http_status, error_code, latency_ms, time_to_first_token_ms, upstream_calls, is_holdout)
    SELECT 'req_${day}_' || i, at, at + interval '300 milliseconds', 'a', 'tenant-' || tenant, 'team-' || (who % 12), 'user-' || tenant || '-' || who,
      'key-' || tenant || '-' || (who % 20), (ARRAY['search', 'chat', 'summary', 'agent', 'mail'])[1 + i % 5],
      CASE WHEN i % 10 = 0 THEN 'exp-1' END, CASE WHEN i % 10 = 0 THEN (ARRAY['a', 'b'])[1 + who % 2] END,
      (ARRAY['/v1/chat/completions', '/v1/inference', '/v1/messages'])[1 + i % 3], CASE WHEN model < 4 THEN 'openai' ELSE 'anthropic' END,
      'model-large', 'model-' || model, 'policy', '1', tier, i % 2 = 0, 'provider',
      400, CASE WHEN tier = 'miss' THEN 100 ELSE 0 END, 0, 0, 150, 0,
      CASE WHEN tier = 'miss' THEN list - 20000 ELSE 0 END, list + 900000, 1500, CASE WHEN tier = 'miss' THEN 0 ELSE list END, 900000,
      CASE WHEN tier = 'miss' THEN 20000 ELSE 0 END, 0, 'list-1', CASE WHEN i % 200 = 0 THEN 502 ELSE 200 END,
      CASE WHEN i % 200 = 0 THEN 'upstream_error' END, 200 + i % 700, 90, CASE WHEN tier = 'miss' THEN 1 ELSE 0 END, who % 20 = 0
    FROM (
      SELECT i, i % ${tenants} AS tenant, floor(${usersOfTenant} * power(random(), 2))::int AS who, (random() * random() * 8)::int AS model,
        -- Of two: the middle of the day is busiest.
        '${start}'::timestamptz + 12 * (random() + random()) * interval '1 hour' AS at,
        (ARRAY['miss', 'miss', 'exact', 'miss', 'semantic', 'miss', 'memory', 'miss', 'miss'])[1 + i % 9] AS tier,
        (1000000 + 4000000 * random())::bigint AS list
      FROM generate_series(1, ${count}) AS i
    ) made`;
}
