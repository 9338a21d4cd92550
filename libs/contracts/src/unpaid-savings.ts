import type { SavingsNanoUsd } from './reply';

/**
 * What an answer saved for which no provider was asked: from the baseline down to the model that once gave it by routing, the rest by not asking
 * it again.
 */
export function unpaidSavings(known: { baselineNanoUsd: number; askAgainNanoUsd?: number }): SavingsNanoUsd {
  const { baselineNanoUsd, askAgainNanoUsd = baselineNanoUsd } = known;
  return { cache: askAgainNanoUsd, routing: baselineNanoUsd - askAgainNanoUsd, prefix: 0, batching: 0 };
}
