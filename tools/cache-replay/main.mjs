// `npm run replay:cache`: a workload through every tier of the cache, in one process and without waiting.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { shippedModelFile, shippedWeightsFile } from '../verifier/library.mjs';
import { readOptions } from '../verifier/options.mjs';
import { readAuthoredPairs, readPairFiles } from '../verifier/rows.mjs';
import { poissonArrivals, readArrivals } from './arrivals.mjs';
import { loadLibrary } from './load-library.mjs';
import { optionTable, settingsOf, usage } from './options.mjs';
import { clustersOf } from './questions.mjs';
import { renderMarkdown, renderText } from './report.mjs';
import { rememberingModels } from './semantic-tier.mjs';
import { replayTiers } from './tiers.mjs';
import { makeWorkload } from './workload.mjs';

function arrivalsOf(library, { arrivals, requests, rate, outputTokens, seed }) {
  if (arrivals !== undefined) return readArrivals(arrivals).slice(0, requests);
  const options = { count: requests ?? 20_000, ratePerSecond: rate, meanOutputTokens: outputTokens };
  return poissonArrivals(options, library.createRandom(seed + 1));
}

function modelsOf(library, weightsFile) {
  const staticModel = library.loadStaticModel(shippedModelFile);
  return rememberingModels({
    embedder: library.createStaticEmbedder(staticModel),
    verifier: library.createPairVerifier({ staticModel, weights: library.loadVerifierWeights(weightsFile) }),
    createIndex: (identity) => library.createEmbeddedIndex({ identity }),
  });
}

async function replay(settings) {
  const library = await loadLibrary();
  const pairs = settings.pairs ? readPairFiles(library, settings.pairs) : readAuthoredPairs(library, 'held-out');
  const { clusters, contradictions } = clustersOf(pairs);
  const arrivals = arrivalsOf(library, settings);
  const { zipf, repeats, forms, seed, auditShare, firstTokenMs, tokenMs } = settings;
  const workload = makeWorkload(library, { clusters, arrivals, zipf, repeats, forms, seed });
  const models = modelsOf(library, settings.weights ?? (process.env.CACHE_VERIFIER_WEIGHTS || shippedWeightsFile));
  const latencyOf = (outputTokens) => firstTokenMs + outputTokens * tokenMs;
  const rows = [];
  for (const minSimilarity of settings.thresholds)
    for (const limit of settings.limits)
      rows.push(
        await replayTiers(library, models, {
          requests: workload.requests,
          limit,
          minSimilarity,
          auditShare,
          seed,
          latencyOf,
        }),
      );
  const several = clusters.filter(({ length }) => length > 1);
  return {
    questions: {
      files: settings.pairs?.map((file) => path.basename(file)) ?? [],
      clusters: clusters.length,
      clustersOfSeveral: several.length,
      texts: clusters.reduce((sum, { length }) => sum + length, 0),
      contradictions,
    },
    arrivals: settings.arrivals === undefined ? 'poisson' : path.basename(settings.arrivals),
    mix: workload.mix,
    settings: { zipf, repeats, forms, seed, auditShare, firstTokenMs, tokenMs },
    modelId: models.verifier.modelId,
    rows,
  };
}

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  const result = await replay(settingsOf(options));
  if (options.report) writeFileSync(path.resolve(options.report), renderMarkdown(result));
  console.log(options.json ? JSON.stringify(result) : renderText(result));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
