import type { ApiError } from '../api-error';

interface AnthropicError {
  type: string;
  message: string;
  details?: { error_code: string };
}

/** Types of errors by status, as Anthropic's documentation lists them ("Errors"). */
const typeByStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** What is said differently from OpenAI, by the code that a behaviour asked for. */
const wordsByCode: Readonly<Record<string, string>> = {
  context_length_exceeded: 'prompt is too long: 210000 tokens > 200000 maximum',
  invalid_api_key: 'invalid x-api-key',
  content_policy_violation: 'Output blocked by content filtering policy',
  rate_limit_exceeded: "This request would exceed your organization's rate limit of 50 requests per minute.",
  server_is_overloaded: 'Overloaded',
};
const spendWords =
  'You have reached your API usage limits: your organization has crossed its monthly API usage threshold.';

/** An error body in Anthropic's shape. */
export function renderAnthropicError(error: ApiError): string {
  return JSON.stringify({ type: 'error', error: describe(error), request_id: 'req_mock' });
}

function describe({ status, code, message }: ApiError): AnthropicError {
  const type = typeByStatus[status] ?? 'api_error';
  if (code === 'insufficient_quota') {
    return { type, message: spendWords, details: { error_code: 'enforced_spend_limit_reached' } };
  }
  return { type, message: (code === null ? undefined : wordsByCode[code]) ?? message };
}
