import { cellSize } from './bin-features';

/** What a tree may do; all of it bounds how far it can follow single rows. */
export interface SplitLimits {
  /** Least sum of second derivatives in a leaf: a row of weight 1 has at most 0.25, less the surer its prediction is. */
  minLeafHessian: number;
  /** L2 penalty on leaf values. */
  l2: number;
  minGain: number;
}

export interface Split {
  feature: number;
  /** Rows whose range number is at most this go left. */
  bin: number;
  isMissingLeft: boolean;
  gain: number;
  leftValue: number;
  rightValue: number;
}

/** Sums over a leaf's rows. */
export interface LeafSums {
  gradient: number;
  hessian: number;
}

/** Values that a monotone constraint higher up leaves to a leaf. */
export interface ValueRange {
  low: number;
  high: number;
}

const clamp = (value: number, { low, high }: ValueRange) => Math.min(high, Math.max(low, value));

/** Loss reduction (twice) of a leaf that holds `value`. */
const scoreOf = (gradient: number, hessian: number, value: number, l2: number) =>
  -(2 * gradient * value + (hessian + l2) * value * value);

/**
 * The best threshold of one feature, with missing values tried on either side (XGBoost, Chen and Guestrin 2016, algorithm 3).
 * `start`: where the feature's cells begin in the histogram. `direction`: 1 the prediction may only rise with the feature, -1 only fall, 0 free.
 */
export function findSplit(
  histogram: Float64Array,
  start: number,
  feature: number,
  binCount: number,
  sums: LeafSums,
  range: ValueRange,
  direction: number,
  limits: SplitLimits,
): Split | undefined {
  const missing = {
    gradient: histogram[start] as number,
    hessian: histogram[start + 1] as number,
  };
  const { l2, minLeafHessian } = limits;
  const parentValue = clamp(-sums.gradient / (sums.hessian + l2), range);
  const parentScore = scoreOf(sums.gradient, sums.hessian, parentValue, l2);
  let best: Split | undefined;
  for (let side = missing.hessian > 0 ? 0 : 1; side < 2; side += 1) {
    const isMissingLeft = side === 0;
    let gradient = isMissingLeft ? missing.gradient : 0;
    let hessian = isMissingLeft ? missing.hessian : 0;
    for (let bin = 1; bin <= binCount; bin += 1) {
      const at = start + bin * cellSize;
      gradient += histogram[at] as number;
      hessian += histogram[at + 1] as number;
      if (hessian < minLeafHessian) continue;
      if (sums.hessian - hessian < minLeafHessian) break;
      // The last range against the missing values alone is a split only where there are some.
      if (bin === binCount && (isMissingLeft || missing.hessian === 0)) break;
      const leftValue = clamp(-gradient / (hessian + l2), range);
      const rightGradient = sums.gradient - gradient;
      const rightHessian = sums.hessian - hessian;
      const rightValue = clamp(-rightGradient / (rightHessian + l2), range);
      if (direction !== 0 && (rightValue - leftValue) * direction < 0) continue;
      const gain =
        scoreOf(gradient, hessian, leftValue, l2) + scoreOf(rightGradient, rightHessian, rightValue, l2) - parentScore;
      if (gain > limits.minGain && gain > (best?.gain ?? 0))
        best = { feature, bin, isMissingLeft, gain, leftValue, rightValue };
    }
  }
  return best;
}
