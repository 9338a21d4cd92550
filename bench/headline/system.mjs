// The whole system for one run: six services, Redis, Postgres and the mock provider with three models, in folders and on ports of its own.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadEnv, onStop } from '../../tools/lib/entry.mjs';
import { openSession } from '../../tools/lib/infra.mjs';
import { root } from '../../tools/lib/load-sources.mjs';
import { findFreeBase, serviceNames } from '../../tools/lib/ports.mjs';
import { removeDataDir } from '../../tools/lib/postgres-place.mjs';
import { startStack } from '../../tools/lib/stack.mjs';
import { cpuMicroseconds, residentMebibytes } from '../processes.mjs';

/** Log-normal waits by median and 95th percentile. Where only a median is given, the spread is the premium model's. */
export const models = {
  'mock-premium': { latencyP50Ms: 850, latencyP95Ms: 2_100 },
  'mock-standard': { latencyP50Ms: 250, latencyP95Ms: 618 },
  'mock-economy': { latencyP50Ms: 90, latencyP95Ms: 222 },
};

/** Postgres is a family of processes. */
function descendantsOf(pid) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has ended since.
    }
  }
  const found = [];
  for (let todo = [pid]; todo.length > 0;) {
    const next = todo.pop();
    found.push(next);
    todo.push(...(children.get(next) ?? []));
  }
  return found;
}

const cpuSecondsOf = (pids) =>
  pids.reduce((sum, pid) => {
    try {
      return sum + cpuMicroseconds(pid) / 1e6;
    } catch {
      return sum;
    }
  }, 0);

/** CPU seconds by process between two calls: `since(before)`. */
function cpuClock(session) {
  const pidsOf = ({ name, pid }) =>
    name === 'postgres' && process.platform === 'linux' ? descendantsOf(pid()) : [pid()];
  const read = () => Object.fromEntries(session.processes.map((one) => [one.name, cpuSecondsOf(pidsOf(one))]));
  return {
    read,
    since(before) {
      const now = read();
      return Object.fromEntries(Object.entries(now).map(([name, used]) => [name, used - before[name]]));
    },
  };
}

/** Samples the resident memory of each service until `stop()`, which gives the most of each in MiB. */
function watchMemory(session) {
  const most = {};
  const look = () => {
    for (const { name, pid } of session.processes)
      if (serviceNames.includes(name) || name === 'redis')
        most[name] = Math.max(most[name] ?? 0, residentMebibytes(pid()));
  };
  look();
  const timer = setInterval(look, 200);
  return {
    stop() {
      clearInterval(timer);
      look();
      return most;
    },
  };
}

async function put(url, value) {
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(value) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}

/** Settings of the run beside the defaults: three models to choose from, compared with the strongest. */
const settings = {
  MOCK_LLM: 'true',
  LOG_LEVEL: 'warn',
  ROUTING_MODELS: Object.keys(models).join(','),
  ROUTING_BASELINE_MODEL: 'mock-premium',
};

const tuning = /^(?:CACHE|ROUTING|WORKER|PROVIDER|DIRECT|BATCH|SERVICE_TIER|CONFIDENCE|HEDGE|EMBEDDING)_/;

/** What the environment says of how the services work: a run with settings of its own tells so. */
const tunedIn = (env) =>
  Object.entries(env)
    .filter(([name]) => tuning.test(name) && !/KEY|URL/.test(name) && !Object.hasOwn(settings, name))
    .map(([name, value]) => `${name}=${value}`);

/** Starts it; everything is gone after `stop()`, or when this process is asked to end. Services take their settings from the environment. */
export async function startSystem() {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'costlane-headline-'));
  const env = {
    ...loadEnv(root),
    COSTLANE_PORT_BASE: String(await findFreeBase()),
    COSTLANE_DATA_DIR: parent,
    ...settings,
  };
  // A run is on servers of its own: those of a developer hold other data.
  delete env.REDIS_URL;
  delete env.DATABASE_URL;
  const session = await openSession({ env, root, binDir: path.join(root, '.costlane/bin') });
  const atEnd = [];
  const stop = async () => {
    atEnd.forEach((end) => end());
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
    return {
      urls,
      stop,
      tuned: tunedIn(env),
      atEnd: (end) => atEnd.push(end),
      cpu: cpuClock(session),
      watchMemory: () => watchMemory(session),
      restarts: () => session.processes.reduce((sum, one) => sum + one.restarts(), 0),
      setModels: (behaviours) => put(`${urls['mock-llm']}/mock/models`, behaviours),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
