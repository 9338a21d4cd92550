// The whole system: databases, migrations, the mock provider and the six services, each started once what it needs is ready.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './bundles.mjs';
import { secretIn } from './data-dir.mjs';
import { requireFreePorts, startDatabases } from './infra.mjs';
import { say, step } from './log.mjs';
import { ensurePackages } from './packages.mjs';
import { serviceNames } from './ports.mjs';
import { lastLines, run } from './run.mjs';
import { adminKeyFile, stackEnv, usesMock } from './service-env.mjs';
import { askReady } from './server-wire.mjs';
import { logTail, waitUntil } from './start-verified.mjs';
import { supervise } from './supervise.mjs';

const readyTimeoutMs = 60_000;
const slowAfterMs = 8_000;
const migrationTimeoutMs = 120_000;
const hopelessAfterFailures = 3;

/** What must be ready before a service is started; those that stand beside one another start in parallel. */
const needs = {
  'mock-llm': [],
  router: [],
  cache: [],
  'cost-attribution': [],
  'provider-worker': ['mock-llm'],
  batcher: ['provider-worker'],
  gateway: ['router', 'cache', 'cost-attribution', 'batcher'],
};

function bundleOf(session, program) {
  return path.join(session.distDir, program, 'main.mjs');
}

function httpPortOf(session, program) {
  return program === 'mock-llm' ? session.ports.mock : session.ports.http[program];
}

/** Waits until the program behind `process` is ready. Throws one sentence with the end of its log when it is not going to be. */
export async function waitForReady(process, port) {
  const startedAt = Date.now();
  let says = '';
  let hasComplained = false;
  const isUp = await waitUntil(
    async () => {
      const state = await askReady(port);
      says = state.says;
      if (!state.isReady && !hasComplained && Date.now() - startedAt > slowAfterMs) {
        hasComplained = true;
        say(`  still waiting for ${process.name}: /health/ready says ${says}`);
      }
      return state.isReady;
    },
    { timeoutMs: readyTimeoutMs, isHopeless: () => process.failures() >= hopelessAfterFailures },
  );
  if (isUp) return;
  const what =
    process.failures() >= hopelessAfterFailures
      ? process.lastExit()
      : `is not ready after ${readyTimeoutMs / 1000} s (${says})`;
  throw new Error(`${process.name} ${what}. The end of ${process.spec.logFile}:\n${logTail(process.spec.logFile, 15)}`);
}

/**
 * How large the young generation may grow, in MiB: small keeps a service small that makes few objects; those that every request passes
 * spend a third less on garbage collection with a large one, which they take only under load.
 */
const youngGeneration = { router: 2, batcher: 2, cache: 8, 'cost-attribution': 8, gateway: 32, 'provider-worker': 32 };

/** Flags of Node for a program: its own, and those that COSTLANE_NODE_FLAGS adds for all (`--cpu-prof` to see where time goes). */
function nodeFlags(program, env) {
  const size = youngGeneration[program];
  return [
    ...(size ? [`--max-semi-space-size=${size}`] : []),
    ...(env.COSTLANE_NODE_FLAGS ?? '').split(' ').filter(Boolean),
  ];
}

function startProgram(session, program, env) {
  const bundle = bundleOf(session, program);
  const process_ = supervise(
    {
      name: program,
      command: process.execPath,
      args: [...nodeFlags(program, env), bundle],
      identity: `${program}/main.mjs`,
      cwd: session.root,
      env: { ...env, SERVICE_NAME: program },
      port: httpPortOf(session, program),
      grpcPort: session.ports.grpc[program],
      logFile: path.join(session.dataDir, 'logs', `${program}.log`),
    },
    session,
  );
  session.track(process_);
  return process_;
}

async function migrate(session, env) {
  const bundle = bundleOf(session, 'cost-attribution');
  if (!existsSync(bundle)) return;
  await step('Migrating the database', async () => {
    const { code, output } = await run(process.execPath, [bundle, '--migrate'], {
      cwd: session.root,
      env,
      timeoutMs: migrationTimeoutMs,
    });
    if (code !== 0) throw new Error(`the migration failed (code ${code}):\n${lastLines(output, 15)}`);
  });
}

function wantedPrograms(env) {
  return [...(usesMock(env) ? ['mock-llm'] : []), ...serviceNames];
}

/** The programs of this stack that are there to be started; says which are not. */
function presentPrograms(session) {
  const wanted = wantedPrograms(session.env);
  const missing = wanted.filter((program) => !existsSync(bundleOf(session, program)));
  if (missing.length > 0) say(`  Not built, so not started: ${missing.join(', ')}`);
  return wanted.filter((program) => !missing.includes(program));
}

function requireServicePorts(session, programs) {
  const uses = programs.flatMap((program) => {
    const grpc = session.ports.grpc[program];
    return [[httpPortOf(session, program), `${program} HTTP`], ...(grpc ? [[grpc, `${program} gRPC`]] : [])];
  });
  return requireFreePorts(uses);
}

async function startPrograms(session, programs, env) {
  const ready = new Map();
  const start = async (program) => {
    await Promise.all(needs[program].filter((name) => programs.includes(name)).map((name) => ready.get(name)));
    const process_ = startProgram(session, program, env);
    await waitForReady(process_, httpPortOf(session, program));
  };
  for (const program of Object.keys(needs).filter((name) => programs.includes(name))) {
    const promise = start(program);
    promise.catch(() => undefined);
    ready.set(program, promise);
  }
  await step(`Starting ${programs.join(', ')}`, () => Promise.all(ready.values()));
}

/**
 * Brings the whole system up in an open session. With COSTLANE_DIST_DIR the bundles there are run as they are: nothing is installed
 * or built. Resolves once every service says that it is ready; `session.state.urls` then holds their addresses.
 */
export async function startStack(session) {
  const { env, root, state } = session;
  const isPrebuilt = Boolean(env.COSTLANE_DIST_DIR);
  await requireServicePorts(session, wantedPrograms(env));
  session.distDir = path.resolve(root, env.COSTLANE_DIST_DIR ?? 'dist/apps');
  session.packages = isPrebuilt ? Promise.resolve() : ensurePackages(root, env);
  const built = isPrebuilt ? Promise.resolve() : session.packages.then(() => ensureBuilt(root));
  built.catch(() => undefined);
  await Promise.all([startDatabases(session), built]);
  const programs = presentPrograms(session);
  if (!env.COSTLANE_ADMIN_KEY && !existsSync(path.join(session.dataDir, adminKeyFile))) {
    session.newAdminKey = secretIn(session.dataDir, adminKeyFile);
  }
  const childEnv = stackEnv({ env, ports: session.ports, dataDir: session.dataDir, urls: state.urls });
  childEnv.WEBHOOK_SIGNING_SECRET ||= secretIn(session.dataDir, 'webhook-secret');
  session.childEnv = childEnv;
  await migrate(session, childEnv);
  await startPrograms(session, programs, childEnv);
  for (const service of serviceNames) state.urls[service] = `http://127.0.0.1:${session.ports.http[service]}`;
  state.urls.gatewayGrpc = `127.0.0.1:${session.ports.grpc.gateway}`;
  if (programs.includes('mock-llm')) state.urls['mock-llm'] = childEnv.MOCK_LLM_URL;
  session.onChange();
}
