// Figures of the semantic tier on labelled pairs: a cosine alone, the vetoes, the verifier, and pairs replayed as traffic.
import { timeDecisions } from './timing.mjs';

const streamLimits = [0.01, 0.02, 0.05];
const streamAuditShares = [0.05, 0.1];
const streamSeeds = 40;
const bySourceRate = 0.02;

/** Each pair's cosine by the static model. */
export const staticCosines = (staticModel, pairs) =>
  pairs.map(({ a, b }) => {
    const first = staticModel.embed(a);
    const second = staticModel.embed(b);
    return first.reduce((sum, value, index) => sum + value * second[index], 0);
  });

function streamFigures(library, probabilities, labels) {
  return streamLimits.flatMap((limit) =>
    streamAuditShares.map((auditShare) =>
      library.replayManySeeds(probabilities, labels, { limit, auditShare, rounds: 2, seeds: streamSeeds }),
    ),
  );
}

/** Figures of ready-made weights: every pair judged as the cache service would. */
export function evaluateWeights(library, { verifier, pairs, cosines, denseCosines, withStream = true }) {
  const labels = Uint8Array.from(pairs, ({ same }) => (same ? 1 : 0));
  const probabilities = Float64Array.from(
    pairs,
    ({ a, b }, row) => verifier.judge(verifier.prepare(a), verifier.prepare(b), denseCosines?.[row]).probability,
  );
  const threshold = (rate) => verifier.thresholdFor(rate, denseCosines !== undefined);
  const verifierPoint = (rate) => library.operatingPoint(probabilities, labels, threshold(rate));
  return {
    cosine: library.cosineFigures(cosines, labels),
    verifier: library.verifierFigures(probabilities, labels, verifierPoint),
    bySource: {
      aimedFalseHitRate: bySourceRate,
      sources: library.figuresBySource(pairs, (row) => probabilities[row] >= threshold(bySourceRate)),
    },
    traffic: withStream ? streamFigures(library, probabilities, labels) : undefined,
    microseconds: timeDecisions(verifier, pairs, denseCosines),
  };
}

/** Figures of training on these very pairs, each judged by the folds that did not hold its texts. */
export function evaluateAdapted(library, { adapted, kind, rows, pairs, cosines, withStream = true }) {
  const { labels } = rows;
  const { heldOutVerdicts: verdicts, heldOutProbabilities: probabilities } = adapted[kind];
  const point = (rate) => library.heldOutPoint(verdicts, labels, adapted.folds, rate);
  const threshold = point(bySourceRate).threshold;
  return {
    cosine: library.cosineFigures(cosines, labels),
    verifier: library.verifierFigures(verdicts, labels, point, probabilities),
    bySource: {
      aimedFalseHitRate: bySourceRate,
      sources: library.figuresBySource(pairs, (row) => verdicts[row] >= threshold),
    },
    traffic: withStream ? streamFigures(library, probabilities, labels) : undefined,
  };
}
