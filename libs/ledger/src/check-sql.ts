/** Days that differ and are named, at the most. */
export const MAX_DIFFERENCES = 50;

const saved = 'savings_cache_nano_usd + savings_routing_nano_usd + savings_prefix_nano_usd + savings_batching_nano_usd';
const measures = ['requests', 'paid', 'baseline', 'infrastructure', 'saved'];

/** One list of differences and how many there are in all. */
const listed = (name: string): string => `
    (SELECT count(*) FROM ${name})::text AS ${name},
    (SELECT coalesce(json_agg(d ORDER BY d.day, d.tenant), '[]') FROM (
      SELECT * FROM ${name} ORDER BY day, tenant LIMIT ${MAX_DIFFERENCES}
    ) AS d) AS ${name}_listed`;

/**
 * $1, $2: from which UTC day on and before which one, $3: of which tenant; NULL is no limit. One statement, so that all of it is about one moment.
 * A day whose detail was dropped has its entries compared with its rollups; a day that is not rolled up yet, and the present one, has no rollups to compare.
 */
export const checkSql = `
  WITH records AS (
    SELECT tenant_id AS tenant, (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS requests,
      sum(paid_nano_usd) AS paid, sum(baseline_nano_usd) AS baseline, sum(infrastructure_nano_usd) AS infrastructure, sum(${saved}) AS saved,
      count(*) FILTER (WHERE baseline_nano_usd - paid_nano_usd <> ${saved}) AS unbalanced
    FROM llm_requests
    WHERE ($1::date IS NULL OR created_at >= $1::date::timestamp AT TIME ZONE 'UTC')
      AND ($2::date IS NULL OR created_at < $2::date::timestamp AT TIME ZONE 'UTC')
      AND ($3::text IS NULL OR tenant_id = $3)
    GROUP BY 1, 2
  ), entered AS (
    SELECT tenant_id AS tenant, day, reference IS NULL AS is_automatic, sum(requests) AS requests, sum(amount_nano_usd) AS paid, count(*) AS entries
    FROM ledger_entries
    WHERE kind IN ('settle', 'correct') AND ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day < $2)
      AND ($3::text IS NULL OR tenant_id = $3)
    GROUP BY 1, 2, 3
  ), rolled AS (
    SELECT tenant_id AS tenant, bucket AS day, requests, paid_nano_usd AS paid, baseline_nano_usd AS baseline,
      infrastructure_nano_usd AS infrastructure, ${saved} AS saved
    FROM cost_daily_rollup
    WHERE dimension = 'total' AND tenant_id <> '*' AND ($1::date IS NULL OR bucket >= $1) AND ($2::date IS NULL OR bucket < $2)
      AND ($3::text IS NULL OR tenant_id = $3)
  ), waiting AS (
    SELECT DISTINCT (hour AT TIME ZONE 'UTC')::date AS day FROM rollup_marks
    UNION SELECT day FROM rollup_day_marks WHERE target = 'daily'
    UNION SELECT (now() AT TIME ZONE 'UTC')::date
  ), evidence AS (
    SELECT tenant, day, requests, paid FROM records
    UNION ALL SELECT tenant, day, requests, paid FROM rolled WHERE day IN (SELECT day FROM dropped_days)
  ), entry_differences AS (
    SELECT tenant, day, coalesce(e.requests, 0)::text AS requests, coalesce(v.requests, 0)::text AS "expectedRequests",
      coalesce(e.paid, 0)::text AS "paidNanoUsd", coalesce(v.paid, 0)::text AS "expectedPaidNanoUsd"
    FROM (SELECT * FROM entered WHERE is_automatic) AS e FULL JOIN evidence AS v USING (tenant, day)
    WHERE (coalesce(e.requests, 0), coalesce(e.paid, 0)) <> (coalesce(v.requests, 0), coalesce(v.paid, 0))
  ), compared AS (
    SELECT tenant, day, r AS rolled, d AS detail FROM rolled AS r FULL JOIN records AS d USING (tenant, day)
    WHERE day < (now() AT TIME ZONE 'UTC')::date AND day NOT IN (SELECT day FROM waiting) AND day NOT IN (SELECT day FROM dropped_days)
  ), rollup_differences AS (
    SELECT tenant, day, coalesce((rolled).requests, 0)::text AS requests, coalesce((detail).requests, 0)::text AS "expectedRequests",
      coalesce((rolled).paid, 0)::text AS "paidNanoUsd", coalesce((detail).paid, 0)::text AS "expectedPaidNanoUsd"
    FROM compared
    WHERE ${measures.map((name) => `coalesce((rolled).${name}, 0) <> coalesce((detail).${name}, 0)`).join(' OR ')}
  ), repeated AS (
    SELECT FROM llm_requests
    WHERE ($1::date IS NULL OR created_at >= $1::date::timestamp AT TIME ZONE 'UTC')
      AND ($2::date IS NULL OR created_at < $2::date::timestamp AT TIME ZONE 'UTC')
      AND ($3::text IS NULL OR tenant_id = $3)
    GROUP BY request_id HAVING count(*) > 1
  ), doubled AS (
    SELECT count(*) AS completions, sum(paid_nano_usd) AS paid FROM duplicate_completions
    WHERE ($1::date IS NULL OR created_at >= $1::date::timestamp AT TIME ZONE 'UTC')
      AND ($2::date IS NULL OR created_at < $2::date::timestamp AT TIME ZONE 'UTC')
      AND ($3::text IS NULL OR tenant_id = $3)
  )
  SELECT
    coalesce((SELECT sum(requests) FROM records), 0)::text AS requests,
    coalesce((SELECT sum(unbalanced) FROM records), 0)::text AS unbalanced,
    coalesce((SELECT sum(baseline) - sum(paid) - sum(saved) FROM records), 0)::text AS difference,
    coalesce((SELECT sum(paid) FROM evidence), 0)::text AS paid,
    coalesce((SELECT sum(paid) FROM entered WHERE is_automatic), 0)::text AS entered,
    coalesce((SELECT sum(paid) FROM entered WHERE NOT is_automatic), 0)::text AS corrected,
    coalesce((SELECT sum(entries) FROM entered WHERE NOT is_automatic), 0)::text AS corrections,
    (SELECT count(*) FROM repeated)::text AS charged_twice,
    (SELECT completions FROM doubled)::text AS duplicates,
    coalesce((SELECT paid FROM doubled), 0)::text AS duplicates_paid,
    (SELECT count(*) FROM rejected_completions WHERE $3::text IS NULL OR tenant_id = $3)::text AS rejected,
    (SELECT count(DISTINCT day) FROM compared)::text AS days_compared,
    (SELECT count(DISTINCT day) FROM records WHERE day IN (SELECT day FROM waiting))::text AS days_waiting,
    (SELECT count(*) FROM dropped_days WHERE ($1::date IS NULL OR day >= $1) AND ($2::date IS NULL OR day < $2))::text AS days_dropped,
    costlane_rows_in_default()::text AS in_default,
    costlane_partitions_ahead()::text AS ahead,
    ${listed('entry_differences')},
    ${listed('rollup_differences')}`;
