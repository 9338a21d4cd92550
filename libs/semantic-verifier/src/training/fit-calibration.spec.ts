import { calibrate } from '../model/calibration';
import { fitCalibration } from './fit-calibration';
import { createRandom } from './seeded-random';

function overconfident(count: number, seed: number) {
  const random = createRandom(seed);
  const scores = Array.from({ length: count }, () => (random() - 0.5) * 12);
  // The true log-odds are a third of the score.
  const labels = scores.map((score) => (random() < 1 / (1 + Math.exp(-score / 3)) ? 1 : 0));
  return { scores, labels, weights: scores.map(() => 1) };
}

test('scores that are three times too sure become probabilities that come true', () => {
  const { scores, labels, weights } = overconfident(8000, 1);
  const calibration = fitCalibration(scores, labels, weights);
  for (const score of [-5, -3, 0, 2, 5])
    expect(calibrate(calibration, score)).toBeCloseTo(1 / (1 + Math.exp(-score / 3)), 1);
});

test('a higher score never gives a lower probability, beyond the seen scores included', () => {
  const { scores, labels, weights } = overconfident(600, 2);
  const calibration = fitCalibration(scores, labels, weights);
  let last = 0;
  for (let score = -20; score <= 20; score += 0.1) {
    const probability = calibrate(calibration, score);
    expect(probability).toBeGreaterThan(last);
    expect(probability).toBeLessThan(1);
    last = probability;
  }
});

test('a range without a wrong pair is not taken for certainty', () => {
  const scores = Array.from({ length: 100 }, (_, row) => row);
  const calibration = fitCalibration(
    scores,
    scores.map((score) => (score >= 50 ? 1 : 0)),
    scores.map(() => 1),
  );
  expect(calibrate(calibration, 90)).toBeGreaterThan(0.95);
  expect(calibrate(calibration, 90)).toBeLessThan(0.999);
});

test('weights count', () => {
  const scores = [0, 0, 0, 0];
  const calibration = fitCalibration(scores, [1, 0, 0, 0], [300, 100, 100, 100]);
  expect(calibrate(calibration, 0)).toBeCloseTo(0.5, 2);
});
