// `npm run chaos`: the whole system with three providers, two of which fail in turns; with `jobs`, processes that are killed; with `ledger`, Postgres away. See docs/evaluation/chaos.md.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onStop } from '../lib/entry.mjs';
import { openSession } from '../lib/infra.mjs';
import { findFreeBase } from '../lib/ports.mjs';
import { removeDataDir } from '../lib/postgres-place.mjs';
import { startStack } from '../lib/stack.mjs';
import { testEnv } from '../lib/test-env.mjs';
import { ensureBuilt } from '../lib/bundles.mjs';
import { readOptions } from '../verifier/options.mjs';
import { chaosOfLedger } from './books/main.mjs';
import { growthOf, readSamples } from './counters.mjs';
import { chaosOfJobs } from './jobs/main.mjs';
import { readLedger } from './ledger.mjs';
import { optionTable, settingsOf, usage } from './options.mjs';
import { startProvider } from './providers.mjs';
import { renderText, summarize } from './report.mjs';
import { planPhases, providerNames } from './schedule.mjs';
import { newTenant } from './tenant.mjs';
import { runTraffic } from './traffic.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Behind the ports of the stack in its range of 100. */
const firstProviderPortOffset = 91;
const warmUpMs = 4_000;
const counted = {
  'models asked after others': ['costlane_worker_model_fallbacks_total'],
  retries: ['costlane_upstream_retries_total'],
  hedges: ['costlane_upstream_hedges_total'],
  'circuit breakers opened': ['costlane_circuit_breaker_opened_total'],
  'doubled jobs': ['costlane_worker_doubled_jobs_total'],
  'doubtful answers stepped up': ['costlane_confidence_steps_total', ['outcome="taken"']],
};

/** A pool as an operator may set it: each provider has a model for each tier. */
const modelsOf = {
  openai: ['gpt-4.1-nano', 'gpt-4.1-mini', 'gpt-4.1', 'gpt-4-turbo'],
  anthropic: ['claude-haiku-4-5', 'claude-sonnet-4-5', 'claude-opus-4-5'],
  google: ['gemini-3.1-flash-lite', 'gemini-3-flash-preview', 'gemini-3.1-pro-preview'],
};
const routedModels = Object.values(modelsOf).flat();

/** Standard output is for the result; what the launcher says there goes to standard error. */
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
const say = (text) => process.stderr.write(`${text}\n`);

async function startProviders(base) {
  const bundle = path.join(root, 'dist/apps/mock-llm/main.mjs');
  return Promise.all(
    providerNames.map((name, i) =>
      startProvider({ name, bundle, port: base + firstProviderPortOffset + i, models: modelsOf[name] }),
    ),
  );
}

function environment(base, dataDir, providers) {
  const [openai, anthropic, google] = providers.map(({ url }) => url);
  return {
    ...testEnv(process.env),
    COSTLANE_PORT_BASE: String(base),
    COSTLANE_DATA_DIR: dataDir,
    COSTLANE_ADMIN_KEY: `chaos-${randomBytes(24).toString('hex')}`,
    MOCK_LLM: 'false',
    OPENAI_BASE_URL: `${openai}/v1`,
    ANTHROPIC_BASE_URL: anthropic,
    GOOGLE_BASE_URL: google,
    ROUTING_MODELS: routedModels.join(','),
    LOG_LEVEL: 'warn',
  };
}

/** Runs the phases by the clock. */
async function failInTurns({ phases, providers, startedAt }) {
  for (const { startMs, endMs, name, failing } of phases) {
    await until(startedAt + startMs);
    // Who is back is back before the others fail: one of them always answers.
    const [well, bad] = [providers.filter(({ name }) => !failing[name]), providers.filter(({ name }) => failing[name])];
    await Promise.all(well.map((provider) => provider.become(undefined)));
    await Promise.all(bad.map((provider) => provider.become(failing[provider.name])));
    say(`  ${(startMs / 1_000).toFixed(1)} s: ${name} ${JSON.stringify(failing)}`);
    await until(startedAt + endMs);
  }
}

const until = (atMs) => new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - performance.now())));

async function run(session, env, providers, settings) {
  await startStack(session);
  const { urls } = session.state;
  const tenantId = `chaos-${Date.now()}`;
  const apiKey = await newTenant(urls.gateway, env.COSTLANE_ADMIN_KEY, tenantId);
  const warmKey = await newTenant(urls.gateway, env.COSTLANE_ADMIN_KEY, `${tenantId}-warm`);
  const traffic = {
    url: urls.gateway,
    clients: settings.clients,
    deadlineMs: settings.deadlineMs,
    seed: settings.seed,
  };
  const warmUntil = performance.now() + warmUpMs;
  await runTraffic({
    ...traffic,
    apiKey: warmKey,
    seed: settings.seed + 1_000,
    startedAt: 0,
    isOver: () => performance.now() > warmUntil,
  });

  const { data } = await (await fetch(`${urls.gateway}/models`)).json();
  const tiers = data.models
    .filter(({ name }) => routedModels.includes(name))
    .map(({ name, tier }) => `${name} ${tier}`);
  say(`  ${tiers.join(', ')}`);
  const phases = planPhases(settings);
  await Promise.all(providers.map((provider) => provider.counts()));
  const before = await readSamples(urls['provider-worker']);
  const startedAt = performance.now();
  const endAt = startedAt + settings.seconds * 1_000;
  const [endings] = await Promise.all([
    runTraffic({ ...traffic, apiKey, startedAt, isOver: () => performance.now() > endAt }),
    failInTurns({ phases, providers, startedAt }),
  ]);
  const after = await readSamples(urls['provider-worker']);
  const counters = Object.fromEntries(
    Object.entries(counted).map(([what, [name, labels]]) => [what, growthOf(before, after, name, labels)]),
  );
  const ledger = await readLedger({ databaseUrl: urls.postgres, tenantId, endings });
  const told = await Promise.all(providers.map(async (each) => ({ name: each.name, ...(await each.counts()) })));
  return summarize({ settings, phases, endings, ledger, counters, providers: told });
}

async function main() {
  const options = readOptions(process.argv.slice(2), optionTable, usage);
  if (options.help) {
    print(`${usage}\n`);
    return 0;
  }
  const settings = settingsOf(options);
  await ensureBuilt(root);
  const base = await findFreeBase();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'costlane-chaos-'));
  const providers = await startProviders(base);
  const env = environment(base, dataDir, providers);
  const session = await openSession({
    env,
    root,
    binDir: process.env.COSTLANE_BIN_DIR ?? path.join(root, '.costlane/bin'),
  });
  const stop = async () => {
    await session.close();
    await Promise.all(providers.map((provider) => provider.stop()));
    if (options.keep) cpSync(path.join(dataDir, 'logs'), options.keep, { recursive: true });
    removeDataDir(dataDir);
  };
  onStop(
    async (_reason, error) => {
      await stop();
      process.exit(error ? 1 : 130);
    },
    () => {
      session.killAll();
      for (const provider of providers) provider.kill();
    },
  );
  try {
    const summary = await run(session, env, providers, settings);
    print(options.json ? `${JSON.stringify(summary, null, 2)}\n` : `\n${renderText(summary)}\n`);
    return summary.isGood ? 0 : 1;
  } finally {
    await stop();
  }
}

const [kind, ...rest] = process.argv.slice(2);

process.exit(
  await (kind === 'jobs' ? chaosOfJobs(rest, print) : kind === 'ledger' ? chaosOfLedger(rest, print) : main()).catch(
    (error) => {
      say(error.message);
      return 2;
    },
  ),
);
