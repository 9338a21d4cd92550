// What the books say of the run's requests, asked from Postgres.
import pg from 'pg';

const patienceMs = 30_000;

/**
 * Waits until every answered request is on the record, then compares one by one with what each client was told:
 * `{ records, missing, twice, differing, paidNanoUsd, toldNanoUsd, upstreamCalls, otherCalls }`.
 */
export async function readLedger({ databaseUrl, tenantId, endings }) {
  const answered = endings.filter(({ isAnswered, requestId }) => isAnswered && requestId);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const deadline = Date.now() + patienceMs;
    let rows = [];
    do {
      if (rows.length > 0) await new Promise((resolve) => setTimeout(resolve, 500));
      ({ rows } = await client.query(
        `SELECT request_id, count(*)::int AS count, sum(paid_nano_usd)::text AS paid, sum(upstream_calls)::int AS calls,
                sum(coalesce(jsonb_array_length(other_calls), 0))::int AS others
           FROM llm_requests WHERE tenant_id = $1 GROUP BY request_id`,
        [tenantId],
      ));
    } while (missingIn(rows, answered).length > 0 && Date.now() < deadline);
    const failed = endings.filter(({ isAnswered, requestId }) => !isAnswered && requestId).slice(0, 50);
    const { rows: tried } = await client.query(
      `SELECT request_id, route_decision -> 'steps' AS steps FROM llm_requests WHERE request_id = ANY($1)`,
      [failed.map(({ requestId }) => requestId)],
    );
    const triedBy = Object.fromEntries(
      tried.map((row) => [row.request_id, (row.steps ?? []).map(({ model, why }) => `${model} ${why}`)]),
    );
    return { ...compare(rows, answered), triedBy };
  } finally {
    await client.end();
  }
}

function missingIn(rows, answered) {
  const known = new Set(rows.map((row) => row.request_id));
  return answered.filter(({ requestId }) => !known.has(requestId));
}

/** Pure; exported for its test. */
export function compare(rows, answered) {
  const byId = new Map(rows.map((row) => [row.request_id, row]));
  const known = answered.filter(({ requestId }) => byId.has(requestId));
  const sum = (values) => values.reduce((total, value) => total + value, 0n);
  return {
    records: rows.length,
    missing: missingIn(rows, answered).length,
    twice: rows.filter(({ count }) => count > 1).length,
    differing: known.filter(({ requestId, costUsd }) => nanoUsdOf(costUsd) !== BigInt(byId.get(requestId).paid)).length,
    paidNanoUsd: String(sum(rows.map(({ paid }) => BigInt(paid)))),
    toldNanoUsd: String(sum(answered.map(({ costUsd }) => nanoUsdOf(costUsd) ?? 0n))),
    upstreamCalls: rows.reduce((total, { calls }) => total + (calls ?? 0), 0),
    otherCalls: rows.reduce((total, { others }) => total + others, 0),
  };
}

/** Nano-dollars from the exact decimal that clients are told; undefined where they were told none. */
export function nanoUsdOf(costUsd) {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(costUsd ?? '') ?? [];
  return whole === undefined ? undefined : BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
