// The phases of the headline benchmark; each gives its figures.
import { readFileSync } from 'node:fs';
import { growthOf, readSamples } from '../../tools/chaos/counters.mjs';
import { naiveCost } from './naive-cost.mjs';
import { readLedger } from './ledger.mjs';
import { models } from './system.mjs';

export const goals = { hitsP95Ms: 100, hitShare: 0.63, costSaved: 0.65 };
const openConnections = 1_000;
const naiveConnections = 120;
const warmUpRequests = 20_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Why the load generator is not to be believed; undefined where it kept up. */
export function doubtsOf({ self }) {
  if (self.cpuShare > 0.85) return `the generator took ${Math.round(self.cpuShare * 100)} % of a core`;
  if (self.lateP99Ms > 25)
    return `the generator sent 1 % of the requests more than ${self.lateP99Ms.toFixed(0)} ms late`;
  return undefined;
}

/** Requests with instructions of their own, answered without a wait: code gets warm, caches learn nothing of what follows. */
export async function warmUp({ system, client, seed }) {
  await system.setModels({});
  const job = { kind: 'closedLoop', url: system.urls.gateway, model: 'auto', isWarmUp: true, seed: seed + 1_000 };
  const figures = await client.run({ ...job, connections: 64, requests: warmUpRequests });
  if (figures.failed > 0 || figures.unanswered > 0)
    throw new Error(`the warm-up failed: ${JSON.stringify(figures.errors)}`);
  await system.setModels(models);
  await pause(2_000);
}

/** Every request to the premium model, over a pool of connections as clients have them. Throws where its tokens are not those that its cost is worked out from. */
export async function runNaive({ system, client, seed, pairs, seconds }) {
  const job = {
    kind: 'closedLoop',
    url: system.urls['mock-llm'],
    model: 'mock-premium',
    readsUsage: true,
    seed,
    pairs,
  };
  const figures = await client.run({ ...job, isAnew: true, connections: naiveConnections, seconds });
  // What it left in the provider's cache of prefixes would be a present to the next phase.
  await fetch(`${system.urls['mock-llm']}/mock/stats/reset`, { method: 'POST' });
  const { tokens } = await naiveCost({ seed, pairs, count: figures.sent });
  const { promptTokens, completionTokens } = figures.usage;
  const isAsCounted = figures.failed > 0 || (promptTokens === tokens.prompt && completionTokens === tokens.output);
  if (!isAsCounted)
    throw new Error(
      `the mock counts other tokens than are worked out: ${JSON.stringify({ ...figures.usage, tokens })}`,
    );
  return { ...figures, connections: naiveConnections };
}

/** What the gateway counted meanwhile: look-ups of like questions by outcome, and everything that it went on without. */
function countersOf(before, after) {
  const by = (name, label) => {
    const values = [...after.keys()].flatMap((sample) =>
      sample.startsWith(`${name}{`) ? [new RegExp(`${label}="([^"]*)"`).exec(sample)?.[1]] : [],
    );
    const counts = [...new Set(values)].map((value) => [value, growthOf(before, after, name, [`${label}="${value}"`])]);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  };
  return {
    semanticLookUps: by('costlane_semantic_lookups_total', 'outcome'),
    fallbacks: by('costlane_fallback_total', 'kind'),
  };
}

/** Requests by themselves, at a rate, into cold caches. */
export async function runOpen({ system, client, seed, pairs, seconds, ratePerSecond }) {
  const counters = await readSamples(system.urls.gateway);
  const [memory, cpu, since] = [system.watchMemory(), system.cpu.read(), new Date()];
  const job = { kind: 'openLoop', url: system.urls.gateway, model: 'auto', seed, pairs, isAnew: true };
  const figures = await client.run({ ...job, connections: openConnections, seconds, ratePerSecond });
  const cpuSeconds = system.cpu.since(cpu);
  const gateway = countersOf(counters, await readSamples(system.urls.gateway));
  const ledger = await readLedger({ databaseUrl: system.urls.postgres, since, answered: figures.answered });
  return {
    ...figures,
    connections: openConnections,
    ratePerSecond,
    memory: memory.stop(),
    cpuSeconds,
    gateway,
    ledger,
  };
}

/** Cost and quality of a phase against the same requests sent to the premium model. */
export async function compareCost({ seed, pairs, open }) {
  const naive = await naiveCost({ seed, pairs, count: open.sent });
  const { ledger } = open;
  return {
    naive,
    paidUsd: ledger.paidUsd,
    saved: 1 - ledger.paidUsd / naive.discountedUsd,
    savedOfList: 1 - ledger.paidUsd / naive.listUsd,
  };
}

/** Open files that this process may have, and with it those that it starts. */
function fileLimit() {
  try {
    return Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024);
  } catch {
    return 1_024;
  }
}

/** All at once, each on a connection of its own as far as the limit of open files allows. */
export async function runBurst({ system, client, seed, pairs, requests = 10_000 }) {
  const connections = Math.min(requests, fileLimit() - 1_000);
  const memory = system.watchMemory();
  const job = { kind: 'burst', url: system.urls.gateway, model: 'auto', seed, pairs, connections, requests };
  const figures = await client.run(job);
  return { ...figures, connections, requests, memory: memory.stop() };
}

const isSustained = (step) =>
  step.hits.p95Ms < goals.hitsP95Ms &&
  step.failed === 0 &&
  step.unanswered === 0 &&
  step.inFlightAtEnd < step.ratePerSecond;

/**
 * The highest rate at which hits stay below the goal, by bisection. `steps`: each rate that was tried; `highest`: undefined where none held;
 * `doubts` where the generator, not the system, gave up.
 */
export async function findLimit({
  system,
  client,
  seed,
  pairs,
  startPerSecond,
  seconds = 8,
  tries = 9,
  pauseMs = 1_500,
  onStep = () => undefined,
}) {
  const steps = [];
  let [highest, lowest] = [undefined, undefined];
  let rate = startPerSecond;
  while (steps.length < tries && !(highest && lowest && lowest / highest.ratePerSecond < 1.06)) {
    const ratePerSecond = Math.round(rate / 10) * 10;
    const job = {
      kind: 'openLoop',
      url: system.urls.gateway,
      model: 'auto',
      seed,
      pairs,
      connections: openConnections,
    };
    const figures = await client.run({ ...job, ratePerSecond, seconds: seconds + 2, settleSeconds: 2 });
    const step = { ...figures, ratePerSecond };
    const doubts = doubtsOf(step);
    steps.push({ ...step, isSustained: isSustained(step), doubts });
    onStep(steps.at(-1));
    if (isSustained(step)) highest = step;
    else lowest = ratePerSecond;
    if (highest && lowest) rate = (highest.ratePerSecond + lowest) / 2;
    else rate = highest ? ratePerSecond * 1.4 : ratePerSecond * 0.65;
    await pause(pauseMs);
  }
  return { steps, highest };
}
