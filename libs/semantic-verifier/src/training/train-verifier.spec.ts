import { calibrate } from '../model/calibration';
import { adaptVerifier } from './adapt-verifier';
import type { PairRows } from './extract-rows';
import { heldOutPoint } from './held-out-points';
import { precisionRecallArea } from './metrics';
import { replayManySeeds } from './replay-traffic';
import { createRandom } from './seeded-random';
import { shipVerifier } from './ship-verifier';
import { defaultBoosting } from './train-boosted-trees';
import { scoreRows } from './train-ensemble';

const ensemble = { boosting: { ...defaultBoosting, trees: 40, learningRate: 0.15, featureShare: 1 }, seeds: 1 };

/** Pairs whose likeness tells the label up to noise; every twentieth different one is vetoed. `shift` makes a source look more alike than others. */
function makeRows(count: number, seed: number, sources: readonly string[] = ['one'], shift = 0): PairRows {
  const random = createRandom(seed);
  const names = ['likeness', 'noise'];
  const values = new Float32Array(count * 2);
  const same = Array.from({ length: count }, (_, row) => {
    const isSame = random() < 0.5;
    values[row * 2] = (isSame ? 0.6 : 0.3 + shift) + (random() + random() + random() - 1.5) * 0.35;
    values[row * 2 + 1] = random();
    return isSame;
  });
  const pairs = same.map((isSame, row) => ({
    a: `question ${seed} ${row}`,
    b: `asked ${seed} ${row}`,
    same: isSame,
    source: sources[row % sources.length] ?? 'one',
    weight: 1,
  }));
  return {
    pairs,
    matrix: { names, rowCount: count, values },
    labels: Uint8Array.from(same, Number),
    weights: new Float32Array(count).fill(1),
    vetoes: same.map((isSame, row) => (!isSame && row % 20 === 0 ? 'number' : undefined)),
  };
}

const noWeights = {
  trees: {
    base: 0,
    roots: new Uint32Array(),
    feature: new Uint16Array(),
    value: new Float32Array(),
    right: new Uint16Array(),
  },
  calibration: { scores: [], logOdds: [] },
  thresholds: [],
};
const base = {
  modelId: 'base',
  staticModelId: 's',
  featureNames: ['likeness', 'noise'],
  models: { static: noWeights, dense: noWeights },
};

const rows = makeRows(2000, 1);
const adapted = adaptVerifier({ rows: { static: rows }, base, ensemble, modelId: 'adapted' });
const probabilities = adapted.static.heldOutProbabilities;

test('adapted weights rank pairs that their folds have not seen, and their probabilities come true', () => {
  expect(precisionRecallArea(probabilities, rows.labels)).toBeGreaterThan(0.85);
  let gap = 0;
  probabilities.forEach((probability, row) => (gap += probability - (rows.labels[row] ?? 0)));
  expect(Math.abs(gap) / rows.pairs.length).toBeLessThan(0.02);
});

test.each([0.02, 0.05])('a threshold for %p false hits, chosen without a fold, holds in it', (rate) => {
  const point = heldOutPoint(probabilities, rows.labels, adapted.folds, rate);
  expect(point.falseHitRate).toBeLessThanOrEqual(rate * 1.5);
  expect(point.recall).toBeGreaterThan(0.1);
});

test('what a veto refuses has probability nought', () => {
  rows.vetoes.forEach((veto, row) => veto && expect(probabilities[row]).toBe(0));
});

test('training is deterministic, and the dense model stays the base one where pairs have no dense cosines', () => {
  const again = adaptVerifier({ rows: { static: rows }, base, ensemble, modelId: 'adapted' });
  expect(again.weights).toEqual(adapted.weights);
  expect(adapted.weights.models.dense).toBe(noWeights);
});

test('rows that ship help while an operator has few pairs of his own', () => {
  const few = makeRows(30, 3);
  const alone = adaptVerifier({ rows: { static: few }, base, ensemble, modelId: 'few' });
  const helped = adaptVerifier({ rows: { static: few }, baseRows: { static: rows }, base, ensemble, modelId: 'few' });
  const area = (of: typeof alone) => precisionRecallArea(of.static.heldOutScores, few.labels);
  expect(area(helped)).toBeGreaterThan(area(alone));
});

test('the threshold that ships follows the source that misleads most when it is left out', () => {
  const easy = makeRows(1200, 4, ['a', 'b']);
  const hard = makeRows(600, 5, ['c'], 0.2);
  const join = (first: PairRows, second: PairRows): PairRows => ({
    pairs: [...first.pairs, ...second.pairs],
    matrix: {
      names: first.matrix.names,
      rowCount: first.pairs.length + second.pairs.length,
      values: Float32Array.from([...first.matrix.values, ...second.matrix.values]),
    },
    labels: Uint8Array.from([...first.labels, ...second.labels]),
    weights: Float32Array.from([...first.weights, ...second.weights]),
    vetoes: [...first.vetoes, ...second.vetoes],
  });
  const ship = (all: PairRows, setsThresholds = (_family: string) => true) =>
    shipVerifier({
      rows: { static: all, dense: all },
      familyOf: (source) => source,
      setsThresholds,
      modelId: 'm',
      staticModelId: 's',
      ensemble,
    });
  const at = (shipped: ReturnType<typeof ship>) =>
    shipped.weights.models.static.thresholds.find(({ falseHitRate }) => falseHitRate === 0.05)?.probability ?? 0;
  expect(at(ship(join(easy, hard)))).toBeGreaterThan(at(ship(easy)));
  const spared = ship(join(easy, hard), (family) => family !== 'c');
  expect(at(spared)).toBeLessThan(at(ship(join(easy, hard))));
});

test.each([0.01, 0.02, 0.05])(
  'unseen pairs replayed as traffic under a limit of %p: wrong hits stay within it',
  (limit) => {
    const traffic = makeRows(6000, 9);
    const { trees, calibration } = adapted.weights.models.static;
    const foreseen = scoreRows(trees, traffic).map((score) =>
      score === -Infinity ? 0 : calibrate(calibration, score),
    );
    const options = { limit, auditShare: 0.1, rounds: 1, seeds: 10 };
    const { wrongShareMean, withinLimitShare } = replayManySeeds(foreseen, traffic.labels, options);
    expect(wrongShareMean).toBeLessThanOrEqual(limit);
    expect(withinLimitShare).toBeGreaterThanOrEqual(0.9);
  },
);
