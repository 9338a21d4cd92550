// What rolling up costs: `node libs/ledger/bench/rollup.mjs [--requests 100000] [--day 1000000]`, with DATABASE_URL set. An hour of so many requests in a day of so many
// others; then the hour, its day and the day's summary, each as the aggregator makes them, and once more where nothing has changed.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadSources } from '../../../tools/lib/load-sources.mjs';
import { days, detailOfDay, endOfDetail } from './detail-sql.mjs';

const entry = `
export { createLedger, createScratchDatabase } from './libs/ledger/src/index';
export { createLogger } from './libs/platform/src/index';
export { default as pg } from 'pg';
`;
const { values } = parseArgs({ options: { requests: { type: 'string' }, day: { type: 'string' } } });
const requests = Number(values.requests ?? 100_000);
const others = Number(values.day ?? 1_000_000);
const print = (text) => process.stdout.write(`${text}\n`);

const { createLedger, createLogger, createScratchDatabase, pg } = await loadSources({
  contents: entry,
  external: 'packages',
});
const scratch = await createScratchDatabase(process.env.DATABASE_URL);
const logger = createLogger({ service: 'bench', level: 'warn' });
const ledger = createLedger({ databaseUrl: scratch.url, logger, poolSize: 1, statementTimeoutMs: 60_000 });
const client = new pg.Client({ connectionString: scratch.url });
await client.connect();
try {
  await ledger.migrate();
  await fill();
  await measure();
} finally {
  await client.end();
  await ledger.close();
  await scratch.drop();
}

async function fill() {
  const day = new Date(endOfDetail.getTime() - 86_400_000).toISOString();
  await client.query('SELECT costlane_ensure_partitions($1, $1)', [day.slice(0, 10)]);
  // In the order of time, as requests come; the hour is the last one, as it is when it is rolled up.
  await insert(others, `'${day}'::timestamptz + 23 * interval '1 hour' * i / ${others}`, 'other');
  await insert(
    requests,
    `'${day}'::timestamptz + interval '23 hours' + interval '3599 seconds' * i / ${requests}`,
    'hour',
  );
  await client.query('DELETE FROM rollup_marks WHERE id NOT IN (SELECT max(id) FROM rollup_marks GROUP BY hour)');
}

async function insert(count, at, prefix) {
  const sql = detailOfDay(days - 1, count)
    .replace(/'[^']+'::timestamptz \+ 12 \* \(random\(\) \+ random\(\)\) \* interval '1 hour' AS at/, `${at} AS at`)
    .replace("'req_", `'${prefix}_`);
  await client.query(sql);
}

async function measure() {
  print(`an hour of ${requests} requests, in a day of ${requests + others}; Postgres on the same machine`);
  await step('all 24 hours and their day', { withSummary: false });
  await mark();
  await step(
    'the hour, made anew from nothing, and its day',
    { withSummary: false },
    'DELETE FROM cost_hourly_rollup WHERE bucket = $1',
  );
  await mark();
  await step('the hour again, where nothing has changed, and its day', { withSummary: false });
  await step('the summary of the day', {});
  const { rows } = await client.query(
    `SELECT dimension, count(*)::integer AS rows FROM cost_hourly_rollup WHERE bucket = $1 GROUP BY 1 ORDER BY 2 DESC`,
    [hourOf()],
  );
  print(
    `rows of the hour: ${rows.reduce((sum, row) => sum + row.rows, 0)} (${rows.map((row) => `${row.dimension} ${row.rows}`).join(', ')})`,
  );
  const { rows: summary } = await client.query('SELECT count(*)::integer AS rows FROM cost_daily_summary');
  print(`rows of the summary: ${summary[0].rows}`);
}

async function step(name, options, before) {
  if (before) await client.query(before, [hourOf()]);
  const [start, cpu] = [performance.now(), await serverCpuMs()];
  const { hours, days: made, summaries, rows } = await ledger.rollups.run(options);
  const [tookMs, cpuMs] = [performance.now() - start, (await serverCpuMs()) - cpu];
  const told = Number.isFinite(cpuMs) ? `, ${Math.round(cpuMs)} ms of the server's CPU` : '';
  print(
    `${name}: ${Math.round(tookMs)} ms${told} (${hours} hours, ${made} days, ${summaries} summaries, ${rows} rows changed)`,
  );
}

/** Of the ledger's one server process, without parallel workers; NaN where it is on another machine. */
async function serverCpuMs() {
  await ledger.rollups.lagSeconds();
  const { rows } = await client.query(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'costlane-ledger' AND datname = current_database()`,
  );
  const file = `/proc/${rows[0]?.pid}/stat`;
  if (!existsSync(file)) return NaN;
  const [user, system] = readFileSync(file, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

function hourOf() {
  return new Date(endOfDetail.getTime() - 3_600_000);
}

function mark() {
  return client.query('INSERT INTO rollup_marks (hour) VALUES ($1)', [hourOf()]);
}
