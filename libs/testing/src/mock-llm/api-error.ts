/** An error as OpenAI's API words it. */
export interface ApiError {
  status: number;
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** What a step that reads the caller's input hands on: the value, or the error to answer with. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; error: ApiError };

/** A 400 that names the parameter at fault. */
export function invalidRequest(message: string, param: string | null, code: string | null = null): ApiError {
  return { status: 400, message, type: 'invalid_request_error', param, code };
}

/** The 404 for a model that the provider does not have. */
export function modelNotFound(model: string): ApiError {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return { status: 404, message, type: 'invalid_request_error', param: null, code: 'model_not_found' };
}

/** The JSON body of an error answer. */
export function renderError(error: ApiError): string {
  const { message, type, param, code } = error;
  return JSON.stringify({ error: { message, type, param, code } });
}

const overloaded =
  'The server is currently overloaded with other requests. Please retry your request after a short wait.';

/** The failures that can be asked for by `errorType`, as OpenAI sends them (529 is Anthropic's status for overload). */
const errorsByType = {
  rate_limit_exceeded: [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests. Please slow down.'],
  slow_down: [429, 'requests', 'slow_down', 'Your request rate rose too quickly. Please slow down.'],
  insufficient_quota: [
    429,
    'insufficient_quota',
    'insufficient_quota',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  server_error: [500, 'server_error', null, 'The server had an error while processing your request. Sorry about that!'],
  server_is_overloaded: [503, 'service_unavailable_error', 'server_is_overloaded', overloaded],
  overloaded_error: [529, 'overloaded_error', 'overloaded_error', 'Overloaded'],
  invalid_api_key: [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
  context_length_exceeded: [
    400,
    'invalid_request_error',
    'context_length_exceeded',
    "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.",
  ],
  content_policy_violation: [
    400,
    'invalid_request_error',
    'content_policy_violation',
    'Your request was rejected by our safety system.',
  ],
} as const satisfies Record<string, readonly [number, string, string | null, string]>;

export type ErrorType = keyof typeof errorsByType;

export const errorTypes = Object.keys(errorsByType) as ErrorType[];

const typeByStatus: Record<number, ErrorType> = {
  400: 'context_length_exceeded',
  401: 'invalid_api_key',
  429: 'rate_limit_exceeded',
  503: 'server_is_overloaded',
  529: 'overloaded_error',
};

/** The error for a wished status, a wished type, or both (the status then overrules the type's usual one). */
export function simulatedError(status: number | undefined, errorType: ErrorType | undefined): ApiError {
  const [usualStatus, type, code, message] = errorsByType[errorType ?? typeByStatus[status ?? 500] ?? 'server_error'];
  return { status: status ?? usualStatus, message, type, param: null, code };
}
