import { CostlaneError, type ErrorCode } from '@costlane/domain';

type Row = readonly [code: ErrorCode, message: string];

const rows: Readonly<Record<number, Row>> = {
  401: ['upstream_auth_failed', "The embedding server refused Costlane's credentials"],
  402: ['upstream_quota_exhausted', "The quota of Costlane's account at the embedding server is used up"],
  403: ['upstream_auth_failed', "The embedding server refused Costlane's credentials"],
  404: ['model_not_found', 'The embedding server does not know the model, or its base URL is wrong'],
  408: ['upstream_timeout', 'The embedding server timed out'],
  429: ['upstream_rate_limited', 'The embedding server is limiting the rate of requests'],
  503: ['upstream_overloaded', 'The embedding server is overloaded'],
  504: ['upstream_timeout', 'The embedding server timed out'],
  529: ['upstream_overloaded', 'The embedding server is overloaded'],
};

function rowOf(status: number): Row {
  const row = rows[status];
  if (row !== undefined) return row;
  if (status >= 500) return ['upstream_error', 'The embedding server failed'];
  if (status >= 400) return ['upstream_rejected', 'The embedding server rejected the request'];
  return ['upstream_error', 'The embedding server answered without an embedding; its base URL may be wrong'];
}

/** `retry-after` in seconds; its other form, a date, is rare here and is left out. */
const retryAfterMsOf = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d+(\.\d+)?$/.test(header) ? Math.ceil(Number(header) * 1_000) : undefined;

/** An answer that is no success, in our terms. Its body is not shown: a server may repeat the texts in it. */
export function mapStatus(status: number, retryAfter: string | undefined): CostlaneError {
  const [code, message] = rowOf(status);
  return new CostlaneError(code, `${message} (status ${status}).`, { retryAfterMs: retryAfterMsOf(retryAfter) });
}

/** The code of a system, TLS or undici error; of several addresses tried, the first's. Empty when there is none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, errors } = error as Error & { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) ? (errors.map(codeOf).find((found) => found !== '') ?? '') : '';
}

/** Undici does not give each error of its parser a code. */
const isParserError = (error: unknown): boolean => error instanceof Error && error.name === 'HTTPParserError';

const malformedCode = /^(HPE_|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|UND_ERR_HEADERS_OVERFLOW)/;
const timeoutCode = /^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/;

/** A failure of the connection in our terms, before or after the answer has begun; the cause stays with it for the log. */
export function mapTransportError(cause: unknown, hasBegun: boolean): CostlaneError {
  if (cause instanceof CostlaneError) return cause;
  const code = codeOf(cause);
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new CostlaneError('unavailable', 'This embedder has been closed.', { cause });
  }
  if (timeoutCode.test(code))
    return new CostlaneError('upstream_timeout', 'The embedding server timed out.', { cause });
  if (hasBegun || isParserError(cause) || malformedCode.test(code)) {
    return new CostlaneError('upstream_malformed', "The embedding server's answer is broken or breaks off.", { cause });
  }
  const reason = code === '' ? '' : ` (${code})`;
  return new CostlaneError('upstream_unreachable', `The embedding server could not be reached${reason}.`, { cause });
}
