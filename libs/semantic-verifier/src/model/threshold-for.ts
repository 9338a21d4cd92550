import type { ThresholdPoint } from './verifier-weights';

/** No pair reaches it: probabilities end at 1. */
const never = 2;

/**
 * Probability from which pairs may be taken for an aimed false-hit rate (0 to 1): that of the nearest tabled rate that is not above it, so
 * never laxer than what was shown. Above 1, which takes nothing, where no rate that low was shown.
 */
export function thresholdFor(thresholds: readonly ThresholdPoint[], maxFalseHitRate: number): number {
  let probability = never;
  for (const point of thresholds) if (point.falseHitRate <= maxFalseHitRate + 1e-12) probability = point.probability;
  return probability;
}
