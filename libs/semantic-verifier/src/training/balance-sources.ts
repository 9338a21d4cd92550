import type { LabelledPair } from './labelled-pair';

/**
 * Weights that let each source count the same, times its share, and within it same and different pairs the same: a large source, or one with eight
 * near misses a question, would otherwise decide what a pair looks like. The mean weight is 1; a pair's own weight counts within its source.
 */
export function balanceSources(
  pairs: readonly LabelledPair[],
  shareOf: (source: string) => number = () => 1,
): LabelledPair[] {
  const totals = new Map<string, { same: number; different: number }>();
  for (const { source, same, weight } of pairs) {
    const total = totals.get(source) ?? { same: 0, different: 0 };
    total[same ? 'same' : 'different'] += weight;
    totals.set(source, total);
  }
  const balanced = pairs.map((pair) => {
    const total = totals.get(pair.source) ?? { same: 0, different: 0 };
    const hasBoth = total.same > 0 && total.different > 0;
    const own = pair.same ? total.same : total.different;
    return { ...pair, weight: (shareOf(pair.source) * pair.weight * (hasBoth ? 0.5 : 1)) / own };
  });
  const mean = balanced.reduce((sum, { weight }) => sum + weight, 0) / Math.max(1, balanced.length);
  return balanced.map((pair) => ({ ...pair, weight: pair.weight / mean }));
}
