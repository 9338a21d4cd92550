import { chooseThresholds, adaptedThresholdOptions } from './choose-thresholds';
import type { OperatingPoint } from './metrics';
import { thresholdFor } from '../model/threshold-for';

/**
 * What adapted weights do on pairs they have not seen: for each fold the threshold comes from the other folds' held-out probabilities.
 * The threshold told is the mean of the folds'.
 */
export function heldOutPoint(
  probabilities: Float64Array,
  labels: Uint8Array,
  folds: Uint8Array,
  aimedFalseHitRate: number,
): OperatingPoint {
  const foldCount = folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
  const counts = { same: 0, different: 0, right: 0, wrong: 0 };
  let thresholdSum = 0;
  for (let fold = 0; fold < foldCount; fold += 1) {
    const rows = Array.from(folds.keys());
    const others = rows.filter((row) => folds[row] !== fold);
    const thresholds = chooseThresholds(
      {
        probabilities: Float64Array.from(others, (row) => probabilities[row] as number),
        labels: Uint8Array.from(others, (row) => labels[row] as number),
        sources: others.map(() => 'pairs'),
      },
      adaptedThresholdOptions,
    );
    const threshold = thresholdFor(thresholds, aimedFalseHitRate);
    thresholdSum += threshold;
    for (const row of rows) {
      if (folds[row] !== fold) continue;
      const isSame = labels[row] === 1;
      counts[isSame ? 'same' : 'different'] += 1;
      if ((probabilities[row] as number) >= threshold) counts[isSame ? 'right' : 'wrong'] += 1;
    }
  }
  const { same, different, right, wrong } = counts;
  return {
    threshold: thresholdSum / foldCount,
    recall: right / Math.max(1, same),
    falseHitRate: wrong / Math.max(1, different),
    precision: right + wrong === 0 ? 1 : right / (right + wrong),
  };
}
