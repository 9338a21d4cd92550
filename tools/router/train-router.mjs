// `npm run train:router`: fits the predictor of what only the strong model answers to rows of outcomes.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readOutcomes } from './csv.mjs';
import { loadLibrary, root, shippedWeightsFile } from './library.mjs';
import { readOptions } from './options.mjs';

const usage = `npm run train:router -- --rows FILE [options]

  --rows FILE   CSV with prompt, source, strong_correct, weak_correct (0 to 1); some hundreds of rows at least
  --out FILE    where the weights go (default .costlane/router-weights.bin)
  --shipped     make the weights that ship
  --seed N      trees and folds follow from it (default 1)
  --json        what was made as one JSON document on standard output`;

const optionTable = {
  rows: { type: 'string' },
  out: { type: 'string' },
  shipped: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const leastRows = 200;

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  if (!options.rows) throw new Error(`--rows FILE is needed.\n\n${usage}`);
  const seed = Number(options.seed);
  if (!Number.isInteger(seed)) throw new Error('--seed must be a whole number');
  const rows = readOutcomes(options.rows);
  if (rows.length < leastRows || !rows.some(({ strong, weak }) => strong > weak))
    throw new Error(
      `${options.rows}: ${rows.length} rows are too few: at least ${leastRows}, and the strong model must win some`,
    );
  const library = await loadLibrary();
  const training = { ...library.defaultRouterOptions, seed };
  const digest = createHash('sha256')
    .update(JSON.stringify([rows, training]))
    .digest('hex')
    .slice(0, 8);
  const weights = library.trainRouter(
    library.readFeatures(rows),
    Int32Array.from(rows.keys()),
    `pairs-extra-${rows.length}-${digest}`,
    training,
  );
  const out = path.resolve(
    options.out ?? (options.shipped ? shippedWeightsFile : path.join(root, '.costlane/router-weights.bin')),
  );
  const bytes = library.encodeWeights(weights);
  mkdirSync(path.dirname(out), { recursive: true });
  writeFileSync(out, bytes);
  const made = { id: weights.id, rows: rows.length, out, sizeBytes: bytes.length };
  if (options.json) console.log(JSON.stringify(made));
  else console.log(`"${made.id}" of ${made.rows} rows is in ${path.relative('', out)}, ${made.sizeBytes} bytes`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
