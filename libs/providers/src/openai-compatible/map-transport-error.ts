import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { errorCodeOf } from './error-code-of';
import type { MappedFailure } from './map-error';

/** How far an answer had come when its connection failed. */
export type AnswerProgress = 'nothing' | 'body' | 'stream';

/** Errors of TLS: a certificate does not get better by trying again. */
const tlsCode = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const malformedCode = /^(HPE_|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|UND_ERR_HEADERS_OVERFLOW)/;
/** The host's name leads to an address that calls must not go to; see `network/checked-lookup.ts`. */
export const FORBIDDEN_ADDRESS = 'ECOSTLANE_FORBIDDEN_ADDRESS';
const notReached = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A failure of the connection in our terms. The cause stays with the error for the log; its text is not shown. */
export function mapTransportError(provider: string, cause: unknown, progress: AnswerProgress): MappedFailure {
  const code = errorCodeOf(cause);
  const failure = (ours: ErrorCode, message: string, isRetryable = true): MappedFailure => ({
    error: new CostlaneError(ours, message, { cause }),
    isRetryable,
    verdict: 'failure',
  });
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    const error = new CostlaneError('unavailable', 'Costlane is shutting down.', { cause });
    return { error, isRetryable: false, verdict: 'neutral' };
  }
  if (tlsCode.test(code)) {
    return failure('upstream_unreachable', `${provider} could not be reached securely (${code}).`, false);
  }
  if (code === FORBIDDEN_ADDRESS) {
    const message = `${provider} resolves to an address that is not allowed; PROVIDER_ALLOWED_HOSTS names exceptions.`;
    return failure('upstream_unreachable', message, false);
  }
  if (progress === 'stream') return failure('stream_interrupted', `${provider} broke off in the middle of its answer.`);
  if (malformedCode.test(code) || progress === 'body') {
    return failure('upstream_malformed', `${provider} broke off in the middle of its answer.`);
  }
  const how = notReached.has(code) ? 'could not be reached' : 'closed the connection before it answered';
  return failure('upstream_unreachable', `${provider} ${how}${code === '' ? '' : ` (${code})`}.`);
}
