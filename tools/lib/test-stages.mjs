// The stages of `npm test`. Each resolves with `{ passed, failed, skipped, failures }`.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkBoundaries } from './boundary-probes.mjs';
import { dataDirFrom, readJson } from './data-dir.mjs';
import { openSession, startDatabases } from './infra.mjs';
import { say } from './log.mjs';
import { packageBin } from './package-bin.mjs';
import { removeDataDir } from './postgres-place.mjs';
import { findFreeBase, portsFrom } from './ports.mjs';
import { run } from './run.mjs';
import { runSmoke } from './smoke-run.mjs';
import { startStack } from './stack.mjs';
import { checkFormat, checkLint, checkTypes, writeProjectGraph } from './static-checks.mjs';
import { readJestReport, total } from './test-report.mjs';

const unitTimeoutMs = 2_400_000;
const endToEndTimeoutMs = 1_500_000;
const generatorTimeoutMs = 120_000;
/** Behind the ports of the stack in its range of 100. */
const collectorPortOffset = 97;
const noTests = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** A check that is one test: it passes with code 0, else its output is shown. */
function asOneTest({ code, output }, sentence) {
  if (code === 0) return { passed: 1, failed: 0 };
  say(output.trimEnd());
  return { passed: 0, failed: 1, failures: [sentence] };
}

async function boundaries({ root }) {
  await writeProjectGraph(root);
  const { passed, failures } = await checkBoundaries(root);
  return { passed, failed: failures.length, failures };
}

async function generated({ root, env }) {
  const script = path.join(root, 'tools/generate-proto.mjs');
  const result = await run(process.execPath, [script, '--check'], { cwd: root, env, timeoutMs: generatorTimeoutMs });
  return asOneTest(result, 'the code generated from proto/ is not current: npm run generate');
}

async function runJest(context, { args, env, timeoutMs }) {
  const { root, jestOptions } = context;
  const folder = path.join(root, '.costlane/cache');
  mkdirSync(folder, { recursive: true });
  const outputFile = path.join(folder, `jest-${process.pid}.json`);
  rmSync(outputFile, { force: true });
  const fixed = ['--ci', '--passWithNoTests', '--json', `--outputFile=${outputFile}`];
  const { code } = await run(process.execPath, [packageBin(root, 'jest'), ...fixed, ...args, ...jestOptions], {
    cwd: root,
    env: { ...env, NODE_ENV: 'test' },
    timeoutMs,
    // Jest reports as it goes; with --json its summary on stdout is the same JSON as in the file.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const result = readJestReport(readJson(outputFile));
  rmSync(outputFile, { force: true });
  if (code === 124) result.failures.push(`stopped after ${timeoutMs / 60_000} minutes`);
  if (code !== 0 && result.failed === 0)
    return { ...result, failed: 1, failures: [...result.failures, `Jest ended with code ${code}`] };
  return result;
}

/** Runs `use(session)` with a session in a data folder of its own on free ports; afterwards stops everything and removes the folder. */
async function withSession(context, name, settings, use) {
  const parent = dataDirFrom(context.env, context.root);
  mkdirSync(parent, { recursive: true });
  const dataDir = mkdtempSync(path.join(parent, 'test-'));
  const base = await findFreeBase();
  const env = {
    ...context.env,
    ...settings(base),
    COSTLANE_DATA_DIR: dataDir,
    COSTLANE_PORT_BASE: String(base),
  };
  const session = await openSession({ env, root: context.root, binDir: path.join(parent, 'bin') });
  context.open.add(session);
  let isGood = false;
  try {
    const result = await use(session, env, base);
    isGood = result.failed === 0;
    return result;
  } finally {
    await session.close();
    context.open.delete(session);
    if (!isGood) keepLogs(dataDir, path.join(parent, 'test-logs', name));
    removeDataDir(dataDir);
  }
}

function keepLogs(dataDir, target) {
  const logs = path.join(dataDir, 'logs');
  if (!existsSync(logs)) return;
  rmSync(target, { recursive: true, force: true });
  cpSync(logs, target, { recursive: true });
  say(`  The servers' logs of this stage are kept in ${target}`);
}

function unit(context) {
  return withSession(
    context,
    'unit',
    () => ({}),
    async (session) => {
      await startDatabases(session);
      const { redis, postgres } = session.state.urls;
      return runJest(context, {
        args: [...context.unitPatterns, '--testPathIgnorePatterns', '/node_modules/', '/apps/e2e/'],
        // The stages' own folder and ports are not for the tests: those that start a launcher choose their own.
        env: { ...context.env, REDIS_URL: redis, DATABASE_URL: postgres, COSTLANE_BIN_DIR: session.binDir },
        timeoutMs: unitTimeoutMs,
      });
    },
  );
}

function endToEnd(context) {
  const settings = (base) => ({
    MOCK_LLM: 'true',
    // The mock speaks Anthropic's dialect as well: Claude's names go there, over the road that they take to Anthropic.
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${portsFrom({ COSTLANE_PORT_BASE: String(base) }).mock}`,
    COSTLANE_ADMIN_KEY: `test-${randomBytes(24).toString('hex')}`,
    // Receivers of webhooks in the specs; everyone else's have to be at public addresses.
    WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
    // Short enough that a test can wait for what gateways have in mind to be gone.
    CACHE_MEMORY_TTL_SECONDS: '8',
    // Only one of the specs collects what is sent there; all others show that services do without a collector.
    ENABLE_TRACING: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${base + collectorPortOffset}`,
  });
  return withSession(context, 'e2e', settings, async (session, env, base) => {
    await startStack(session);
    const { redis, postgres, gateway, gatewayGrpc } = session.state.urls;
    // Once around all doors first: where that fails, the details below have an explanation.
    const isWhole = context.endToEndPatterns.length === 0;
    const smoke = isWhole ? await runSmoke(gateway, { print: (line) => say(`  ${line}`) }) : noTests;
    const patterns = context.endToEndPatterns.length > 0 ? context.endToEndPatterns : ['apps/e2e'];
    const jest = await runJest(context, {
      args: [...patterns, '--runInBand'],
      env: {
        ...session.childEnv,
        REDIS_URL: redis,
        DATABASE_URL: postgres,
        COSTLANE_BIN_DIR: session.binDir,
        COSTLANE_E2E_URL: gateway,
        COSTLANE_E2E_GRPC: gatewayGrpc,
        COSTLANE_E2E_PORT_BASE: String(base),
        COSTLANE_E2E_CONTROL: path.join(session.dataDir, 'run.json'),
        COSTLANE_E2E_OTLP_PORT: String(base + collectorPortOffset),
        COSTLANE_E2E_ADMIN_KEY: env.COSTLANE_ADMIN_KEY,
      },
      timeoutMs: endToEndTimeoutMs,
    });
    return { ...total([smoke, jest]), failures: [...smoke.failures, ...jest.failures] };
  });
}

/** The stages by name, in the order in which they run: what fails fastest first. */
export const stages = {
  format: async ({ root }) => asOneTest(await checkFormat(root), 'files are not formatted: npm run format'),
  lint: async ({ root }) => asOneTest(await checkLint(root), 'ESLint complains: npm run lint'),
  types: async ({ root }) => asOneTest(await checkTypes(root), 'the type check complains: npm run types'),
  boundaries,
  generated,
  unit,
  e2e: endToEnd,
};
