// Look-ups of like questions as the cache service does them, without the way there: `npm run bench -- semantic-lookups [--entries N]`.
import { LRUCache } from 'lru-cache';
import { loadLibrary } from '../tools/cache-replay/load-library.mjs';
import { candidates, openSemanticTier } from '../tools/cache-replay/semantic-tier.mjs';
import { shippedModelFile, shippedWeightsFile } from '../tools/verifier/library.mjs';
import { questionCount, questionOf, wordingOf } from './questions.mjs';

/** The default gate, at which a question rarely has a second neighbour, and one at which most have as many as are looked at. */
const gates = [0.92, 0.8];
const limit = 0.02;
/** Texts whose preparation the cache service remembers. */
const preparedTexts = 5_000;
const lookUps = 20_000;
const warmUp = 5_000;
/** So many gather in one tick. */
const atATime = 32;
const tenantId = 'bench';

/** Microseconds of CPU of the whole process, its helper threads included, for each of the items. */
async function cpuUs(items, act) {
  const before = process.cpuUsage();
  for (const item of items) await act(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / items.length;
}

/** As `cpuUs`, for work that never waits. */
function cpuUsOf(items, act) {
  const before = process.cpuUsage();
  const results = items.map(act);
  const { user, system } = process.cpuUsage(before);
  return { us: (user + system) / items.length, results };
}

function modelsOf(library) {
  const staticModel = library.loadStaticModel(shippedModelFile);
  const weights = library.loadVerifierWeights(process.env.CACHE_VERIFIER_WEIGHTS || shippedWeightsFile);
  let index;
  return {
    embedder: library.createStaticEmbedder(staticModel),
    verifier: library.createPairVerifier({ staticModel, weights }),
    createIndex: (identity) => (index = library.createEmbeddedIndex({ identity })),
    settled: () => index.settled(),
    search: (query) => index.search([query]),
  };
}

function rememberingVerifier(verifier) {
  const prepared = new LRUCache({ max: preparedTexts });
  return {
    ...verifier,
    prepare(text) {
      let known = prepared.get(text);
      if (!known) prepared.set(text, (known = verifier.prepare(text)));
      return known;
    },
  };
}

/** Questions asked about, in words that no one asked before: of all alike, or of the few that fit into memory. */
const asksOf = (entries, from) =>
  Array.from({ length: lookUps + warmUp }, (_, i) => {
    const number = (i * 7_919 + from) % entries;
    return wordingOf(questionOf(number), from + i);
  });

async function stagesOf(models, asks, { minSimilarity, textOf }) {
  const { embedder, verifier } = models;
  const vectors = [];
  const embedUs = await cpuUs(asks, async (text) => vectors.push(...(await embedder.embed([text]))));
  const found = [];
  const query = { tenantId, contextHash: '', modelClass: 'replay', limit: candidates, minSimilarity };
  const searchUs = await cpuUs(vectors, async (vector) => found.push(...(await models.search({ ...query, vector }))));
  const { us: prepareUs, results: asked } = cpuUsOf(asks, (text) => verifier.prepare(text));
  const { us: prepareKeptUs, results: kept } = cpuUsOf(found, (matches) =>
    matches.map(({ id }) => verifier.prepare(textOf(id))),
  );
  const { us: judgeUs } = cpuUsOf(kept, (texts, at) => texts.map((text) => verifier.judge(asked[at], text)));
  const meanCandidates = found.reduce((sum, { length }) => sum + length, 0) / found.length;
  return { embedUs, searchUs, prepareUs, prepareKeptUs, judgeUs, meanCandidates };
}

async function wholeOf(tier, asks, minSimilarity) {
  const batches = [];
  for (let at = 0; at < asks.length; at += atATime) batches.push(asks.slice(at, at + atATime));
  const outcomes = {};
  const us = await cpuUs(batches, async (batch) => {
    for (const { outcome } of await Promise.all(batch.map((text) => tier.lookUp(text, minSimilarity))))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  });
  return { us: (us * batches.length) / asks.length, outcomes };
}

async function latenciesOf(tier, asks, minSimilarity) {
  const taken = new Float64Array(asks.length);
  for (const [at, text] of asks.entries()) {
    const begunAtMs = performance.now();
    await tier.lookUp(text, minSimilarity);
    taken[at] = performance.now() - begunAtMs;
  }
  taken.sort();
  const at = (share) => taken[Math.floor(share * taken.length)].toFixed(2);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function linesAt(minSimilarity, { tier, models, entries }) {
  const popular = Math.min(entries, 1_000);
  await wholeOf(tier, asksOf(entries, 1).slice(0, warmUp), minSimilarity);
  const lines = [`cosine gate ${minSimilarity}`];
  for (const [name, count] of [
    ['any of the questions', entries],
    [`the ${popular} most popular, which are prepared`, popular],
  ]) {
    const { us, outcomes } = await wholeOf(tier, asksOf(count, count + 17).slice(warmUp), minSimilarity);
    const told = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
    lines.push(
      `  ${name}: ${us.toFixed(0)} µs a look-up, ${Math.round(1e6 / us)} look-ups/s per core (${told.join(', ')})`,
    );
  }
  const { p50Ms, p99Ms } = await latenciesOf(tier, asksOf(entries, 99).slice(warmUp), minSimilarity);
  const textOf = (id) => questionOf(Number(id));
  const us = await stagesOf(models, asksOf(entries, 5).slice(warmUp), { minSimilarity, textOf });
  return [
    ...lines,
    `  one at a time: p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
    `  by part: embedding ${us.embedUs.toFixed(1)}, search ${us.searchUs.toFixed(1)}, preparing the question ${us.prepareUs.toFixed(1)}, ` +
      `preparing ${us.meanCandidates.toFixed(2)} kept ones ${us.prepareKeptUs.toFixed(1)}, judging them ${us.judgeUs.toFixed(1)}`,
  ];
}

/** Measures and gives the figures as text. `entries`: stored questions, of one tenant and one context. */
export async function measureSemanticLookUps({ entries }) {
  if (!Number.isInteger(entries) || entries < 1 || entries > questionCount)
    throw new Error(`--entries has to be a whole number from 1 to ${questionCount}`);
  const library = await loadLibrary({ hasVirtualClock: false });
  const models = modelsOf(library);
  const nowMs = Date.now();
  const common = { tenantId, contextHash: '', model: 'replay', valueNanoUsd: 0, sizeBytes: 1_000 };
  const entryOf = (fingerprint) => ({
    ...common,
    fingerprint,
    text: questionOf(Number(fingerprint)),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + 86_400_000,
  });
  const verifier = rememberingVerifier(models.verifier);
  const tier = await openSemanticTier(library, {
    models: { ...models, verifier },
    limit,
    minSimilarity: Math.min(...gates),
    entryOf,
    tenantId,
  });
  const storeUs = await cpuUs(
    Array.from({ length: Math.ceil(entries / 500) }, (_, at) => at * 500),
    (first) => tier.stored(Array.from({ length: Math.min(500, entries - first) }, (_, at) => String(first + at))),
  );
  await models.settled();
  const lines = [
    `${entries} entries of one tenant and context, ${lookUps} look-ups in new words, at most ${candidates} candidates each, Node ${process.version}; CPU µs of the process`,
    `storing: ${(storeUs / 500).toFixed(0)} µs an entry`,
  ];
  for (const minSimilarity of gates) lines.push('', ...(await linesAt(minSimilarity, { tier, models, entries })));
  await tier.close();
  return lines.join('\n');
}
