// `npm run chaos -- ledger`: requests go on while Postgres is away, and nothing of them may be missing in the books. See docs/evaluation/chaos-ledger.md.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../lib/bundles.mjs';
import { onStop } from '../../lib/entry.mjs';
import { openSession } from '../../lib/infra.mjs';
import { findFreeBase } from '../../lib/ports.mjs';
import { removeDataDir } from '../../lib/postgres-place.mjs';
import { startStack } from '../../lib/stack.mjs';
import { testEnv } from '../../lib/test-env.mjs';
import { readOptions } from '../../verifier/options.mjs';
import { readLedger } from '../ledger.mjs';
import { newTenant } from '../tenant.mjs';
import { runTraffic } from '../traffic.mjs';
import { optionTable, settingsOf, usage } from './options.mjs';
import { planOutage, runOutage } from './outage.mjs';
import { renderText, summarize } from './report.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const deadlineMs = 30_000;
const patienceMs = 120_000;
/** As a quick model answers: without it the machine is busy with questions alone. */
const mockBehaviour = { latencyP50Ms: 60, latencyP95Ms: 200 };

function environment(base, dataDir) {
  const { COSTLANE_DIST_DIR } = process.env;
  return {
    ...testEnv(process.env),
    COSTLANE_PORT_BASE: String(base),
    COSTLANE_DATA_DIR: dataDir,
    COSTLANE_ADMIN_KEY: `chaos-${randomBytes(24).toString('hex')}`,
    ...(COSTLANE_DIST_DIR ? { COSTLANE_DIST_DIR } : {}),
    MOCK_LLM: 'true',
    // Questions that differ by a number are what is asked here; each is to be a call of its own.
    CACHE_SEMANTIC_ENABLED: 'false',
    LOG_LEVEL: 'warn',
  };
}

async function waitUntil(what, isSo) {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${what} after ${patienceMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function run(session, settings, say) {
  await startStack(session);
  const { urls } = session.state;
  await fetch(`${urls['mock-llm']}/mock/behaviour`, { method: 'PUT', body: JSON.stringify(mockBehaviour) });
  const tenantId = `chaos-ledger-${Date.now()}`;
  const apiKey = await newTenant(urls.gateway, session.env.COSTLANE_ADMIN_KEY, tenantId);
  const { endMs, phases, steps } = planOutage(settings);
  const startedAt = performance.now();
  const isOver = () => performance.now() > startedAt + endMs;
  const { clients, seed } = settings;
  const [endings] = await Promise.all([
    runTraffic({ url: urls.gateway, apiKey, clients, deadlineMs, seed, startedAt, isOver }),
    runOutage({ steps, processes: session.processes, startedAt, say }),
  ]);
  const endedAt = performance.now();
  const books = urls['cost-attribution'];
  await waitUntil('cost-attribution is not ready', async () => (await fetch(`${books}/health/ready`)).ok);
  const ledger = await readLedger({ databaseUrl: urls.postgres, tenantId, endings });
  const catchUpMs = performance.now() - endedAt;
  const { data, error } = await (await fetch(`${books}/internal/ledger/check`)).json();
  if (!data) throw new Error(`the ledger could not be checked: ${error}`);
  return summarize({ settings, phases, endings, ledger, check: data, catchUpMs });
}

/** The whole run; gives the exit code: 0 where all of it is on record once and the books add up. */
export async function chaosOfLedger(args, print) {
  const say = (text) => process.stderr.write(`${text}\n`);
  const options = readOptions(args, optionTable, usage);
  if (options.help) {
    print(`${usage}\n`);
    return 0;
  }
  const settings = settingsOf(options);
  if (!process.env.COSTLANE_DIST_DIR) await ensureBuilt(root);
  const base = await findFreeBase();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'costlane-chaos-'));
  const binDir = process.env.COSTLANE_BIN_DIR ?? path.join(root, '.costlane/bin');
  const session = await openSession({ env: environment(base, dataDir), root, binDir });
  const stop = async () => {
    await session.close();
    if (options.keep) cpSync(path.join(dataDir, 'logs'), options.keep, { recursive: true });
    removeDataDir(dataDir);
  };
  onStop(
    async (_reason, error) => {
      await stop();
      process.exit(error ? 1 : 130);
    },
    () => session.killAll(),
  );
  try {
    const summary = await run(session, settings, say);
    print(options.json ? `${JSON.stringify(summary, null, 2)}\n` : `\n${renderText(summary)}\n`);
    return summary.isGood ? 0 : 1;
  } finally {
    await stop();
  }
}
