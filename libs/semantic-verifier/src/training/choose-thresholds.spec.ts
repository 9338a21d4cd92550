import { thresholdFor } from '../model/threshold-for';
import {
  adaptedThresholdOptions,
  chooseThresholds,
  defaultThresholdOptions,
  wilsonLower,
  wilsonUpper,
} from './choose-thresholds';
import { operatingPoint } from './metrics';
import { createRandom } from './seeded-random';

/** Different pairs of a source, with probabilities up to `highest`. */
function source(name: string, count: number, highest: number, seed: number) {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => ({ name, probability: random() * highest }));
}

function scoresOf(rows: { name: string; probability: number }[]) {
  return {
    probabilities: Float64Array.from(rows, ({ probability }) => probability),
    labels: new Uint8Array(rows.length),
    sources: rows.map(({ name }) => name),
  };
}

test('the aimed rate holds on the worst source within the slack, not only on average', () => {
  const rows = [...source('easy', 4000, 0.5, 1), ...source('hard', 1000, 1, 2)];
  const thresholds = chooseThresholds(scoresOf(rows));
  for (const aimed of [0.01, 0.02, 0.05]) {
    const threshold = thresholdFor(thresholds, aimed);
    const hard = rows.filter(({ name }) => name === 'hard').map(({ probability }) => probability);
    const { falseHitRate } = operatingPoint(hard, new Uint8Array(hard.length), threshold);
    expect(falseHitRate).toBeLessThanOrEqual(aimed * defaultThresholdOptions.sourceSlack);
    expect(falseHitRate).toBeGreaterThan(0);
  }
});

test('a rate that too few pairs can show gets a threshold that nothing reaches', () => {
  const thresholds = chooseThresholds(scoresOf(source('few', 60, 0.5, 3)));
  expect(thresholdFor(thresholds, 0.001)).toBeGreaterThan(1);
  expect(thresholdFor(thresholds, 0.1)).toBeLessThan(1);
});

test('a hundred pairs show no rate of one in five hundred, however little is kept back', () => {
  const thresholds = chooseThresholds(scoresOf(source('few', 100, 0.5, 3)), adaptedThresholdOptions);
  expect(thresholdFor(thresholds, 0.002)).toBeGreaterThan(1);
  expect(thresholdFor(thresholds, 0.02)).toBeLessThan(1);
});

test('small sources are judged together', () => {
  const names = Array.from({ length: 20 }, (_, index) => source(`tiny-${index}`, 50, 0.5, index + 1)).flat();
  expect(thresholdFor(chooseThresholds(scoresOf(names)), 0.02)).toBeLessThan(1);
});

test('a stricter rate never has a lower threshold, and a rate between two tabled ones takes the stricter', () => {
  const thresholds = chooseThresholds(scoresOf(source('one', 5000, 1, 4)));
  for (let index = 1; index < thresholds.length; index += 1)
    expect(thresholds[index]?.probability).toBeLessThanOrEqual(thresholds[index - 1]?.probability ?? 0);
  expect(thresholdFor(thresholds, 0.025)).toBe(thresholdFor(thresholds, 0.02));
  expect(thresholdFor(thresholds, 0.00001)).toBeGreaterThan(1);
});

test('Wilson bounds enclose the share and close in with more trials', () => {
  expect(wilsonUpper(0, 0, 1)).toBe(1);
  expect(wilsonLower(2, 100, 1)).toBeLessThan(0.02);
  expect(wilsonUpper(2, 100, 1)).toBeGreaterThan(0.02);
  expect(wilsonUpper(200, 10_000, 1)).toBeLessThan(wilsonUpper(2, 100, 1));
});
