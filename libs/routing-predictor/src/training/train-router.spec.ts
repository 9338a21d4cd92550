import { createPredictorOf } from '../create-routing-predictor';
import { calibrated } from '../model/calibrated';
import { encodeWeights } from '../model/weights-file';
import { fitCalibration } from './fit-calibration';
import { readFeatures, type OutcomeRow } from './read-features';
import { createRandom, drawFolds } from './seeded-random';
import { defaultRouterOptions, trainRouter } from './train-router';

const options = { ...defaultRouterOptions, trees: { ...defaultRouterOptions.trees, trees: 30, seeds: 1 } };

/** Questions about moons need the strong model nine times in ten, those about rivers one time in ten; open ones when they are long. */
function madeRows(count: number): OutcomeRow[] {
  const random = createRandom(5);
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? '';
  return Array.from({ length: count }, (_, row) => {
    const isHard = random() < 0.5;
    const filler = Array.from({ length: 4 }, () => pick(['old', 'small', 'far', 'cold', 'near', 'wide'])).join(' ');
    const subject = isHard ? 'distant moon orbits' : 'longest river flows';
    const prompt =
      row % 3 === 0
        ? `Say how ${filler} it is. ${isHard ? 'Count 12 and 7. Then add 30 to it. Tell it again. '.repeat(2) : ''}`
        : `Which ${filler} ${subject} here?\nA. ${pick(['one', 'two'])}\nB. ${pick(['three', 'four'])}\nAnswer:`;
    return { prompt, strong: 1, weak: random() < (isHard ? 0.1 : 0.9) ? 1 : 0 };
  });
}

describe('trainRouter', () => {
  const rows = madeRows(900);
  const features = readFeatures(rows);
  const chosen = Int32Array.from(rows.keys()).filter((row) => row < 700);
  const weights = trainRouter(features, chosen, 'made', options);

  it('ranks prompts it has not seen by whether the strong model is needed', () => {
    const { predict } = createPredictorOf(weights);
    const held = rows.slice(700);
    const needed = held.filter(({ weak }) => weak === 0);
    const other = held.filter(({ weak }) => weak === 1);
    const above = needed.flatMap((a) => other.map((b): number => (predict(a.prompt) > predict(b.prompt) ? 1 : 0)));
    // Nine in ten is what the labels allow: .9² + .5 · 2 · .9 · .1 = .9 of the pairs.
    expect(above.reduce((sum, win) => sum + win, 0) / above.length).toBeGreaterThan(0.8);
  });

  it('predicts about the share that is observed', () => {
    const { predict } = createPredictorOf(weights);
    const held = rows.slice(700).map(({ prompt, weak }) => ({ probability: predict(prompt), isNeeded: 1 - weak }));
    for (const part of [
      held.filter(({ probability }) => probability > 0.5),
      held.filter(({ probability }) => probability <= 0.5),
    ]) {
      const mean = (read: (row: (typeof held)[number]) => number): number =>
        part.reduce((sum, row) => sum + read(row), 0) / part.length;
      expect(Math.abs(mean((row) => row.probability) - mean((row) => row.isNeeded))).toBeLessThan(0.12);
    }
  });

  it('gives the same file for the same rows and seed, byte for byte', () => {
    const again = trainRouter(readFeatures(rows), chosen, 'made', options);
    expect(Buffer.from(encodeWeights(again)).equals(Buffer.from(encodeWeights(weights)))).toBe(true);
  });

  it('uses nothing of rows that were not chosen', () => {
    const spoilt = rows.map((row, at) => (at < 700 ? row : { prompt: 'x', strong: 0, weak: 1 }));
    const again = trainRouter(readFeatures(spoilt), chosen, 'made', options);
    expect(Buffer.from(encodeWeights(again)).equals(Buffer.from(encodeWeights(weights)))).toBe(true);
  });
});

describe('fitCalibration', () => {
  const random = createRandom(3);
  const scores = Float64Array.from({ length: 4_000 }, () => random());
  const labels = scores.map((score) => (random() < 0.1 + 0.5 * score * score ? 1 : 0));
  const calibration = fitCalibration(scores, labels);

  it('comes near the true probability', () => {
    for (const score of [0.1, 0.3, 0.5, 0.7, 0.9])
      expect(Math.abs(calibrated(calibration, score) - (0.1 + 0.5 * score * score))).toBeLessThan(0.06);
  });

  it('rises strictly, within the scores it saw and beyond them', () => {
    let before = 0;
    for (let score = -1; score <= 2; score += 0.01) {
      const probability = calibrated(calibration, score);
      expect(probability).toBeGreaterThan(before);
      before = probability;
    }
  });
});

describe('drawFolds', () => {
  it('draws folds of equal size, others for another seed', () => {
    const folds = drawFolds(103, 5, 1);
    const sizes = [0, 1, 2, 3, 4].map((fold) => folds.filter((own) => own === fold).length);
    expect(sizes).toEqual([21, 21, 21, 20, 20]);
    expect(drawFolds(103, 5, 2)).not.toEqual(folds);
  });
});
