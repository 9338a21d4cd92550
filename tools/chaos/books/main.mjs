// `npm run chaos -- ledger`: requests go on while Postgres is away, and nothing of them may be missing in the books. See docs/evaluation/chaos-ledger.md.
import { startStack } from '../../lib/stack.mjs';
import { readLedger } from '../ledger.mjs';
import { runScenario } from '../run-scenario.mjs';
import { newTenant } from '../tenant.mjs';
import { runTraffic } from '../traffic.mjs';
import { optionTable, settingsOf, usage } from './options.mjs';
import { planOutage, runOutage } from './outage.mjs';
import { renderText, summarize } from './report.mjs';

const deadlineMs = 30_000;
const patienceMs = 120_000;
/** As a quick model answers: without it the machine is busy with questions alone. */
const mockBehaviour = { latencyP50Ms: 60, latencyP95Ms: 200 };

async function waitUntil(what, isSo) {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${what} after ${patienceMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function run(session, { settings, say }) {
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
export const chaosOfLedger = (args, print) =>
  runScenario({ optionTable, usage, settingsOf, renderText, run }, args, print);
