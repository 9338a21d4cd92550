import type { ApiError } from '../api-error';

/** What is said differently from OpenAI, by the code that a behaviour asked for ("Errors"). */
const wordsByCode: Readonly<Record<string, string>> = {
  context_length_exceeded:
    'too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 210000. Try using a shorter prompt.',
  invalid_api_key: 'invalid api token',
  insufficient_quota:
    'Maximum billing reached for this API key as set in your dashboard, please go to https://dashboard.cohere.com/billing?tab=payment to increase your maximum amount.',
  rate_limit_exceeded: 'You are past the per minute request limit, please wait and try again later.',
  slow_down: 'trial token rate limit exceeded, limit is 100000 tokens per minute',
  content_policy_violation: 'blocked output: please adjust your prompt and try again',
};

const PAYMENT_REQUIRED = 402;
const BLOCKED = 498;

/** The status that Cohere answers with: an account that is at its limit has to pay, what is not to be said has one of its own. */
export function cohereStatus({ status, code }: ApiError): number {
  if (code === 'insufficient_quota') return PAYMENT_REQUIRED;
  return code === 'content_policy_violation' ? BLOCKED : status;
}

/** An error body in Cohere's shape: a message, and the answer's id. */
export function renderCohereError(error: ApiError): string {
  const message = (error.code === null ? undefined : wordsByCode[error.code]) ?? error.message;
  return JSON.stringify({ id: 'mock-error', message });
}
