// `npm run eval:cache`: what a cosine, the vetoes and the verifier do on labelled pairs of questions.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { adaptTo } from './adapt.mjs';
import { denseCosinesOf, openDense } from './dense.mjs';
import { evaluateAdapted, evaluateWeights, staticCosines } from './evaluate.mjs';
import { loadLibrary, shippedModelFile, shippedWeightsFile } from './library.mjs';
import { readOptions } from './options.mjs';
import { renderReport } from './report.mjs';
import { readAuthoredPairs, readPairFiles } from './rows.mjs';

const usage = `npm run eval:cache -- [--pairs FILE …] [options]

  --pairs FILE       one JSON object a line: {"a": "…", "b": "…", "same": true, "source"?: "…"}; without it, hand-written
                     pairs of this repository that no weights were trained on
  --train FILE       first adapts the weights to these pairs, then evaluates on --pairs
  --cross-validate   trains on --pairs itself; each pair is judged by training that saw none of its texts
  --weights FILE     weights to evaluate (default CACHE_VERIFIER_WEIGHTS, else those that ship)
  --onnx DIR         folder of an ONNX embedder (default COSTLANE_ONNX_MODEL)
  --dense FILE       its cosines as a JSON array, one a pair in the order of the pairs, instead
  --train-dense FILE the same for the pairs of --train
  --report FILE      writes the tables as Markdown
  --json             one JSON document on standard output
  --seed N           of training (default 1)
  --static-model F   another file of the static model`;

const optionTable = {
  pairs: { type: 'string', multiple: true },
  train: { type: 'string', multiple: true },
  'cross-validate': { type: 'boolean', default: false },
  weights: { type: 'string' },
  onnx: { type: 'string' },
  dense: { type: 'string', multiple: true },
  'train-dense': { type: 'string', multiple: true },
  report: { type: 'string' },
  json: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  'static-model': { type: 'string' },
  help: { type: 'boolean', default: false },
};

/** The sample keeps about as many same as different pairs: hand-written blocks hold eight near misses for each pair of wordings. */
function ownSample(library) {
  const pairs = readAuthoredPairs(library, 'held-out');
  const same = pairs.filter((pair) => pair.same).length;
  return library.samplePairs(pairs, 2 * same, 1);
}

/** Pairs that share a text with those trained on would be remembered, not judged. */
function withoutSharedTexts(pairs, trainPairs) {
  const key = (text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  const seen = new Set(trainPairs.flatMap(({ a, b }) => [key(a), key(b)]));
  return pairs.map(({ a, b }) => !seen.has(key(a)) && !seen.has(key(b)));
}

function figuresOfWeights(library, context, weights, pairs, denseCosines) {
  const verifier = library.createPairVerifier({ staticModel: context.staticModel, weights });
  const common = { verifier, pairs };
  return {
    static: evaluateWeights(library, { ...common, cosines: staticCosines(context.staticModel, pairs) }),
    dense: denseCosines && evaluateWeights(library, { ...common, cosines: denseCosines, denseCosines }),
  };
}

function figuresOfFolds(library, context, { adapted, rows, cosines }, pairs) {
  const figures = (kind, own) => evaluateAdapted(library, { adapted, kind, rows: rows[kind], pairs, cosines: own });
  return {
    static: figures('static', staticCosines(context.staticModel, pairs)),
    dense: adapted.dense && figures('dense', cosines),
  };
}

async function evaluate(library, options, dense) {
  const staticModel = library.embedding.loadStaticModel(options['static-model'] ?? shippedModelFile);
  const extractor = library.createFeatureExtractor(staticModel);
  const context = { staticModel, extractor };
  const allPairs = options.pairs ? readPairFiles(library, options.pairs) : ownSample(library);
  const common = { extractor, dense, withBase: true, seed: Number(options.seed) };
  const allCosines = await denseCosinesOf(dense, options.dense, allPairs);
  let pairs = allPairs;
  let cosines = allCosines;
  let figures;
  let weights = library.loadVerifierWeights(
    options.weights ?? (process.env.CACHE_VERIFIER_WEIGHTS || shippedWeightsFile),
  );
  let mode = 'weights';
  if (options['cross-validate']) {
    mode = 'cross-validated';
    const trained = await adaptTo(library, { ...common, pairs, denseFiles: options.dense });
    weights = trained.adapted.weights;
    figures = figuresOfFolds(library, context, trained, pairs);
  } else {
    if (options.train) {
      mode = 'adapted';
      const trainPairs = readPairFiles(library, options.train);
      const isKept = withoutSharedTexts(allPairs, trainPairs);
      pairs = allPairs.filter((_, row) => isKept[row]);
      cosines = allCosines?.filter((_, row) => isKept[row]);
      const trained = await adaptTo(library, { ...common, pairs: trainPairs, denseFiles: options['train-dense'] });
      weights = trained.adapted.weights;
    }
    figures = figuresOfWeights(library, context, weights, pairs, cosines);
  }
  const { vetoes, labels } = library.extractRows(extractor, pairs).static;
  const same = pairs.filter((pair) => pair.same).length;
  return {
    pairs: {
      files: options.pairs ?? [],
      isOwnSample: !options.pairs,
      count: pairs.length,
      same,
      different: pairs.length - same,
      leftOutForSharedTexts: allPairs.length - pairs.length,
    },
    mode,
    modelId: weights.modelId,
    staticModelId: staticModel.modelId,
    vetoes: library.vetoFigures(vetoes, labels),
    embedders: {
      static: figures.static,
      dense: figures.dense
        ? { source: options.dense ? options.dense.join(', ') : dense.source, ...figures.dense }
        : { skipped: dense.skipped ?? 'no cosines of the pairs' },
    },
  };
}

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  if (options.train && options['cross-validate']) throw new Error('--train and --cross-validate exclude one another');
  const library = await loadLibrary();
  const dense = openDense(library, options);
  try {
    const result = await evaluate(library, options, dense);
    const markdown = renderReport(result);
    if (options.report) writeFileSync(path.resolve(options.report), markdown);
    console.log(options.json ? JSON.stringify(result) : markdown);
  } finally {
    await dense.close?.();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
