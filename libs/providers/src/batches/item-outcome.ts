import { CostlaneError, type TokenUsage } from '@costlane/domain';
import { estimateUsage } from '../openai-compatible/estimate-usage';
import { withWriteLifetime } from '../openai-compatible/write-lifetime';
import type { BatchItemFailure, BatchItemSuccess } from './provider-batches';

type ItemUsage = Pick<BatchItemSuccess, 'usage' | 'usageSource'>;

/**
 * What an answer used: as it says, its cache writes under the lifetime that the request asked for; else estimated from the lengths of the
 * answer and, where it is at hand, the request.
 */
export function itemUsage(
  usage: TokenUsage | undefined,
  answerBytes: number,
  requestBody: Buffer = Buffer.alloc(0),
): ItemUsage {
  if (!usage) return { usage: estimateUsage(requestBody.length, answerBytes), usageSource: 'estimated' };
  return { usage: underItsLifetime(usage, requestBody), usageSource: 'provider' };
}

function underItsLifetime(usage: TokenUsage, requestBody: Buffer): TokenUsage {
  const frame = { status: 200, contentType: '', latencyMs: 0, upstreamCalls: 1, isCacheable: false };
  return withWriteLifetime({ ok: true, usage, usageSource: 'provider', ...frame }, requestBody).usage ?? usage;
}

/** An item that was answered with an error. Errors are not charged for. */
export function failedItem({
  error,
  isRetryable,
  retryAfterMs,
  status,
  body,
}: Pick<BatchItemFailure, 'error' | 'isRetryable' | 'retryAfterMs' | 'status' | 'body'>): BatchItemFailure {
  return {
    ok: false,
    reason: 'rejected',
    error,
    isRetryable,
    retryAfterMs,
    status,
    body,
    usageSource: 'none',
    serviceTier: 'batch',
  };
}

/** An item that was never sent to the model. */
export function unansweredItem(reason: 'expired' | 'cancelled', provider: string): BatchItemFailure {
  const error =
    reason === 'expired'
      ? new CostlaneError('deadline_exceeded', `${provider} did not come to this request before its batch expired.`)
      : new CostlaneError('cancelled', 'The batch was cancelled before this request was answered.');
  return { ...failedItem({ error, isRetryable: reason === 'expired' }), reason };
}
