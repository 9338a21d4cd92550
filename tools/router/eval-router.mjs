// `npm run eval:router`: what the predictor is worth on rows it did not train on, beside what costs nothing to compute.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cascadeFigures } from './cascade.mjs';
import { readOutcomes, readScores } from './csv.mjs';
import { complexities, outOfFold, timeCalls } from './folds.mjs';
import { labelledPromptsFile, loadLibrary, shippedWeightsFile } from './library.mjs';
import { calibrationError, figuresOf, meanOf, randomFigures, reliability } from './metrics.mjs';
import { labelledMix, mixCascadeFigures, mixFigures } from './mix.mjs';
import { readOptions } from './options.mjs';
import { render } from './report.mjs';

const usage = `npm run eval:router -- --rows FILE [options]

  --rows FILE      CSV with prompt, source, strong_correct, weak_correct: 5 folds, each judged by weights of the other four
  --mtbench FILE   CSV with prompt, category, strong_score, weak_score, judged by weights trained on all of --rows
  --seeds N,N,…    divisions into folds; figures are means over them (default 1,2,3)
  --curve          a learning curve, too: the first division with an eighth, a quarter, half and all of the training rows
  --json           the figures as one JSON document on standard output
  --out FILE       write the tables there, too`;

const optionTable = {
  rows: { type: 'string' },
  mtbench: { type: 'string' },
  seeds: { type: 'string', default: '1,2,3' },
  curve: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
};

const curveShares = [0.125, 0.25, 0.5, 1];

/** Rows by the family of their source: what stands before the colon. */
function familiesOf(rows) {
  const families = new Map([['all', [...rows.keys()]]]);
  rows.forEach(({ source }, row) => {
    const family = source.split(':')[0];
    if (!families.has(family)) families.set(family, []);
    families.get(family).push(row);
  });
  return families.size === 2 ? new Map([...families].slice(0, 1)) : families;
}

const part = (values, chosen) => Float64Array.from(chosen, (row) => values[row]);

function rankings(rows, families, predictionsBySeed, scores) {
  const of = (values, chosen) =>
    figuresOf(
      part(values, chosen),
      chosen.map((row) => rows[row]),
    );
  return [...families].map(([family, chosen]) => ({
    family,
    rows: chosen.length,
    predictor: meanOf(predictionsBySeed.map((predictions) => of(predictions, chosen))),
    byDivision: predictionsBySeed.map((predictions) => of(predictions, chosen)),
    complexity: of(scores.complexity, chosen),
    length: of(scores.length, chosen),
    random: randomFigures(chosen.map((row) => rows[row])),
  }));
}

function evaluateRows(library, rows, seeds) {
  const divisions = seeds.map((seed) =>
    outOfFold(library, rows, {
      seed,
      onFold: (done, of) => process.stderr.write(`division ${seed}: fold ${done} of ${of}\n`),
    }),
  );
  const labels = Float64Array.from(rows, ({ strong, weak }) => strong * (1 - weak));
  const plain = {
    complexity: complexities(library, rows),
    length: Float64Array.from(rows, ({ prompt }) => prompt.length),
  };
  const families = familiesOf(rows);
  const overDivisions = (read) => {
    const lists = divisions.map(read);
    return lists[0].map((_, at) => meanOf(lists.map((list) => list[at])));
  };
  return {
    seeds,
    rankings: rankings(
      rows,
      families,
      divisions.map(({ scores }) => scores),
      plain,
    ),
    calibrationError: meanOf(divisions.map(({ probabilities }) => ({ error: calibrationError(probabilities, labels) })))
      .error,
    reliability: reliability(divisions[0].probabilities, labels),
    cascade: overDivisions(({ scores, probabilities }) => cascadeFigures(scores, probabilities, rows)),
    mix: overDivisions(({ scores, foldOf }) => mixFigures(scores, rows, foldOf)),
    mixCascade: overDivisions(({ probabilities, foldOf }) => mixCascadeFigures(probabilities, rows, foldOf)),
  };
}

/** APGR and calls avoided at 97.8 % by how much of the other folds trains: whether more rows would help. */
function learningCurve(library, rows, seed) {
  return curveShares.map((share) => {
    process.stderr.write(`learning curve: ${share * 100} % of the rows\n`);
    const { scores } = outOfFold(library, rows, { seed, share });
    const { apgr, saving978 } = figuresOf(scores, rows);
    return { rows: Math.round(rows.length * 0.8 * share), apgr, saving978 };
  });
}

function evaluateScores(library, rows, judged) {
  const weights = library.trainRouter(library.readFeatures(rows), Int32Array.from(rows.keys()), 'all-rows');
  const score = library.createScorer(weights);
  const predictions = Float64Array.from(judged, ({ prompt }) => score(prompt));
  const scores = {
    complexity: complexities(library, judged),
    length: Float64Array.from(judged, ({ prompt }) => prompt.length),
  };
  return rankings(judged, new Map([['mt-bench', [...judged.keys()]]]), [predictions], scores)[0];
}

function timings(library, rows) {
  if (!existsSync(shippedWeightsFile)) return undefined;
  const { predict } = library.createPredictorOf(library.loadRouterWeights(shippedWeightsFile));
  return {
    predictor: timeCalls(rows, predict),
    complexity: timeCalls(rows, (prompt) => complexities(library, [{ prompt }])),
  };
}

async function main(argv) {
  const options = readOptions(argv, optionTable, usage);
  if (options.help) return void console.log(usage);
  const seeds = options.seeds.split(',').map(Number);
  if (seeds.length === 0 || !seeds.every(Number.isInteger)) throw new Error('--seeds must be whole numbers');
  if (!options.rows || !existsSync(options.rows)) {
    const skipped = `${options.rows ?? '--rows FILE'}: there is no such file, so there is nothing to evaluate`;
    return void console.log(options.json ? JSON.stringify({ skipped }) : skipped);
  }
  const library = await loadLibrary();
  const rows = readOutcomes(options.rows);
  const figures = evaluateRows(library, rows, seeds);
  if (options.curve) figures.curve = learningCurve(library, rows, seeds[0]);
  const hasScores = options.mtbench && existsSync(options.mtbench);
  if (hasScores) figures.mtbench = evaluateScores(library, rows, readScores(options.mtbench));
  else if (options.mtbench) console.error(`${options.mtbench}: there is no such file, so it is left out`);
  figures.microseconds = timings(library, rows);
  figures.labelled = labelledMix(library, JSON.parse(readFileSync(labelledPromptsFile, 'utf8')));
  const text = render(figures, rows.length);
  if (options.out) writeFileSync(options.out, `${text}\n`);
  console.log(options.json ? JSON.stringify(figures) : text);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
