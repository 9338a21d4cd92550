// What putting records into the ledger costs, every trigger on: `npm run bench -- ingest [--records N] [--batch N]`, with DATABASE_URL set.
import { loadSources } from '../tools/lib/load-sources.mjs';
import { createRandom } from '../tools/chaos/random.mjs';
import { cpuMicroseconds } from './processes.mjs';

const entry = `
export { createLedger, createScratchDatabase } from './libs/ledger/src/index';
export { createLogger } from './libs/platform/src/index';
export { default as pg } from 'pg';
`;
const hour = 3_600_000;
const tenants = 8;
const usersOfTenant = 50;
const experimentShare = 0.05;
const models = ['gpt-4.1', 'gpt-4.1-mini', 'claude-sonnet-4-5', 'gemini-3-flash-preview'];

/** Like the traffic of a day's last hours: several tenants, many users, hits and misses, some of it in an experiment. */
function recordsOf(count, name, random) {
  const now = Date.now();
  return Array.from({ length: count }, (_, at) => {
    const tenant = Math.floor(random.next() * tenants);
    const isHit = random.next() < 0.4;
    const baselineNanoUsd = 1_000 * Math.ceil(random.next() * 5_000);
    const paidNanoUsd = isHit ? 0 : Math.floor(baselineNanoUsd * random.next());
    const model = random.pick(models);
    return {
      v: 1,
      requestId: `req_${name}_${at.toString(36).padStart(6, '0')}_${Math.floor(random.next() * 1e9).toString(36)}`,
      attempt: 'a1',
      tenantId: `tenant-${tenant}`,
      teamId: `team-${tenant}-${at % 4}`,
      userId: `user-${tenant}-${Math.floor(random.next() * usersOfTenant)}`,
      keyId: `0198c9f0-0000-7000-8000-00000000000${tenant}`,
      featureName: random.pick(['search', 'chat', 'summary']),
      ...(random.next() < experimentShare ? { experimentId: 'exp-1', experimentVariant: random.pick(['a', 'b']) } : {}),
      endpoint: '/v1/chat/completions',
      provider: 'openai',
      modelAsked: model,
      modelUsed: model,
      routeReason: 'requested',
      policyVersion: '2026-11-21.1',
      cacheTier: isHit ? 'exact' : 'miss',
      stream: false,
      usage: {
        freshInputTokens: 420,
        cacheReadTokens: 0,
        cacheWriteShortTokens: 0,
        cacheWriteLongTokens: 0,
        outputTokens: 160,
        reasoningTokens: 0,
      },
      usageSource: 'provider',
      paidNanoUsd,
      baselineNanoUsd,
      savings: isHit
        ? { cache: baselineNanoUsd, routing: 0, prefix: 0, batching: 0 }
        : { cache: 0, routing: baselineNanoUsd - paidNanoUsd, prefix: 0, batching: 0 },
      priceVersion: 'list-2026-11',
      httpStatus: 200,
      createdAtMs: now - Math.floor(random.next() * 3 * hour),
      finishedAtMs: now,
      latencyMs: 300 + 900 * random.next(),
      timeToFirstTokenMs: 120,
      upstreamCalls: isHit ? 0 : 1,
      promptHash: 'f'.repeat(64),
      budgetLessee: `gw-${tenant % 2}#1`,
    };
  });
}

const cut = (records, size) =>
  Array.from({ length: Math.ceil(records.length / size) }, (_, at) => records.slice(at * size, (at + 1) * size));

function shuffled(values, random) {
  const mixed = [...values];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(random.next() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
  }
  return mixed;
}

const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);

/** Adds to `row` the wall clock and the CPU, of this process and of the database's backends apart, of some batches one after the other. */
async function measure({ ledger, backends }, row, batches) {
  // As they come off a stream: parsing is part of what a record costs.
  const lines = batches.map((batch) => JSON.stringify(batch));
  const pids = await backends();
  const postgresBefore = sumOf(pids.map(cpuMicroseconds));
  const nodeBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (const line of lines) await ledger.record(JSON.parse(line));
  row.seconds += (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(nodeBefore);
  row.nodeUs += user + system;
  row.postgresUs += sumOf(pids.map(cpuMicroseconds)) - postgresBefore;
  row.records += sumOf(batches.map(({ length }) => length));
}

const newRow = (name) => ({ name, records: 0, seconds: 0, nodeUs: 0, postgresUs: 0 });

/** Budgets of every tenant, of every user and of a feature, so that posting has something to do. */
async function putBudgets(ledger) {
  const rules = { onExceeded: 'alert', onUnreachable: 'open', softLimitNanoUsd: 0, limitNanoUsd: 1e15 };
  for (let tenant = 0; tenant < tenants; tenant++)
    for (const [scope, scopeId, period] of [
      ['org', '', 'month'],
      ['user', '*', 'day'],
      ['feature', 'chat', 'week'],
    ])
      await ledger.budgets.put({ tenantId: `tenant-${tenant}`, scope, scopeId, period, ...rules });
}

async function run({ ledger, sql, backends }, { count, batch }) {
  const random = createRandom(1);
  const parts = { ledger, backends };
  await putBudgets(ledger);
  const warm = recordsOf(Math.min(count, 20_000), 'warm', random);
  for (const records of cut(warm, batch)) await ledger.record(records);
  const [fresh, plain] = [newRow('new'), newRow('new, no triggers')];
  const [redelivered, mixed] = [newRow('redelivered'), newRow('half of them redelivered, shuffled')];
  const sent = recordsOf(count, 'fresh', random);
  const rest = recordsOf(count, 'plain', random);
  // In turns, so that a busy machine and a table that grows are the same for both.
  const turns = cut(sent, Math.ceil(count / 10 / batch) * batch);
  for (const [turn, records] of cut(rest, Math.ceil(count / 10 / batch) * batch).entries()) {
    await sql('ALTER TABLE llm_requests DISABLE TRIGGER USER');
    await measure(parts, plain, cut(records, batch));
    await sql('ALTER TABLE llm_requests ENABLE TRIGGER USER');
    await measure(parts, fresh, cut(turns[turn], batch));
  }
  await sql(
    `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM llm_requests WHERE request_id LIKE 'req_plain%'; COMMIT`,
  );
  await measure(parts, redelivered, cut(sent, batch));
  const next = recordsOf(count, 'mixed', random);
  for (const records of cut(
    next.filter((_, at) => at % 2 === 0),
    batch,
  ))
    await ledger.record(records);
  await measure(parts, mixed, cut(shuffled(next, random), batch));
  const check = await ledger.check();
  if (!check.isBalanced || check.requests !== warm.length + sent.length + next.length)
    throw new Error(`the books do not add up: ${check.requests} requests, balanced ${check.isBalanced}`);
  return [fresh, redelivered, mixed, plain];
}

function render(rows, batch) {
  const line = ({ name, records, seconds, nodeUs, postgresUs }) => {
    const [node, postgres] = [nodeUs / records, postgresUs / records];
    return `| ${name} | ${Math.round(records / seconds)} | ${node.toFixed(1)} | ${postgres.toFixed(1)} | ${Math.round(1e6 / (node + postgres))} |`;
  };
  const [all, plain] = [rows[0], rows.at(-1)];
  const addedMs = (all.seconds / all.records - plain.seconds / plain.records) * batch * 1_000;
  const addedUs = (all.nodeUs + all.postgresUs) / all.records - (plain.nodeUs + plain.postgresUs) / plain.records;
  return [
    `${rows[0].records} records a row, batches of ${batch}, one writer, budgets of ${tenants} tenants.`,
    '',
    '| records | a second | CPU µs each, Node | CPU µs each, Postgres | a second of one core |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(line),
    '',
    `The triggers add ${addedMs.toFixed(1)} ms to a batch of ${batch}, ${addedUs.toFixed(1)} µs of CPU to a record.`,
  ].join('\n');
}

/** Makes a database of its own beside the one at `databaseUrl` and measures in it; throws where the books do not add up afterwards. */
export async function measureIngest({ databaseUrl, count = 100_000, batch = 500 }) {
  if (!databaseUrl)
    throw new Error('DATABASE_URL is not set: node tools/services.mjs starts a Postgres and says where.');
  const { createLedger, createLogger, createScratchDatabase, pg } = await loadSources({
    contents: entry,
    external: 'packages',
  });
  const scratch = await createScratchDatabase(databaseUrl);
  const client = new pg.Client({ connectionString: scratch.url });
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const ledger = createLedger({ databaseUrl: scratch.url, logger, poolSize: 1 });
  try {
    await client.connect();
    await ledger.migrate();
    const backends = async () => {
      const { rows } = await client.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'costlane-ledger'`,
      );
      return rows.map(({ pid }) => pid);
    };
    const rows = await run({ ledger, backends, sql: (text) => client.query(text) }, { count, batch });
    return render(rows, batch);
  } finally {
    await client.end();
    await ledger.close();
    await scratch.drop();
  }
}
