import type { Interval } from './cluster-mean';

export type Verdict = 'better' | 'worse' | 'no_difference_shown' | 'too_few_data';

/**
 * What an interval of a difference says. It has to be made at a confidence that is corrected for the number of comparisons
 * ({@link comparisonConfidence}).
 */
export function verdictOf(
  difference: Interval,
  { isHigherBetter, isEnough }: { isHigherBetter: boolean; isEnough: boolean },
): Verdict {
  if (!isEnough || Number.isNaN(difference.low) || Number.isNaN(difference.high)) return 'too_few_data';
  if (difference.low > 0) return isHigherBetter ? 'better' : 'worse';
  if (difference.high < 0) return isHigherBetter ? 'worse' : 'better';
  return 'no_difference_shown';
}

/** Bonferroni: with it, that any of the comparisons shows a difference where there is none is no likelier than 1 − `confidence`. */
export const comparisonConfidence = (confidence: number, comparisons: number): number =>
  1 - (1 - confidence) / Math.max(1, comparisons);
