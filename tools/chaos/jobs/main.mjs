// `npm run chaos -- jobs`: two batchers and two workers that are killed at random while jobs come. See docs/evaluation/chaos-jobs.md.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { envPrefix } from '../../lib/ports.mjs';
import { startStack, waitForReady } from '../../lib/stack.mjs';
import { supervise } from '../../lib/supervise.mjs';
import { runScenario } from '../run-scenario.mjs';
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

/** The gateway reaches both workers where Redis does not answer. */
const settingsFor = (base) => ({
  PROVIDER_WORKER_GRPC_ADDRESSES: [55, twins[1].grpc].map((offset) => `127.0.0.1:${base + offset}`).join(','),
});

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

async function run(session, { base, settings, say }) {
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
export const chaosOfJobs = (args, print) =>
  runScenario({ optionTable, usage, settingsOf, renderText, run, settingsFor }, args, print);
