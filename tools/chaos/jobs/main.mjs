// `npm run chaos -- jobs`: two batchers and two workers that are killed at random while jobs come. See docs/evaluation/chaos-jobs.md.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../lib/bundles.mjs';
import { onStop } from '../../lib/entry.mjs';
import { openSession } from '../../lib/infra.mjs';
import { envPrefix, findFreeBase } from '../../lib/ports.mjs';
import { removeDataDir } from '../../lib/postgres-place.mjs';
import { startStack, waitForReady } from '../../lib/stack.mjs';
import { supervise } from '../../lib/supervise.mjs';
import { testEnv } from '../../lib/test-env.mjs';
import { readOptions } from '../../verifier/options.mjs';
import { newTenant } from '../tenant.mjs';
import { readBooks } from './books.mjs';
import { killByPlan, planKills } from './kills.mjs';
import { runJobs } from './load.mjs';
import { optionTable, settingsOf, usage } from './options.mjs';
import { renderText, summarize } from './report.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** As quick models answer. */
const mockBehaviour = { latencyP50Ms: 150, latencyP95Ms: 600 };
/** Behind the ports that the stack itself takes of its range of 100. */
const twins = [
  { service: 'batcher', http: 12, grpc: 62 },
  { service: 'provider-worker', http: 13, grpc: 63 },
];

function environment(base, dataDir) {
  const { COSTLANE_DIST_DIR } = process.env;
  return {
    ...testEnv(process.env),
    COSTLANE_PORT_BASE: String(base),
    COSTLANE_DATA_DIR: dataDir,
    COSTLANE_ADMIN_KEY: `chaos-${randomBytes(24).toString('hex')}`,
    ...(COSTLANE_DIST_DIR ? { COSTLANE_DIST_DIR } : {}),
    MOCK_LLM: 'true',
    // The gateway reaches both workers where Redis does not answer.
    PROVIDER_WORKER_GRPC_ADDRESSES: [55, twins[1].grpc].map((offset) => `127.0.0.1:${base + offset}`).join(','),
    // Questions that differ by a number are what is asked here; each is to be a call of its own.
    CACHE_SEMANTIC_ENABLED: 'false',
    LOG_LEVEL: 'warn',
  };
}

/** One more process of a service, kept alive as the launcher keeps its own. */
async function startTwin(session, base, { service, http, grpc }) {
  const name = `${service}-2`;
  const folder = path.join(session.dataDir, name);
  mkdirSync(folder, { recursive: true });
  const prefix = envPrefix(service);
  const twin = supervise(
    {
      name,
      command: process.execPath,
      args: [path.join(session.distDir, service, 'main.mjs')],
      cwd: root,
      env: {
        ...session.childEnv,
        [`${prefix}_HTTP_PORT`]: String(base + http),
        [`${prefix}_GRPC_PORT`]: String(base + grpc),
        COSTLANE_DATA_DIR: folder,
        SERVICE_NAME: service,
      },
      logFile: path.join(session.dataDir, 'logs', `${name}.log`),
    },
    session,
  );
  await waitForReady(twin, base + http);
  return twin;
}

async function tellMock(url) {
  const response = await fetch(`${url}/mock/behaviour`, { method: 'PUT', body: JSON.stringify(mockBehaviour) });
  if (!response.ok) throw new Error(`the mock refused its part: ${await response.text()}`);
  await fetch(`${url}/mock/stats/reset`, { method: 'POST' });
}

async function run(session, base, settings, say) {
  await startStack(session);
  const extra = await Promise.all(twins.map((twin) => startTwin(session, base, twin)));
  const { urls } = session.state;
  await tellMock(urls['mock-llm']);
  const name = `chaos-jobs-${Date.now()}`;
  const key = await newTenant(urls.gateway, session.env.COSTLANE_ADMIN_KEY, name);
  const startedAt = performance.now();
  const [ended, kills] = await Promise.all([
    runJobs({ ...settings, url: urls.gateway, headers: { authorization: `Bearer ${key}` }, run: name, startedAt }),
    killByPlan({ kills: planKills(settings), processes: [...session.processes, ...extra], startedAt, say }),
  ]);
  const books = await readBooks({ databaseUrl: urls.postgres, tenantId: name, ...ended });
  const stats = await (await fetch(`${urls['mock-llm']}/mock/stats`)).json();
  const calls = stats.callsByPath['/v1/chat/completions'] ?? 0;
  await Promise.all(extra.map((twin) => twin.stop()));
  return summarize({ settings, ...ended, books, calls, kills });
}

/** The whole run; gives the exit code: 0 where nothing was lost and nothing charged twice. */
export async function chaosOfJobs(args, print) {
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
    const summary = await run(session, base, settings, say);
    print(options.json ? `${JSON.stringify(summary, null, 2)}\n` : `\n${renderText(summary)}\n`);
    return summary.isGood ? 0 : 1;
  } finally {
    await stop();
  }
}
