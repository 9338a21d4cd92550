import type { ApiError } from '../api-error';

/** Statuses by HTTP status, as Google's documentation lists them ("Troubleshooting"). */
const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** What is said differently from OpenAI, by the code that a behaviour asked for. */
const wordsByCode: Readonly<Record<string, string>> = {
  context_length_exceeded: 'The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).',
  invalid_api_key: 'API key not valid. Please pass a valid API key.',
  insufficient_quota: 'Your project has exceeded its monthly spending cap.',
  rate_limit_exceeded: 'You exceeded your current quota, please check your plan and billing details.',
  server_is_overloaded: 'The model is overloaded. Please try again later.',
};

const typeUrl = (name: string): string => `type.googleapis.com/google.rpc.${name}`;

/** The status that Google answers with: a key that it does not know is an invalid argument. */
export const googleStatus = ({ status, code }: ApiError): number => (code === 'invalid_api_key' ? 400 : status);

/** An error body in Google's shape; how long to wait stands in it, and not in a header. */
export function renderGoogleError(error: ApiError, retryAfterSeconds?: number): string {
  const status = googleStatus(error);
  const details = [
    ...(error.code === 'invalid_api_key' ? [{ '@type': typeUrl('ErrorInfo'), reason: 'API_KEY_INVALID' }] : []),
    ...(retryAfterSeconds === undefined
      ? []
      : [{ '@type': typeUrl('RetryInfo'), retryDelay: `${retryAfterSeconds}s` }]),
  ];
  const message = (error.code === null ? undefined : wordsByCode[error.code]) ?? error.message;
  const named = statuses[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  return JSON.stringify({
    error: { code: status, message, status: named, ...(details.length > 0 ? { details } : {}) },
  });
}
