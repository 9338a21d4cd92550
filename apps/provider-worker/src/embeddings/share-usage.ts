import { emptyUsage, usageAxes, type TokenUsage } from '@costlane/domain';

/**
 * Shares the usage of one call out among those whose inputs it had, by weights (one for each, above 0): whole tokens whose sum is that of the call
 * on every axis. By largest remainder (Hamilton's method), the earlier one first among equals.
 */
export function shareUsage(usage: TokenUsage, weights: readonly number[]): TokenUsage[] {
  // Which of the inputs was not text is not known; texts have no such split.
  if (usage.modality) return weights.map((_, index) => (index === 0 ? usage : emptyUsage));
  const axes = usageAxes.map((axis) => ({ axis, shares: shareOut(usage[axis], weights) }));
  return weights.map((_, index) => {
    const share = Object.fromEntries(axes.map(({ axis, shares }) => [axis, shares[index] ?? 0]));
    return { ...usage, ...share };
  });
}

/** Whole parts of a whole that are as near to their weights as whole parts can be. */
export function shareOut(whole: number, weights: readonly number[]): number[] {
  if (whole === 0) return weights.map(() => 0);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const exact = weights.map((weight) => (whole * weight) / sum);
  const shares = exact.map(Math.floor);
  const rest = whole - shares.reduce((total, share) => total + share, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, rest)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
