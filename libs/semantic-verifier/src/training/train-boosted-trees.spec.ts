import { leafMark, predictLogOdds } from '../model/boosted-trees';
import { createScorer } from '../model/quick-scorer';
import type { FeatureMatrix } from './bin-features';
import { precisionRecallArea, rocArea } from './metrics';
import { createRandom } from './seeded-random';
import { defaultBoosting, trainBoostedTrees, type BoostingOptions } from './train-boosted-trees';

const small: BoostingOptions = { ...defaultBoosting, trees: 50, learningRate: 0.12, featureShare: 0.8 };

/** Rows whose label depends on features 0 and 1 together, and on whether feature 2 is missing; 3 to 5 are noise. */
function makeRows(count: number, seed: number): { matrix: FeatureMatrix; labels: Uint8Array; weights: Float32Array } {
  const random = createRandom(seed);
  const names = ['x', 'y', 'maybe', 'noise1', 'noise2', 'noise3'];
  const values = new Float32Array(count * names.length);
  const labels = new Uint8Array(count);
  for (let row = 0; row < count; row += 1) {
    for (let feature = 0; feature < names.length; feature += 1) values[row * names.length + feature] = random();
    const isMissing = random() < 0.3;
    if (isMissing) values[row * names.length + 2] = Number.NaN;
    const x = values[row * names.length] ?? 0;
    const y = values[row * names.length + 1] ?? 0;
    const isPositive = isMissing ? x > 0.3 : (x - 0.5) * (y - 0.5) > 0;
    labels[row] = isPositive === random() < 0.95 ? 1 : 0;
  }
  return { matrix: { names, rowCount: count, values }, labels, weights: new Float32Array(count).fill(1) };
}

const rowOf = (matrix: FeatureMatrix, row: number) =>
  matrix.values.subarray(row * matrix.names.length, (row + 1) * matrix.names.length);

const train = makeRows(3000, 1);
const trees = trainBoostedTrees(train, small);

test('an interaction and a missing value are learnt, and hold on rows that training has not seen', () => {
  const unseen = makeRows(2000, 2);
  const scores = unseen.labels.map(() => 0);
  const logOdds = Float64Array.from(scores, (_, row) => predictLogOdds(trees, rowOf(unseen.matrix, row)));
  expect(rocArea(logOdds, unseen.labels)).toBeGreaterThan(0.93);
  expect(precisionRecallArea(logOdds, unseen.labels)).toBeGreaterThan(0.9);
});

test('the same rows and seed give the same trees, another seed gives others', () => {
  expect(trainBoostedTrees(train, small)).toEqual(trees);
  expect(trainBoostedTrees(train, { ...small, seed: 2 }).value).not.toEqual(trees.value);
});

test('the fast scorer and the walk through the trees give the same log-odds, missing values included', () => {
  const scoreOf = createScorer(trees);
  for (let row = 0; row < 500; row += 1)
    expect(scoreOf(rowOf(train.matrix, row))).toBeCloseTo(predictLogOdds(trees, rowOf(train.matrix, row)), 10);
});

test('rows of weight nought do not count', () => {
  const opposite = makeRows(3000, 3);
  const joined = {
    matrix: {
      names: train.matrix.names,
      rowCount: 6000,
      values: Float32Array.from([...train.matrix.values, ...opposite.matrix.values]),
    },
    labels: Uint8Array.from([...train.labels, ...opposite.labels.map((label) => 1 - label)]),
    weights: Float32Array.from({ length: 6000 }, (_, row) => (row < 3000 ? 1 : 0)),
  };
  const weighted = trainBoostedTrees(joined, small);
  const logOdds = Float64Array.from(train.labels, (_, row) => predictLogOdds(weighted, rowOf(train.matrix, row)));
  expect(rocArea(logOdds, train.labels)).toBeGreaterThan(0.93);
});

test('leaves are no more and no smaller than allowed', () => {
  const limited = trainBoostedTrees(train, { ...small, trees: 5, maxLeaves: 4 });
  const leaves = limited.feature.filter((packed) => (packed & 0x7fff) === leafMark).length;
  expect(leaves).toBe(20);
  const stump = trainBoostedTrees(train, { ...small, trees: 1, minLeafHessian: 1e6 });
  expect(stump.value).toHaveLength(1);
});

test('a monotone constraint is kept even where the rows say otherwise', () => {
  const free = makeRows(3000, 4);
  const constrained = trainBoostedTrees({ ...free, monotone: { x: -1 } }, small);
  for (let row = 0; row < 200; row += 1) {
    const features = Float32Array.from(rowOf(free.matrix, row));
    let last = Infinity;
    for (let x = 0; x <= 1; x += 0.05) {
      features[0] = x;
      const logOdds = predictLogOdds(constrained, features);
      expect(logOdds).toBeLessThanOrEqual(last + 1e-6);
      last = logOdds;
    }
  }
});
