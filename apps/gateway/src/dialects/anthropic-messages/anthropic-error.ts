import type { CostlaneError, ErrorCode } from '@costlane/domain';
import { fromFrameworkError, toHttpError } from '@costlane/platform';
import { isObject, type JsonObject } from './refuse-field';

export interface AnthropicErrorBody {
  type: 'error';
  error: { type: string; message: string } & JsonObject;
  request_id: string | null;
}

export interface AnthropicErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: AnthropicErrorBody;
}

/** Types and statuses as in Anthropic's "Errors" (read November 2026), where they are not the ones of the status. */
const byCode: Partial<Record<ErrorCode, readonly [type: string, status: number]>> = {
  body_too_large: ['request_too_large', 413],
  overloaded: ['overloaded_error', 529],
  upstream_overloaded: ['overloaded_error', 529],
  circuit_open: ['overloaded_error', 529],
  not_ready: ['overloaded_error', 529],
  unavailable: ['overloaded_error', 529],
};

const byStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
};

function typeAndStatus({ code, httpStatus }: CostlaneError): readonly [type: string, status: number] {
  const own = byCode[code];
  if (own) return own;
  const type = byStatus[httpStatus];
  if (type !== undefined) return [type, httpStatus];
  return httpStatus >= 400 && httpStatus < 499 ? ['invalid_request_error', httpStatus] : ['api_error', 500];
}

/**
 * Any thrown value as Anthropic's clients read it; `x-error-code` has our own code.
 * @param upstream the provider's error body, where the client is to see it: its words go before ours
 */
export function toAnthropicError(error: unknown, requestId: string | null, upstream?: unknown): AnthropicErrorAnswer {
  const known = fromFrameworkError(error);
  const [type, status] = typeAndStatus(known);
  const headers = { ...toHttpError(known).headers };
  // Its clients ask again on their own: they need not where that cannot help.
  if (status >= 429 && !known.isRetryable) headers['x-should-retry'] = 'false';
  return {
    status,
    headers,
    body: { type: 'error', error: { type, message: known.message, ...theirs(upstream) }, request_id: requestId },
  };
}

/** Anthropic's own error as it is; of another provider's the words. */
function theirs(upstream: unknown): JsonObject {
  if (!isObject(upstream) || !isObject(upstream['error'])) return {};
  const { error } = upstream;
  if (upstream['type'] === 'error') return error;
  return typeof error['message'] === 'string' ? { message: error['message'] } : {};
}
