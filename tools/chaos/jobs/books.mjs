// What the ledger holds of the run, against what was handed in.
import pg from 'pg';

const patienceMs = 60_000;
/** Single requests that took longer are told one by one. */
export const slowMs = 15_000;
/** Of jobs that were paid more than once, and of those whose answer took long. */
const shownExamples = 5;

/** Waits until every job that has an answer is on record, and judges the records: see {@link judge}. */
export async function readBooks({ databaseUrl, tenantId, batches, singles }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const endsAt = Date.now() + patienceMs;
  try {
    for (;;) {
      const { rows } = await client.query(
        `SELECT request_id, user_id, cache_tier, created_at, time_to_first_token_ms, attempt, http_status, finished_at, error_code, provider, usage_source, paid_nano_usd::text AS paid, upstream_calls AS calls,
                (baseline_nano_usd - paid_nano_usd = savings_cache_nano_usd + savings_routing_nano_usd +
                 savings_prefix_nano_usd + savings_batching_nano_usd) AS adds_up
           FROM llm_requests WHERE tenant_id = $1`,
        [tenantId],
      );
      const judged = judge({ rows, batches, singles });
      if (judged.missing === 0 || Date.now() > endsAt) return judged;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    await client.end();
  }
}

/**
 * Pure: `{ records, missing, twice, paidTwice, unbalanced, differing, paidNanoUsd, upstreamCalls }`. A job is known in the ledger by its user; each
 * has one record that is paid, whatever became of other attempts. What a batch says an item cost is what the ledger says.
 */
export function judge({ rows, batches, singles }) {
  const byRequest = new Map();
  const paidBy = new Map();
  for (const row of rows) {
    byRequest.set(row.request_id, [...(byRequest.get(row.request_id) ?? []), row]);
    if (BigInt(row.paid) > 0n) paidBy.set(row.user_id, (paidBy.get(row.user_id) ?? 0) + 1);
  }
  const items = batches.flatMap(({ lines }) => lines.filter(({ status }) => status === 'succeeded'));
  const answered = [...items.map((line) => line.custom_id), ...singles.filter((s) => s.isAnswered).map((s) => s.name)];
  const told = batches.flatMap(({ id, lines }) =>
    lines.map(({ index, cost_usd: usd }) => [`${id}-${index}`, BigInt(Math.round((usd ?? 0) * 1e9))]),
  );
  const slowNames = singles.filter(({ latencyMs }) => latencyMs > slowMs).map(({ name }) => name);
  const paidTwice = [...paidBy].filter(([, count]) => count > 1);
  return {
    records: rows.length,
    missing: answered.filter((name) => !paidBy.has(name)).length,
    twice: [...byRequest.values()].filter((same) => same.length > 1).length,
    paidTwice: paidTwice.length,
    unbalanced: rows.filter((row) => !row.adds_up).length,
    differing: told.filter(([id, nanoUsd]) => byRequest.has(id) && BigInt(byRequest.get(id)[0].paid) !== nanoUsd)
      .length,
    paidNanoUsd: String(rows.reduce((sum, { paid }) => sum + BigInt(paid), 0n)),
    examples: [...paidTwice.map(([name]) => name), ...slowNames]
      .slice(0, shownExamples)
      .flatMap((name) => rows.filter((row) => row.user_id === name)),
    upstreamCalls: rows.reduce((sum, { calls }) => sum + (calls ?? 0), 0),
  };
}
