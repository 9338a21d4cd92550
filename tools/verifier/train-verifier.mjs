// `npm run train:verifier`: fits the semantic tier's verifier to an operator's pairs, or (`--shipped`) makes the weights that ship.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adaptTo } from './adapt.mjs';
import { openDense } from './dense.mjs';
import { loadLibrary, root, shippedModelFile, shippedWeightsFile } from './library.mjs';
import { percent, readOptions } from './options.mjs';
import { readPairFiles } from './rows.mjs';
import { describeFamilies, familyFigures, makeShipped } from './ship.mjs';

const usage = `npm run train:verifier -- --pairs FILE [--pairs FILE2 …] [options]

  --pairs FILE       one JSON object a line: {"a": "…", "b": "…", "same": true, "source"?: "…", "weight"?: 1}
  --onnx DIR         folder of an ONNX embedder, for the model with dense cosines (default COSTLANE_ONNX_MODEL)
  --dense FILE       these cosines as a JSON array, one a pair in the order of the pairs, instead
  --out FILE         where the weights go (default .costlane/verifier-weights.bin)
  --no-base          from the pairs alone, without the rows that ship with Costlane
  --seed N           folds and trees follow from it (default 1)
  --json             the figures as one JSON document on standard output
  --shipped          make the weights that ship, from these pairs, the hand-written and the generated ones
  --static-model F   another file of the static model`;

const optionTable = {
  pairs: { type: 'string', multiple: true },
  dense: { type: 'string', multiple: true },
  onnx: { type: 'string' },
  out: { type: 'string' },
  'no-base': { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  shipped: { type: 'boolean', default: false },
  'static-model': { type: 'string' },
  help: { type: 'boolean', default: false },
};

/** Figures on the rows that each fold held out, by kind of model. */
function heldOutFigures(library, trained, rows) {
  const kinds = ['static', 'dense'].filter((kind) => trained[kind]);
  return Object.fromEntries(
    kinds.map((kind) => {
      const { heldOutVerdicts, heldOutProbabilities } = trained[kind];
      const { labels } = rows[kind];
      const point = (rate) => library.heldOutPoint(heldOutVerdicts, labels, trained.folds, rate);
      return [kind, library.verifierFigures(heldOutVerdicts, labels, point, heldOutProbabilities)];
    }),
  );
}

function report({ figures, families, pairs, weights }, out) {
  const same = pairs.filter((pair) => pair.same).length;
  const lines = [`${pairs.length} pairs: ${same} same, ${pairs.length - same} different; figures on held-out pairs`];
  for (const [kind, { aimed, precisionRecallArea, calibrationError }] of Object.entries(figures)) {
    const areas = `precision-recall area ${precisionRecallArea.toFixed(3)}, calibration error ${calibrationError.toFixed(3)}`;
    lines.push(`${kind === 'dense' ? 'with dense cosine' : 'static model alone'}: ${areas}`);
    for (const { aimedFalseHitRate, asShipped } of aimed)
      lines.push(
        `  aimed at ${percent(aimedFalseHitRate)} false hits: answers ${percent(asShipped.recall)} of the same, ` +
          `${percent(asShipped.falseHitRate, 2)} of the different`,
      );
  }
  if (!figures.dense)
    lines.push('with dense cosine: no cosines (--onnx, --dense), so this model stays the shipped one');
  if (families) lines.push(...describeFamilies(families, percent));
  lines.push(`"${weights.modelId}" is in ${path.relative('', out)}: set CACHE_VERIFIER_WEIGHTS to this file`);
  return lines.join('\n');
}

async function train(library, options, dense) {
  const staticModel = library.embedding.loadStaticModel(options['static-model'] ?? shippedModelFile);
  const extractor = library.createFeatureExtractor(staticModel);
  const common = { extractor, dense, denseFiles: options.dense };
  if (options.shipped)
    return makeShipped(library, { ...common, staticModelId: staticModel.modelId, pairFiles: options.pairs ?? [] });
  if (!options.pairs) throw new Error(`--pairs FILE is needed.\n\n${usage}`);
  const pairs = readPairFiles(library, options.pairs);
  const labels = new Set(pairs.map(({ same }) => same));
  if (labels.size < 2 || pairs.length < 50)
    throw new Error(`${pairs.length} pairs are too few: at least 50, some of them the same and some different`);
  const seed = Number(options.seed);
  const { adapted, rows } = await adaptTo(library, { ...common, pairs, withBase: !options['no-base'], seed });
  return { trained: adapted, rows, pairs };
}

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  if (!Number.isInteger(Number(options.seed))) throw new Error('--seed must be a whole number');
  const library = await loadLibrary();
  const dense = openDense(library, options);
  try {
    const { trained, rows, pairs } = await train(library, options, dense);
    const { weights } = trained;
    const defaultOut = options.shipped ? shippedWeightsFile : path.join(root, '.costlane/verifier-weights.bin');
    const out = path.resolve(options.out ?? defaultOut);
    mkdirSync(path.dirname(out), { recursive: true });
    writeFileSync(out, library.encodeWeights(weights));
    const figures = heldOutFigures(library, trained, rows);
    const families = options.shipped ? familyFigures(library, { trained, rows, pairs }) : undefined;
    const { modelId } = weights;
    if (options.json) console.log(JSON.stringify({ pairs: pairs.length, modelId, out, figures, families }));
    else console.log(report({ figures, families, pairs, weights }, out));
  } finally {
    await dense.close?.();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
