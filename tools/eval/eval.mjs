// `npm run eval`: ways to choose a model, compared by cost and quality, on simulated models or on a running Costlane.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createProgress } from '../verifier/options.mjs';
import { openAnswerStore, originOf } from './answer-store.mjs';
import { evaluatePolicies } from './evaluate.mjs';
import { modelAskedBy } from './decide.mjs';
import { createJudge } from './judge.mjs';
import { evalEntry, loadLibrary, shippedPromptsFile } from './library.mjs';
import { createLive, createLiveClient, EvalStopped } from './live.mjs';
import { modelsToCompare } from './live-models.mjs';
import { settingsOf, usage } from './options.mjs';
import { createOutcomes, createScorers } from './outcomes.mjs';
import { renderPicture } from './picture.mjs';
import { defaultPolicies, livePolicies, readPolicies } from './policies.mjs';
import { difficulties, readPrompts } from './prompts.mjs';
import { renderReport } from './report.mjs';
import { createSimulation } from './simulate.mjs';
import { simulatedModels } from './simulated-models.mjs';

/** Runs `work` on each item, so many at a time; the first error ends it. */
async function forEachOf(items, concurrency, work) {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Asks everything that the policies may need, with progress. */
async function collect({ prompts, models, policies, rounds, concurrency }, outcomes) {
  const live = policies.filter(({ isLive }) => isLive);
  const asks = [];
  for (let round = 0; round < rounds; round += 1)
    for (const prompt of prompts) {
      for (const { name } of models) asks.push(() => outcomes.outcomeOf(prompt, name, round));
      for (const policy of live) asks.push(() => outcomes.liveOutcomeOf(prompt, policy, round));
    }
  const progress = createProgress('asking');
  let done = 0;
  await forEachOf(asks, concurrency, async (ask) => {
    await ask();
    done += 1;
    progress(done / asks.length);
  });
}

async function openSource(settings, library) {
  if (settings.url === undefined) return { models: simulatedModels(library.mockPrices) };
  const client = createLiveClient(settings.url, settings.key);
  const described = await client.models();
  const tiers = new Map(described.map(({ name, tier }) => [name, tier]));
  const models = modelsToCompare(described, settings.models, client.base);
  return { client, models, tierOf: (name) => tiers.get(name) };
}

/** Policies that rest on a tier which no model has say nothing; those of a file are an error instead. */
function fitting(library, policies, models, isDefault) {
  const tiers = new Set(models.map(({ tier }) => tier));
  const kept = isDefault ? policies.filter(({ tier }) => tier === undefined || tiers.has(tier)) : policies;
  for (const policy of kept) if (!policy.isLive) modelAskedBy(library, policy, models);
  return kept;
}

function countSkipped(skipped) {
  const counts = {};
  for (const key of skipped) {
    const kind = key.split(' ').at(-1);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

async function evaluate(settings) {
  const isLive = settings.url !== undefined;
  const file = settings.prompts ?? shippedPromptsFile;
  const prompts = readPrompts(file, { needsReference: !isLive });
  const usual = isLive ? livePolicies : defaultPolicies;
  const listed = settings.policies ? readPolicies(settings.policies, { isLive }) : usual;
  const library = await loadLibrary(evalEntry);
  const { client, models, tierOf } = await openSource(settings, library);
  const policies = fitting(library, listed, models, !settings.policies);
  const { seed, rounds } = settings;
  const folder = isLive ? settings.out : undefined;
  const store = openAnswerStore({ folder, isResumed: settings.isResumed, origin: originOf(prompts, client?.base) });
  if (store.resumed > 0) process.stderr.write(`${store.resumed} answers are there already\n`);
  const judge = settings.judge === undefined ? undefined : createJudge(client, settings.judge);
  const embed = (text) => library.staticModel.embed(text);
  const scorerOf = createScorers({ prompts, embed, judge, judgeModel: settings.judge, store });
  const source = isLive ? createLive(client) : createSimulation(library, { seed, scorerOf });
  const skipped = new Set();
  const failures = [];
  const outcomes = createOutcomes({ source, store, scorerOf, models, tierOf, skipped, failures });
  if (isLive) await collect({ ...settings, prompts, models, policies }, outcomes);
  const figures = await evaluatePolicies(library, { policies, models, prompts, rounds, seed, ...outcomes });
  const count = (difficulty) => prompts.filter((prompt) => prompt.difficulty === difficulty).length;
  return {
    mode: isLive ? 'live' : 'simulation',
    url: client?.base,
    seed,
    rounds,
    judge: settings.judge ?? null,
    predictor: library.predictor.id,
    prompts: {
      file: settings.prompts ? path.basename(file) : 'tools/eval/prompts.jsonl',
      count: prompts.length,
      byDifficulty: Object.fromEntries(difficulties.map((difficulty) => [difficulty, count(difficulty)])),
    },
    models: models.map(({ name, tier, price }) => ({ name, tier, perMillion: price?.perMillion })),
    skipped: countSkipped(skipped),
    failures,
    policies: figures,
  };
}

async function keep(folder, result, report) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(path.join(folder, 'report.md'), report);
  const title =
    result.mode === 'simulation' ? 'Cost and quality of policies, simulated models' : 'Cost and quality of policies';
  writeFileSync(path.join(folder, 'cost-quality.svg'), await renderPicture(result, title));
}

async function main(argv, env) {
  const settings = settingsOf(argv, env);
  if (settings.isHelp) return void console.log(usage);
  try {
    const result = await evaluate(settings);
    const report = renderReport(result);
    if (settings.out) await keep(settings.out, result, report);
    console.log(settings.isJson ? JSON.stringify(result) : report);
  } catch (error) {
    if (error instanceof EvalStopped && settings.out)
      throw new Error(`${error.message}\nThe answers so far are kept in ${settings.out}: go on with --resume.`, {
        cause: error,
      });
    throw error;
  }
}

main(process.argv.slice(2), process.env).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
