import type { GainCalibration } from '../model/router-weights';

const steps = 25;

/**
 * Logistic regression of a label (1: only the strong model succeeded) on a score that did not see it, by Newton's method (Platt 1999). The
 * slope stays above 0, so that probabilities rank as scores do.
 */
export function fitCalibration(scores: Float64Array, labels: Float64Array): GainCalibration {
  const prior = Math.min(
    0.99,
    Math.max(0.01, labels.reduce((sum, label) => sum + label, 0) / Math.max(1, labels.length)),
  );
  let slope = 1;
  let offset = Math.log(prior / (1 - prior));
  for (let step = 0; step < steps; step += 1) {
    let [gradientSlope, gradientOffset, slopeSlope, slopeOffset, offsetOffset] = [0, 0, 1e-6, 0, 1e-6];
    for (let row = 0; row < scores.length; row += 1) {
      const score = scores[row] as number;
      const probability = 1 / (1 + Math.exp(-(slope * score + offset)));
      const error = probability - (labels[row] as number);
      const weight = probability * (1 - probability);
      gradientSlope += error * score;
      gradientOffset += error;
      slopeSlope += weight * score * score;
      slopeOffset += weight * score;
      offsetOffset += weight;
    }
    const determinant = slopeSlope * offsetOffset - slopeOffset * slopeOffset;
    slope -= (offsetOffset * gradientSlope - slopeOffset * gradientOffset) / determinant;
    offset -= (slopeSlope * gradientOffset - slopeOffset * gradientSlope) / determinant;
  }
  return { slope: Math.max(0.01, slope), offset };
}
