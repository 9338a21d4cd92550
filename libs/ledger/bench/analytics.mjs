// How long reports take over many requests: `node libs/ledger/bench/analytics.mjs [--requests 10000000] [--keep]`, with DATABASE_URL set.
// `--database NAME` asks one that is filled already; with `--fill` it is filled first, and stays. `--only movers`: of some reports.
// `--serial`: without parallel workers, whose CPU cannot be told.
// Writes detail of 90 days in SQL, rolls all of it up by the ledger's own road, then asks every report for each tenant and for all, uncached.
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { loadSources } from '../../../tools/lib/load-sources.mjs';
import { days, detailOfDay, endOfDetail } from './detail-sql.mjs';
import { questions } from './report-questions.mjs';

const entry = `
export { createLedger, createScratchDatabase } from './libs/ledger/src/index';
export { reports } from './apps/cost-attribution/src/analytics/all-reports';
export { createParameterReader } from './apps/cost-attribution/src/analytics/read-parameters';
export { csvTable } from './apps/cost-attribution/src/analytics/csv';
export { createLogger } from './libs/platform/src/index';
export { default as pg } from 'pg';
`;

const tables = [
  'cost_weekly_rollup',
  'cost_daily_rollup',
  'cost_hourly_rollup',
  'cost_daily_summary',
  'rollup_active_users',
];

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string' },
    rounds: { type: 'string' },
    keep: { type: 'boolean' },
    database: { type: 'string' },
    fill: { type: 'boolean' },
    only: { type: 'string' },
    serial: { type: 'boolean' },
  },
});
const requests = Number(options.requests ?? 10_000_000);
const rounds = Number(options.rounds ?? 20);
const log = (text) => process.stdout.write(`${text}\n`);
const since = (start) => `${((performance.now() - start) / 1_000).toFixed(0)} s`;

const sources = await loadSources({ contents: entry, external: 'packages' });
const { createLedger, createLogger, createScratchDatabase, pg } = sources;
const scratch = options.database
  ? { url: databaseNamed(options.database), drop: () => Promise.resolve() }
  : await createScratchDatabase(process.env.DATABASE_URL);
const ledger = createLedger({
  databaseUrl: options.serial ? serial(scratch.url) : scratch.url,
  logger: createLogger({ service: 'bench', level: 'warn' }),
  statementTimeoutMs: 60_000,
  // One server process, whose CPU can be told.
  poolSize: 1,
});
const client = new pg.Client({ connectionString: scratch.url });
await client.connect();
try {
  if (!options.database || options.fill) await fill();
  // Filled by an earlier version, perhaps.
  else if ((await ledger.migrate()).length > 0) await tidy();
  await measure();
} finally {
  await client.end();
  await ledger.close();
  if (options.keep) log(`kept: --database ${new URL(scratch.url).pathname.slice(1)} uses it again`);
  else await scratch.drop();
}

function serial(url) {
  const changed = new URL(url);
  changed.searchParams.set('options', '-c jit=off -c max_parallel_workers_per_gather=0');
  return changed.href;
}

function databaseNamed(name) {
  const url = new URL(process.env.DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}

async function fill() {
  await ledger.migrate();
  await ledger.ensurePartitions({ daysBack: days + 5 });
  let start = performance.now();
  // As a replica would: what triggers note is noted below, for all of it at once.
  await client.query('SET session_replication_role = replica');
  for (let day = 0; day < days; day++) await client.query(detailOfDay(day, Math.round(requests / days)));
  await client.query('SET session_replication_role = origin');
  const {
    rows: [detail],
  } = await client.query('SELECT count(*)::int AS rows FROM llm_requests');
  log(`${detail.rows} requests of ${days} days, written in ${since(start)}`);
  start = performance.now();
  await ledger.rollups.mark(new Date(endOfDetail.getTime() - days * 86_400_000), endOfDetail);
  const { hours, rows } = await ledger.rollups.run();
  log(`${hours} hours rolled up into ${rows} rows in ${since(start)}`);
  await tidy();
}

async function tidy() {
  for (const table of tables) await client.query(`VACUUM ANALYZE ${table}`);
}

async function measure() {
  const sizesSql = `
    SELECT relname, n_live_tup::int AS rows, pg_total_relation_size(relid) >> 20 AS mib FROM pg_stat_user_tables
    WHERE relname = ANY ($1) ORDER BY 1`;
  const { rows: sizes } = await client.query(sizesSql, [tables]);
  for (const { relname, rows, mib } of sizes) log(`${relname}: ${rows} rows, ${mib} MiB with indexes`);
  const cpu = await cpuOfServer();
  log(
    `load of the machine by now: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')} on ${cpus().length} cores`,
  );
  log('ms uncached, from the question to its JSON: median, p95, worst; CPU ms a question, of the server and of Node');
  const slow = [];
  for (const question of questions.filter(({ name }) => name.includes(options.only ?? '')))
    for (const scope of question.isOfTenants === true ? ['tenant'] : ['tenant', 'all']) {
      const taken = [];
      await timeOf(question, scope === 'all' ? undefined : 'tenant-0');
      const before = [cpu(), process.cpuUsage()];
      for (let round = 0; round < rounds; round++)
        taken.push(await timeOf(question, scope === 'all' ? undefined : `tenant-${round % 8}`));
      const { user, system } = process.cpuUsage(before[1]);
      const spent = [cpu() - before[0], (user + system) / 1_000].map((ms) => ms / rounds);
      taken.sort((one, other) => one - other);
      const at = (share) => taken[Math.min(Math.ceil(share * taken.length), taken.length) - 1];
      if (at(0.95) > 100) slow.push(`${question.name} (${scope})`);
      const figures = [at(0.5), at(0.95), taken.at(-1), ...spent].map((ms) => ms.toFixed(0).padStart(6));
      log(`${question.name.padEnd(36)} ${scope.padEnd(7)}${figures.join('')}`);
    }
  log(slow.length === 0 ? 'every p95 within 100 ms' : `p95 above 100 ms: ${slow.join('; ')}`);
}

/** CPU milliseconds of the ledger's server process so far; 0 where the server is not on this machine. On a busy machine this says more than a clock. */
async function cpuOfServer() {
  await ledger.analytics.buckets({ range: rangeOf({ from: '2026-11-01', to: '2026-11-02' }), interval: 'day' });
  const { rows } = await client.query(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'costlane-ledger' AND datname = current_database()`,
  );
  const file = `/proc/${rows[0]?.pid}/stat`;
  const ticksPerSecond = 100;
  return () => {
    if (!existsSync(file)) return 0;
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
  };
}

async function timeOf({ report: name, parameters = {} }, tenantId) {
  const start = performance.now();
  if (name === 'focus page')
    await ledger.analytics.charges({ tenantId, range: rangeOf(parameters), detail: parameters.detail, limit: 1_000 });
  else {
    const report = sources.reports.get(name);
    const query = report.read(sources.createParameterReader(parameters), {
      tenantId,
      now: new Date(endOfDetail.getTime() - 9 * 3_600_000),
    });
    JSON.stringify((await report.run(ledger.analytics, query)).document);
  }
  return performance.now() - start;
}

function rangeOf({ from, to }) {
  return { from: new Date(from), to: new Date(to), grain: 'day' };
}
