import type { ItemAnswer } from '@costlane/contracts';
import type { ItemOutcome } from '@costlane/jobs';

/** Refusals by which a request was turned away before anybody began with it. */
const untriedCodes = new Set(['overloaded', 'rate_limited', 'not_ready', 'unavailable', 'circuit_open']);

/** What a door's answer to an item means for the item. */
export function toOutcome(answer: ItemAnswer): ItemOutcome {
  const { status, errorCode = 'internal', isRetryable, retryAfterMs, paidNanoUsd: costNanoUsd, body: result } = answer;
  if (status < 400) return { kind: 'succeeded', status, result, costNanoUsd };
  const isUntried = isRetryable && costNanoUsd === 0 && untriedCodes.has(errorCode);
  return { kind: 'failed', status, errorCode, result, costNanoUsd, isRetryable, retryAfterMs, isUntried };
}
