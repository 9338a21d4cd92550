import { CostlaneError } from '@costlane/domain';
import { errorCodeOf } from '../openai-compatible/error-code-of';
import { isObject } from '../openai-compatible/json-object';
import { FORBIDDEN_ADDRESS, mapTransportError, type AnswerProgress } from '../openai-compatible/map-transport-error';
import type { CallOptions } from './provider-batches';

/** Why a call of a Batch API failed. */
export interface CallFailure {
  readonly error: CostlaneError;
  readonly isRetryable: boolean;
  readonly retryAfterMs?: number;
  /** The provider's, where it answered. */
  readonly status?: number;
  /** What was asked for may have been done all the same. */
  readonly mayHaveArrived: boolean;
}

/** No connection came about: nothing was sent. */
const neverSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  FORBIDDEN_ADDRESS,
]);
const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A call that had no answer, in our terms. */
export function mapCallError(
  provider: string,
  cause: unknown,
  { deadlineAtMs, signal }: CallOptions,
  progress: AnswerProgress = 'nothing',
): CallFailure {
  // Thrown by who made the body: it was never whole.
  if (cause instanceof CostlaneError) return { error: cause, isRetryable: cause.isRetryable, mayHaveArrived: false };
  if (signal?.aborted) {
    const error = new CostlaneError('cancelled', 'The request was cancelled.');
    return { error, isRetryable: false, mayHaveArrived: true };
  }
  const code = errorCodeOf(cause);
  const isLate = isObject(cause) && cause['name'] === 'TimeoutError';
  if (isLate || timeoutCodes.has(code)) {
    const error = new CostlaneError('upstream_timeout', `${provider} did not answer in time.`, { cause });
    const hasTimeLeft = deadlineAtMs === undefined || Date.now() < deadlineAtMs;
    return { error, isRetryable: !isLate && hasTimeLeft, mayHaveArrived: true };
  }
  const { error, isRetryable } = mapTransportError(provider, cause, progress);
  return { error, isRetryable, mayHaveArrived: !neverSentCodes.has(code) };
}
