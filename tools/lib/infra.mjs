// What every way of running Costlane needs first: the data folder, its lock, the guard, Redis and Postgres.
import path from 'node:path';
import { rmSync } from 'node:fs';
import { dataDirFrom, prepareDataDir } from './data-dir.mjs';
import { startGuard } from './guard.mjs';
import { takeLock, writeRunFile } from './launcher-lock.mjs';
import { logTo, say } from './log.mjs';
import { rotateLogs } from './log-files.mjs';
import { busyPortMessage, portsFrom, waitForFreePort } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { endRuns, guardRuns } from './run.mjs';
import { startRedis } from './redis.mjs';

/** A server that was just stopped needs a moment to give its port back. */
const portPatienceMs = 3_000;
const logCheckMs = 30_000;

/** The gateway first, so that what it has accepted is still answered by the others; what they stand on last. */
const stopPhases = [
  ['gateway'],
  ['batcher', 'provider-worker', 'router', 'cache', 'cost-attribution'],
  ['mock-llm', 'redis', 'postgres'],
];

/** Throws one sentence when a port of `uses` (`[[port, what for], …]`) is taken. */
export async function requireFreePorts(uses) {
  const free = await Promise.all(uses.map(([port]) => waitForFreePort(port, portPatienceMs)));
  const index = free.indexOf(false);
  if (index >= 0) throw new Error(busyPortMessage(...uses[index]));
}

/**
 * Opens a session in the data folder: takes the lock, starts the guard, and keeps the list of supervised processes in `run.json`.
 * `env` is the environment to run with, `root` the checkout, `binDir` where fetched server programs are kept.
 */
export async function openSession({ env, root, binDir }) {
  const dataDir = dataDirFrom(env, root);
  const ports = portsFrom(env);
  prepareDataDir(dataDir);
  const guard = startGuard();
  guardRuns(guard);
  let releaseLock;
  try {
    releaseLock = await takeLock(dataDir, { portBase: env.COSTLANE_PORT_BASE ?? null, guardPid: guard.pid() });
  } catch (error) {
    guard.release();
    throw error;
  }
  logTo(path.join(dataDir, 'logs/launcher.log'));
  rotateLogs(dataDir);
  const rotation = setInterval(() => rotateLogs(dataDir), logCheckMs);
  rotation.unref();

  const processes = [];
  const state = { launcherPid: process.pid, dataDir, urls: {}, portBase: env.COSTLANE_PORT_BASE ?? null };
  let isClosed = false;
  const onChange = () => {
    if (!isClosed)
      writeRunFile(dataDir, { ...state, guardPid: guard.pid(), processes: processes.map(describeProcess) });
  };
  const session = {
    env,
    root,
    dataDir,
    ports,
    binDir: env.COSTLANE_BIN_DIR ?? binDir ?? path.join(dataDir, 'bin'),
    guard,
    processes,
    state,
    onChange,
    packages: Promise.resolve(),
    isClosing: false,
    track: (process) => processes.push(process),
    untrack: (process) => processes.splice(processes.indexOf(process) >>> 0, 1),
    /** Stops everything that was started, in the order of `stopPhases`; safe to call more than once. */
    async close() {
      session.isClosing = true;
      await endRuns();
      for (const phase of stopPhases) {
        await Promise.all(processes.filter(({ name }) => phase.includes(name)).map((process) => process.stop()));
      }
      if (isClosed) return;
      isClosed = true;
      clearInterval(rotation);
      guard.release();
      rmSync(path.join(dataDir, 'run.json'), { force: true });
      releaseLock();
      logTo(null);
    },
    /** For the impatient: no grace for anybody. */
    killAll: () => processes.forEach((process) => process.kill()),
  };
  return session;
}

function describeProcess(process) {
  const { spec } = process;
  return {
    name: process.name,
    pid: process.pid(),
    restarts: process.restarts(),
    port: spec.port ?? null,
    grpcPort: spec.grpcPort ?? null,
    log: spec.logFile,
    signal: spec.stopSignal ?? 'SIGTERM',
    command: spec.identity ?? path.basename(spec.command),
  };
}

/** Brings up Redis and Postgres side by side; sets `session.state.urls.redis` and `.postgres`. */
export async function startDatabases(session) {
  const { env, ports, state } = session;
  const needed = [];
  if (!env.REDIS_URL) needed.push([ports.redis, 'Redis']);
  if (!env.DATABASE_URL) needed.push([ports.postgres, 'Postgres']);
  await requireFreePorts(needed);
  const started = await Promise.allSettled([startRedis(session), startPostgres(session)]);
  for (const { status, reason } of started) if (status === 'rejected') throw reason;
  const [redis, postgres] = started.map(({ value }) => value);
  say(`  Redis: ${redis.description}`);
  say(`  Postgres: ${postgres.description}`);
  state.urls = { ...state.urls, redis: redis.url, postgres: postgres.url };
  session.onChange();
}
