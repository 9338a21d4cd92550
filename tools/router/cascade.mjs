// A cascade, simulated: the cheap model answers first, and what its answer gives away decides whether the strong one is asked.
import { apgr, meanOf, savingAt } from './metrics.mjs';
import { createNormal, createRandom } from './random.mjs';

/** Price of a cheap call in strong calls: $1.50 and $30 per million tokens. */
export const cheapCallPrice = 1.5 / 30;
/** Share of wrong answers that anybody can see to be wrong: empty, cut off, a refusal, not in the form asked for. */
export const brokenShare = 0.05;
const draws = 10;

/** Distance of two normal distributions of unit width whose ROC area is `area`: √2 times its normal quantile, by bisection on the distribution. */
export function distanceOf(area) {
  // Abramowitz and Stegun 7.1.26, within 1.5e-7.
  const normal = (z) => {
    const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
    const tail =
      t *
      (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
      Math.exp((-z * z) / 2);
    return 1 - tail / 2;
  };
  let [low, high] = [0, 6];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (normal(middle / Math.SQRT2) < area) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Rank of rows after the cheap answer: the log-odds of the predicted gain plus the log-likelihood ratio of a signal that is normal with unit width,
 * `distance` lower where the answer is wrong. Broken answers come first.
 */
export function scoresAfterAnswer(predictions, rows, distance, seed) {
  const normal = createNormal(seed);
  const random = createRandom(seed + 1);
  return Float64Array.from(rows, ({ weak }, row) => {
    const isWrong = weak < 0.5;
    const signal = normal() - (isWrong ? distance : 0);
    if (isWrong && random() < brokenShare) return 1e6;
    const prediction = predictions[row];
    return Math.log(prediction / (1 - prediction)) - distance * signal - (distance * distance) / 2;
  });
}

/**
 * Figures at each assumed ROC area of the signal. Money is counted in strong calls: with the cascade a request costs the cheap call and, where it is
 * passed on, the strong one; without it one or the other. `budgetApgr`: APGR over spending between all-cheap and all-strong.
 */
export function cascadeFigures(scores, probabilities, rows, areas = [0.7, 0.75, 0.8]) {
  const alone = savingAt(scores, rows, 0.978);
  const without = {
    area: 0,
    apgr: apgr(scores, rows),
    budgetApgr: apgr(scores, rows),
    callsAvoided978: alone,
    moneySaved978: alone * (1 - cheapCallPrice),
  };
  return [
    without,
    ...areas.map((area) => {
      const distance = distanceOf(area);
      const figures = Array.from({ length: draws }, (_, draw) => {
        const after = scoresAfterAnswer(probabilities, rows, distance, 1000 * draw + 7);
        const callsAvoided978 = savingAt(after, rows, 0.978);
        return {
          apgr: apgr(after, rows),
          budgetApgr: apgr(after, rows, 1 - cheapCallPrice),
          callsAvoided978,
          moneySaved978: callsAvoided978 - cheapCallPrice,
        };
      });
      return { area, ...meanOf(figures) };
    }),
  ];
}
