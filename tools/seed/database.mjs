// What the seed looks at and takes away past the ledger's own functions: its own rows only.
import { tenantIds } from './world.mjs';
import { settingsOfId } from './drafts.mjs';

/** Ids of the demo's requests; the underscore stands for itself. */
const demoIds = String.raw`demo\_%`;

const firstOfEach = `
  SELECT tenant_id, request_id FROM unnest($1::text[]) AS asked (tenant)
  CROSS JOIN LATERAL (
    SELECT tenant_id, request_id FROM llm_requests WHERE tenant_id = tenant ORDER BY created_at LIMIT 1
  ) AS first`;

/** A connection of its own, as `{ query, end }`. Throws one sentence where Postgres does not answer. */
export async function connect(databaseUrl) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'costlane-seed',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { host } = new URL(databaseUrl);
    throw new Error(
      `Postgres at ${host} does not answer (${error.code ?? error.message}). Is Costlane running (npm start)?`,
      {
        cause: error,
      },
    );
  }
  return client;
}

/**
 * What is there: `{ history, hasStrangers, hasOthers }`. `history`: settings of the demo that is there, `hasStrangers`: a demo tenant has
 * requests that are not the demo's, `hasOthers`: other tenants have requests.
 */
export async function lookAround(client) {
  const { rows } = await client.query(firstOfEach, [tenantIds]);
  const histories = rows.map(({ request_id: id }) => settingsOfId(id));
  const { rows: others } = await client.query(
    `SELECT EXISTS (SELECT FROM llm_requests WHERE tenant_id <> ALL ($1)) AS has_others,
       EXISTS (SELECT FROM llm_requests WHERE tenant_id = ANY ($1) AND request_id NOT LIKE $2) AS has_strangers`,
    [tenantIds, demoIds],
  );
  return { history: histories.find(Boolean), hasStrangers: others[0].has_strangers, hasOthers: others[0].has_others };
}

/** First and last moment of the demo's requests; undefined: there are none. */
async function rangeOf(client) {
  const { rows } = await client.query(
    `SELECT min(created_at) AS first, max(created_at) AS last FROM llm_requests WHERE tenant_id = ANY ($1) AND request_id LIKE $2`,
    [tenantIds, demoIds],
  );
  return rows[0].first === null ? undefined : { first: rows[0].first, last: rows[0].last };
}

const dayMs = 86_400_000;

/**
 * Takes the demo's requests away, a day at a time. Triggers write the entries that take them off the books, and mark their hours for the
 * rollups. Resolves with `{ deleted, range }`.
 */
export async function deleteRequests(client, progress = () => undefined) {
  const range = await rangeOf(client);
  let deleted = 0;
  if (range) {
    const first = Math.floor(range.first.getTime() / dayMs) * dayMs;
    for (let day = first; day <= range.last.getTime(); day += dayMs) {
      const { rowCount } = await client.query(
        `DELETE FROM llm_requests WHERE tenant_id = ANY ($1) AND request_id LIKE $2 AND created_at >= $3 AND created_at < $4`,
        [tenantIds, demoIds, new Date(day), new Date(day + dayMs)],
      );
      deleted += rowCount;
      progress((day - first) / Math.max(dayMs, range.last.getTime() - first));
    }
  }
  await client.query(`DELETE FROM duplicate_completions WHERE tenant_id = ANY ($1) AND request_id LIKE $2`, [
    tenantIds,
    demoIds,
  ]);
  await client.query(`DELETE FROM rejected_completions WHERE tenant_id = ANY ($1) AND request_id LIKE $2`, [
    tenantIds,
    demoIds,
  ]);
  await client.query(`DELETE FROM anomaly_judgements WHERE tenant_id = ANY ($1)`, [tenantIds]);
  await client.query(`DELETE FROM anomalies WHERE tenant_id = ANY ($1)`, [tenantIds]);
  for (const table of ['experiment_subjects', 'experiment_latencies'])
    await client.query(`DELETE FROM ${table} WHERE tenant_id = ANY ($1) AND experiment_id LIKE 'demo-%'`, [tenantIds]);
  return { deleted, range };
}

/** What is left of the demo tenants in the rollups, and what their entries of settlement add up to: zeros after a removal. */
export async function leftovers(client) {
  const { rows } = await client.query(
    `SELECT
       (SELECT count(*) FROM cost_hourly_rollup WHERE tenant_id = ANY ($1))::integer
         + (SELECT count(*) FROM cost_daily_rollup WHERE tenant_id = ANY ($1))::integer
         + (SELECT count(*) FROM cost_daily_summary WHERE tenant_id = ANY ($1))::integer AS rollups,
       (SELECT count(*) FROM llm_requests WHERE tenant_id = ANY ($1))::integer AS requests,
       (SELECT coalesce(sum(amount_nano_usd), 0) FROM ledger_entries
         WHERE tenant_id = ANY ($1) AND kind IN ('settle', 'correct') AND reference IS NULL)::text AS entries`,
    [tenantIds],
  );
  return rows[0];
}

/** So that the first look at what was written is a quick one. */
export async function analyse(client) {
  for (const table of ['llm_requests', 'cost_hourly_rollup', 'cost_daily_rollup', 'cost_daily_summary'])
    await client.query(`ANALYZE ${table}`);
}
