// `npm run bench`: direct to the mock provider, through a bare Node proxy, and through Costlane, in one run on one machine.
// `npm run bench -- semantic-lookups [--entries N]` measures the cache of like questions alone, in this process.
// `npm run bench -- ingest [--records N] [--batch N]` measures the ledger alone, on the Postgres of DATABASE_URL.
// `npm run bench -- budgets` measures the check of budgets alone, in this process.
// `npm run bench -- routing` measures the choice of a model alone, in this process.
// `npm run bench -- headline` measures the workload that the product is known by; see headline.mjs for its options.
// Options: --seconds N (8)  --connections 1,32,256  --only NAME[,NAME]  --peer portkey  --write (renews the table in bench/README.md)
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { loadEnv, onStop } from '../tools/lib/entry.mjs';
import { openSession } from '../tools/lib/infra.mjs';
import { findFreeBase } from '../tools/lib/ports.mjs';
import { removeDataDir } from '../tools/lib/postgres-place.mjs';
import { startStack } from '../tools/lib/stack.mjs';
import { measureBudgets } from './budgets.mjs';
import { measureHeadline } from './headline.mjs';
import { measureIngest } from './ingest.mjs';
import { startPortkey } from './peer-portkey.mjs';
import { cpuMicroseconds, residentMebibytes } from './processes.mjs';
import { createRewordings } from './rewordings.mjs';
import { measureRouting } from './routing.mjs';
import { measureSemanticLookUps } from './semantic-lookups.mjs';
import { renderTable } from './table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const chatPath = '/v1/chat/completions';

/** More different questions than the memory tier holds: each look-up in turn finds its answer in Redis only. */
const redisPoolSize = 20_000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    rate: { type: 'string' },
    seed: { type: 'string' },
    pairs: { type: 'string' },
    connections: { type: 'string', default: '1,32,256' },
    only: { type: 'string' },
    peer: { type: 'string' },
    write: { type: 'boolean', default: false },
    'warm-up': { type: 'string' },
    entries: { type: 'string', default: '100000' },
    records: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '500' },
  },
});
const seconds = Number(options.seconds ?? 8);
const connectionCounts = options.connections.split(',').map(Number);

/** Warm-up is counted in requests: a cold route runs at a fraction of its speed however long one waits. */
const warmUpRequests = (connections) => Number(options['warm-up'] ?? (connections === 1 ? 5_000 : 30_000));

const scenarios = [
  { name: 'direct to the mock', target: 'mock', bodies: 'unique' },
  { name: 'bare proxy', target: 'bare', bodies: 'unique', isYardstick: 'plain' },
  { name: 'bare proxy, stream', target: 'bare', bodies: 'unique', stream: true, isYardstick: 'stream' },
  {
    name: 'bare proxy, tokens 10 ms apart',
    target: 'bare',
    bodies: 'unique',
    stream: true,
    chunkIntervalMs: 10,
    isYardstick: 'slow',
    connections: [256],
  },
  { name: 'memory hit', target: 'gateway', bodies: 'same', against: 'plain' },
  { name: 'Redis hit', target: 'gateway', bodies: 'pool', poolSize: redisPoolSize, against: 'plain' },
  {
    name: 'semantic hit',
    target: 'gateway',
    bodies: 'reworded',
    poolSize: 2_000,
    against: 'plain',
    connections: [1, 32],
    tier: 'semantic',
  },
  { name: 'miss', target: 'gateway', bodies: 'unique', against: 'plain' },
  { name: 'streamed miss, burst', target: 'gateway', bodies: 'unique', stream: true, against: 'stream' },
  {
    name: 'streamed miss, tokens 10 ms apart',
    target: 'gateway',
    bodies: 'unique',
    stream: true,
    chunkIntervalMs: 10,
    against: 'slow',
    connections: [256],
  },
  { name: 'Portkey, pass-through', target: 'portkey', bodies: 'unique', against: 'plain', isPeer: true },
  { name: 'Portkey, stream', target: 'portkey', bodies: 'unique', stream: true, against: 'stream', isPeer: true },
];

async function load(job) {
  const { stdout } = await run(process.execPath, [path.join(root, 'bench/load.mjs'), JSON.stringify(job)], {
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout);
}

const rewordings = createRewordings(load);

function startBareProxy(port, upstream) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'bench/bare-proxy.mjs'), String(port), upstream], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.once('error', reject);
    child.stdout.once('data', () => resolve(child));
  });
}

async function measure(scenario, connections, targets) {
  const target = targets[scenario.target];
  const job = { ...scenario, url: target.url, path: chatPath, connections, headers: target.headers };
  const isSlow = scenario.chunkIntervalMs > 0;
  const seed = `${scenario.name}-${connections}`.replaceAll(' ', '');
  const isReworded = scenario.bodies === 'reworded';
  const isPooled = scenario.bodies !== 'unique' && !isReworded;
  if (isReworded) await rewordings.prime(job);
  // A pool is asked for once in full before it counts as warm.
  const warmUp = isSlow ? 3_000 : Math.max(warmUpRequests(connections), scenario.poolSize ?? 0);
  await load({
    ...job,
    seed: isPooled ? scenario.name : `${seed}-warm`,
    requests: warmUp,
    // A gateway leaves a slow cache alone for a while, and cold it is slow: few at a time, so that it is warm afterwards.
    connections: isReworded ? 4 : Math.max(connections, 32),
    ...(isReworded ? rewordings.next() : {}),
  });
  if (isReworded) rewordings.used(warmUp, scenario.poolSize);
  if (isPooled) await new Promise((resolve) => setTimeout(resolve, 1_500));
  const before = target.processes.map(({ pid }) => cpuMicroseconds(pid));
  const figures = await load({
    ...job,
    seed: isPooled ? scenario.name : seed,
    seconds,
    ...(isReworded ? rewordings.next() : {}),
  });
  if (isReworded) rewordings.used(figures.requests, scenario.poolSize);
  // The ledger and the cache work a moment behind the requests; their CPU belongs to them.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const used = target.processes.map(({ name, pid }, index) => ({
    name,
    us: (cpuMicroseconds(pid) - before[index]) / figures.requests,
  }));
  const ours = used.filter(({ name }) => name !== 'redis' && name !== 'postgres').reduce((sum, { us }) => sum + us, 0);
  return {
    ...scenario,
    name: nameOf(scenario, figures),
    connections,
    ...figures,
    cpuUs: ours,
    cpuByProcess: Object.fromEntries(used.map(({ name, us }) => [name, us])),
  };
}

/** A row of which fewer requests came from its tier says so. */
const leastShare = 0.95;

function nameOf({ name, tier }, { tiers, requests }) {
  const share = tier === undefined ? 1 : (tiers[tier] ?? 0) / requests;
  return share >= leastShare ? name : `${name} (${Math.round(share * 100)} % of the requests)`;
}

async function main() {
  if (positionals.includes('routing')) {
    process.stdout.write(`${await measureRouting()}\n`);
    return;
  }
  if (positionals.includes('budgets')) {
    process.stdout.write(`${await measureBudgets()}\n`);
    return;
  }
  if (positionals.includes('ingest')) {
    const settings = { count: Number(options.records), batch: Number(options.batch) };
    process.stdout.write(`${await measureIngest({ databaseUrl: process.env.DATABASE_URL, ...settings })}\n`);
    return;
  }
  if (positionals.includes('headline')) {
    const figures = await measureHeadline(options);
    process.stdout.write(`\n${figures}\n`);
    if (options.write) await writeTable(figures, 'headline');
    process.exit(0);
  }
  if (positionals.includes('semantic-lookups')) {
    process.stdout.write(`${await measureSemanticLookUps({ entries: Number(options.entries) })}\n`);
    return;
  }
  const base = await findFreeBase();
  const parent = mkdtempSync(path.join(os.tmpdir(), 'costlane-bench-'));
  const env = {
    ...loadEnv(root),
    COSTLANE_PORT_BASE: String(base),
    COSTLANE_DATA_DIR: parent,
    MOCK_LLM: 'true',
    LOG_LEVEL: 'warn',
  };
  const session = await openSession({ env, root, binDir: path.join(root, '.costlane/bin') });
  const children = [];
  const stop = async () => {
    children.forEach((child) => child.kill());
    await session.close();
    removeDataDir(parent);
  };
  onStop(
    async (_reason, error) => {
      await stop();
      process.exit(error ? 1 : 130);
    },
    () => session.killAll(),
  );
  try {
    await startStack(session);
    const { urls } = session.state;
    const pidOf = (name) => session.processes.find((process_) => process_.name === name).pid();
    const named = (name) => ({ name, pid: pidOf(name) });
    const barePort = base + 95;
    const bare = await startBareProxy(barePort, urls['mock-llm']);
    children.push(bare);
    const services = ['gateway', 'cache', 'router', 'batcher', 'provider-worker', 'cost-attribution'];
    const targets = {
      mock: { url: urls['mock-llm'], processes: [named('mock-llm')] },
      bare: { url: `http://127.0.0.1:${barePort}`, processes: [{ name: 'bare proxy', pid: bare.pid }] },
      gateway: { url: urls.gateway, processes: [...services, 'redis'].map(named) },
    };
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const idle = Object.fromEntries(services.map((name) => [name, residentMebibytes(pidOf(name))]));
    if (options.peer === 'portkey') {
      const peer = await startPortkey(root, base + 96, urls['mock-llm']);
      children.push(peer.child);
      targets.portkey = { url: peer.url, headers: peer.headers, processes: [{ name: 'portkey', pid: peer.child.pid }] };
    }
    const wanted = options.only?.split(',');
    const rows = [];
    for (const scenario of scenarios) {
      if (!targets[scenario.target] || (wanted && !wanted.some((name) => scenario.name.includes(name)))) continue;
      for (const connections of connectionCounts) {
        if (scenario.connections && !scenario.connections.includes(connections)) continue;
        const row = await measure(scenario, connections, targets);
        const yardstick =
          scenario.against &&
          rows.find((other) => other.isYardstick === scenario.against && other.connections === connections);
        row.ratio = yardstick ? row.cpuUs / yardstick.cpuUs : undefined;
        row.addedP50Ms = yardstick ? row.p50Ms - yardstick.p50Ms : undefined;
        row.addedP99Ms = yardstick ? row.p99Ms - yardstick.p99Ms : undefined;
        rows.push(row);
        process.stdout.write(`${JSON.stringify({ ...row, cpuUs: Math.round(row.cpuUs) })}\n`);
      }
    }
    const busy = Object.fromEntries(services.map((name) => [name, residentMebibytes(pidOf(name))]));
    const table = renderTable({
      rows,
      idle,
      busy,
      seconds,
      machine: `${os.cpus().length} cores, ${os.cpus()[0]?.model.trim()}, Node ${process.version}`,
    });
    process.stdout.write(`\n${table}\n`);
    if (options.write) await writeTable(table);
  } finally {
    await stop();
  }
  process.exit(0);
}

async function writeTable(table, name = 'table') {
  const file = path.join(root, 'bench/README.md');
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(file, 'utf8');
  const before = text.slice(0, text.indexOf(start) + start.length);
  const { format, resolveConfig } = await import('prettier');
  const renewed = `${before}\n\n${table}\n\n${text.slice(text.indexOf(end))}`;
  writeFileSync(file, await format(renewed, { ...(await resolveConfig(file)), filepath: file }));
}

await main();
