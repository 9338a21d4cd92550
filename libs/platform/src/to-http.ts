import { CostlaneError, errorTable, toCostlaneError } from '@costlane/domain';
import type { ErrorCode } from '@costlane/domain';

/** Body of every reply of our own REST endpoints. */
export interface Envelope<T> {
  success: boolean;
  data: T | null;
  error: string | null;
}

export interface HttpError {
  status: number;
  headers: Record<string, string>;
  envelope: Envelope<never>;
}

export interface OpenAiErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

export const successEnvelope = <T>(data: T): Envelope<T> => ({ success: true, data, error: null });

/** Any thrown value, Fastify's and Nest's own included, as status, headers and envelope. */
export function toHttpError(error: unknown): HttpError {
  const known = fromFrameworkError(error);
  return {
    status: known.httpStatus,
    headers: errorHeaders(known),
    envelope: { success: false, data: null, error: known.message },
  };
}

/** The same as {@link toHttpError} in the body that OpenAI's clients read. */
export function toOpenAiError(error: unknown): {
  status: number;
  headers: Record<string, string>;
  body: OpenAiErrorBody;
} {
  const known = fromFrameworkError(error);
  return {
    status: known.httpStatus,
    headers: errorHeaders(known),
    body: {
      error: {
        message: known.message,
        type: errorTable[known.code].openAiType,
        param: known.field ?? null,
        code: known.code,
      },
    },
  };
}

function errorHeaders(error: CostlaneError): Record<string, string> {
  const headers: Record<string, string> = { 'x-error-code': error.code };
  if (error.retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  return headers;
}

const codeOfFastifyError: Record<string, { code: ErrorCode; message?: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'body_too_large',
    message: 'The request body is larger than this server accepts.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_json', message: 'The request body is not valid JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_json', message: 'The request body is empty, JSON is expected.' },
  FST_ERR_VALIDATION: { code: 'invalid_request' },
};

const codeOfStatus: Record<number, ErrorCode> = {
  400: 'invalid_request',
  401: 'invalid_api_key',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

/** Errors of Fastify carry `code` and `statusCode`, those of Nest `getStatus()`: below 500 their message is for the client. */
export function fromFrameworkError(error: unknown): CostlaneError {
  if (error instanceof CostlaneError || typeof error !== 'object' || error === null) return toCostlaneError(error);
  // Nest wraps Fastify's errors and keeps the original as the cause.
  if (isFastifyError((error as Error).cause)) return fromFrameworkError((error as Error).cause);
  const shape = error as { code?: unknown; statusCode?: unknown; getStatus?: () => number; message?: unknown };
  const message = String(shape.message ?? 'The request was refused.');
  const row = typeof shape.code === 'string' ? codeOfFastifyError[shape.code] : undefined;
  if (row) return new CostlaneError(row.code, row.message ?? message, { cause: error });
  const status = typeof shape.getStatus === 'function' ? shape.getStatus() : shape.statusCode;
  const code = typeof status === 'number' ? codeOfStatus[status] : undefined;
  if (code) return new CostlaneError(code, message, { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new CostlaneError('invalid_request', message, { cause: error });
  }
  return toCostlaneError(error);
}

function isFastifyError(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && code.startsWith('FST_');
}
