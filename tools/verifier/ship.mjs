// The weights that ship, made from labelled pairs, the hand-written and the generated ones.
import { createHash } from 'node:crypto';
import { denseCosinesOf } from './dense.mjs';
import { createProgress } from './options.mjs';
import { readPairFiles, readShippedPairs } from './rows.mjs';

const likeSources = {
  hwu64: 'requests',
  snips: 'requests',
  banking77: 'intents',
  clinc150: 'intents',
  paraqa: 'tables',
  wikisql: 'tables',
};

const sumOfCodes = (text) => [...text].reduce((sum, character) => sum + character.charCodeAt(0), 0);

/** Sources of one making: they are left out together when thresholds are chosen, so that none stands in for another. Of grammars a quarter is. */
export function familyOf(source) {
  if (source.startsWith('authored-')) return source.slice(0, 'authored-x'.length);
  if (source.startsWith('gen-')) return `generated-${1 + (sumOfCodes(source) % 4)}`;
  if (source.startsWith('derived-')) return 'derived';
  return likeSources[source] ?? source;
}

/**
 * Statements of an encyclopedia with words changed about teach what word order does, but nobody asks them: thresholds that hold on them answer
 * half as many questions.
 */
const setsThresholds = (family) => family !== 'paws-wiki';

/**
 * Hand-written pairs are most like what people ask and count most; statements of an encyclopedia and questions to tables are far from it. Shares
 * were chosen on pairs that no training saw.
 */
function shareOf(source) {
  if (source.startsWith('authored-')) return 3;
  if (source.startsWith('gen-')) return 0.5;
  if (['banking77', 'clinc150', 'hwu64'].includes(source)) return 2;
  return ['paws-wiki', 'wikisql', 'paraqa', 'disfl-qa', 'rqe'].includes(source) ? 0.5 : 1;
}

/** Of a source, so many pairs: beyond them it says the same again, and its weight is its share whatever its size. */
const pairsOfSource = (source) => (source.startsWith('authored-') ? 500 : 1_500);

function cutSources(library, pairs) {
  const sources = [...new Set(pairs.map(({ source }) => source))];
  return sources.flatMap((source) =>
    library.samplePairs(
      pairs.filter((pair) => pair.source === source),
      pairsOfSource(source),
      1,
    ),
  );
}

/** Both models, from every pair that may ship. Needs dense cosines: files with those of all pairs, or an embedder. */
export async function makeShipped(library, { extractor, staticModelId, pairFiles, dense, denseFiles }) {
  const all = [...readPairFiles(library, pairFiles), ...readShippedPairs(library)];
  const pairs = library.balanceSources(cutSources(library, all), shareOf);
  const cosines = await denseCosinesOf(dense, denseFiles, pairs);
  if (!cosines) throw new Error(`--shipped makes both models, so it needs dense cosines; ${dense.skipped}`);
  const rows = library.extractRows(extractor, pairs, cosines);
  const shipped = library.shipVerifier({
    rows,
    familyOf,
    setsThresholds,
    modelId: `verifier-1-${createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 8)}`,
    staticModelId,
    onProgress: createProgress('training'),
  });
  const folds = Uint8Array.from(pairs, ({ source }) => shipped.families.indexOf(familyOf(source)));
  return { trained: { ...shipped, folds }, rows, pairs };
}

const tabledRates = [0.01, 0.02, 0.05];

/** What the weights would have answered of each family while it was held out whole: by kind of model, a line a family. */
export function familyFigures(library, { trained, rows, pairs }) {
  const ofFamilies = pairs.map((pair) => ({ ...pair, source: familyOf(pair.source) }));
  const figures = (kind) => {
    const { heldOutVerdicts } = trained[kind];
    const byRate = tabledRates.map((rate) => {
      const { probability } = trained.weights.models[kind].thresholds.findLast((point) => point.falseHitRate <= rate);
      return library.figuresBySource(ofFamilies, (row) => heldOutVerdicts[row] >= probability);
    });
    return byRate[0].map(({ source, same, different }, index) => ({
      family: source,
      setsThresholds: setsThresholds(source),
      same,
      different,
      aimed: tabledRates.map((aimedFalseHitRate, column) => {
        const { recall, falseHitRate } = byRate[column][index];
        return { aimedFalseHitRate, recall, falseHitRate };
      }),
    }));
  };
  return { static: figures('static'), dense: rows.dense && figures('dense') };
}

/** The same as lines of text. */
export function describeFamilies(figures, percent) {
  const line = ({ family, setsThresholds: sets, different, aimed }) => {
    const rates = aimed.map(
      ({ aimedFalseHitRate, falseHitRate }) => `${percent(falseHitRate, 2)} for ${percent(aimedFalseHitRate, 0)}`,
    );
    return `  ${family}${sets ? '' : ' (sets no threshold)'}: false hits ${rates.join(', ')}; ${different} different pairs`;
  };
  return Object.entries(figures).flatMap(([kind, families]) => [
    `held out whole, ${kind === 'dense' ? 'with dense cosine' : 'static model alone'}:`,
    ...families.map(line),
  ]);
}
