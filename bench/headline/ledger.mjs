// What the ledger says of a phase, asked from Postgres.
import pg from 'pg';

const patienceMs = 60_000;
const usd = (nanoUsd) => Number(nanoUsd) / 1e9;

const sumsQuery = `
  SELECT count(*)::int AS records,
         sum(paid_nano_usd)::text AS paid, sum(baseline_nano_usd)::text AS baseline,
         sum(savings_cache_nano_usd)::text AS cache, sum(savings_routing_nano_usd)::text AS routing,
         sum(savings_prefix_nano_usd)::text AS prefix, sum(savings_batching_nano_usd)::text AS batching,
         sum(upstream_calls)::int AS calls
    FROM llm_requests WHERE created_at >= $1`;

/** Of the requests that a provider was asked about: which tier was chosen, and how likely only a stronger model would have done. */
const choicesQuery = `
  SELECT model_used AS model, count(*)::int AS requests, avg(predicted_gain)::float AS gain, avg(complexity)::float AS complexity
    FROM llm_requests WHERE created_at >= $1 AND cache_tier = 'miss' AND http_status < 400 AND predicted_gain IS NOT NULL
   GROUP BY model_used ORDER BY model_used`;

/** The sums of all requests since a time, once as many as were answered are on the record. `{ records, isComplete, paidUsd, … }` in dollars. */
export async function readLedger({ databaseUrl, since, answered }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const until = Date.now() + patienceMs;
    let row;
    do {
      if (row) await new Promise((resolve) => setTimeout(resolve, 300));
      ({
        rows: [row],
      } = await client.query(sumsQuery, [since]));
    } while (row.records < answered && Date.now() < until);
    const { rows: choices } = await client.query(choicesQuery, [since]);
    const { records, calls, ...sums } = row;
    const dollars = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [`${name}Usd`, usd(sum ?? 0)]));
    return { records, calls, isComplete: records >= answered, choices, ...dollars };
  } finally {
    await client.end();
  }
}
