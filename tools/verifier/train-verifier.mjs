// `npm run train:verifier`: fits the semantic tier's verifier to an operator's pairs, or (`--shipped`) makes the weights that ship.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { loadLibrary, root, shippedModelFile, shippedWeightsFile } from './library.mjs';
import { createProgress, percent, readOptions } from './options.mjs';
import { embedCosines, readCosines, readPairFiles, readShippedPairs } from './rows.mjs';
import { figuresOfAdapted } from './figures.mjs';

const usage = `npm run train:verifier -- --pairs FILE [--pairs FILE2 …] [options]

  --pairs FILE     one JSON object a line: {"a": "…", "b": "…", "same": true, "source"?: "…", "weight"?: 1}
  --dense FILE     JSON array of cosines of a contextual embedder, one a pair, in the order of the pairs
  --onnx DIR       folder of an ONNX embedder, to work these cosines out (default COSTLANE_ONNX_MODEL)
  --out FILE       the weights (default .costlane/verifier-weights.bin); the cache service reads CACHE_VERIFIER_WEIGHTS
  --no-base        train from the pairs alone, without the rows that ship with Costlane
  --seed N         folds and trees follow from it (default 1)
  --json           the figures as one JSON document on standard output
  --shipped        make the weights that ship, from the pairs, the hand-written and the generated rows
  --static-model F another file of the static model`;

/** Of the pairs that ship, so many help to train: more of them add time, not quality. */
const basePairsUsed = 6_000;

const optionTable = {
  pairs: { type: 'string', multiple: true },
  dense: { type: 'string', multiple: true },
  onnx: { type: 'string' },
  out: { type: 'string' },
  'no-base': { type: 'boolean', default: false },
  'base-dense': { type: 'string' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  shipped: { type: 'boolean', default: false },
  'static-model': { type: 'string' },
  help: { type: 'boolean', default: false },
};

/** Sources of one making are left out together when thresholds are chosen. */
export function familyOf(source) {
  if (source.startsWith('authored-')) return source.slice(0, 10);
  if (source.startsWith('generated')) return 'generated';
  if (source.startsWith('derived-')) return 'derived';
  const families = {
    hwu64: 'requests',
    snips: 'requests',
    banking77: 'intents',
    clinc150: 'intents',
    paraqa: 'tables',
    wikisql: 'tables',
  };
  return families[source] ?? source;
}

async function cosinesFor(library, options, pairs, files) {
  if (files) return readCosines(files, pairs.length);
  const folder = options.onnx ?? process.env.COSTLANE_ONNX_MODEL;
  if (!folder) return undefined;
  const embedder = library.embedding.createOnnxEmbedder({ modelDir: folder });
  try {
    return await embedCosines(embedder, pairs, { onProgress: createProgress('embedding') });
  } finally {
    await embedder.close();
  }
}

async function ship(library, context, options) {
  const fromFiles = readPairFiles(library, options.pairs ?? []);
  const own = readShippedPairs(library);
  const pairs = library.balanceSources([...fromFiles, ...own], shippedShareOf);
  const cosines = await cosinesFor(library, options, pairs, options.dense);
  if (!cosines) throw new Error('--shipped needs --onnx DIR or --dense FILE: both models are made at once');
  const rows = library.extractRows(context.extractor, pairs, cosines);
  const digest = createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 8);
  const shipped = library.shipVerifier({
    rows,
    familyOf,
    modelId: `verifier-1-${digest}`,
    staticModelId: context.staticModel.modelId,
    onProgress: createProgress('training'),
  });
  return {
    weights: shipped.weights,
    figures: figuresOfAdapted(library, rows, shipped, { folds: familyFolds(shipped, pairs) }),
    pairs,
  };
}

const familyFolds = (shipped, pairs) =>
  Uint8Array.from(pairs, ({ source }) => shipped.families.indexOf(familyOf(source)));

/** Statements of an encyclopedia and questions to tables are far from what people ask a model: they count less. */
export const shippedShareOf = (source) =>
  source === 'paws-wiki' || source === 'wikisql' || source === 'paraqa' ? 0.5 : 1;

async function adapt(library, context, options) {
  if (!options.pairs) throw new Error(`--pairs FILE is needed.\n\n${usage}`);
  const pairs = readPairFiles(library, options.pairs);
  const cosines = await cosinesFor(library, options, pairs, options.dense);
  const rows = library.extractRows(context.extractor, pairs, cosines);
  const basePairs = options['no-base']
    ? []
    : library.balanceSources(library.samplePairs(readShippedPairs(library), basePairsUsed, 1));
  const hasEmbedder = !options.dense && cosines !== undefined;
  const baseCosines =
    basePairs.length === 0
      ? undefined
      : await cosinesFor(
          library,
          hasEmbedder ? options : {},
          basePairs,
          options['base-dense'] && [options['base-dense']],
        );
  const adapted = library.adaptVerifier({
    rows,
    baseRows: basePairs.length > 0 ? library.extractRows(context.extractor, basePairs, baseCosines) : undefined,
    base: library.loadVerifierWeights(shippedWeightsFile),
    seed: Number(options.seed),
    modelId: `adapted-${createHash('sha256')
      .update(JSON.stringify([pairs, options.seed]))
      .digest('hex')
      .slice(0, 8)}`,
    onProgress: createProgress('training'),
  });
  return { weights: adapted.weights, figures: figuresOfAdapted(library, rows, adapted), pairs };
}

function report({ figures, pairs, weights }, out) {
  const same = pairs.filter((pair) => pair.same).length;
  const lines = [
    `${pairs.length} pairs: ${same} same, ${pairs.length - same} different; figures on pairs that training did not see`,
  ];
  for (const [kind, { aimed, precisionRecallArea, calibrationError }] of Object.entries(figures)) {
    lines.push(
      `${kind}: area under precision-recall ${precisionRecallArea.toFixed(3)}, calibration error ${calibrationError.toFixed(3)}`,
    );
    for (const { aimedFalseHitRate, asShipped } of aimed)
      lines.push(
        `  aimed false hits ${percent(aimedFalseHitRate)}: answers ${percent(asShipped.recall)} of the same, ${percent(asShipped.falseHitRate, 2)} of the different`,
      );
  }
  if (!figures.dense)
    lines.push('dense: no cosines of a contextual embedder (--onnx, --dense), so that model is the one that ships');
  lines.push(
    `weights "${weights.modelId}" written to ${path.relative(process.cwd(), out) || out}; set CACHE_VERIFIER_WEIGHTS to this file`,
  );
  return lines.join('\n');
}

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  if (!Number.isInteger(Number(options.seed))) throw new Error('--seed must be a whole number');
  const library = await loadLibrary();
  const staticModel = library.embedding.loadStaticModel(options['static-model'] ?? shippedModelFile);
  const context = { staticModel, extractor: library.createFeatureExtractor(staticModel) };
  const result = await (options.shipped ? ship : adapt)(library, context, options);
  const out = path.resolve(
    options.out ?? (options.shipped ? shippedWeightsFile : path.join(root, '.costlane/verifier-weights.bin')),
  );
  mkdirSync(path.dirname(out), { recursive: true });
  writeFileSync(out, library.encodeWeights(result.weights));
  if (options.json)
    console.log(
      JSON.stringify({ pairs: result.pairs.length, modelId: result.weights.modelId, out, figures: result.figures }),
    );
  else console.log(report(result, out));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
