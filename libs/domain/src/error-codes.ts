/**
 * Every error that Costlane can give, once: its HTTP status, its gRPC status (number as in google.rpc.Code), the `type` that
 * OpenAI-compatible clients read, and whether the same call may succeed when it is repeated.
 */
interface ErrorRow {
  httpStatus: number;
  grpcStatus: number;
  openAiType: string;
  isRetryable: boolean;
}

const row = (httpStatus: number, grpcStatus: number, openAiType: string, isRetryable: boolean): ErrorRow => ({
  httpStatus,
  grpcStatus,
  openAiType,
  isRetryable,
});

const INVALID = 'invalid_request_error';
const SERVER = 'server_error';

export const errorTable = {
  invalid_request: row(400, 3, INVALID, false),
  invalid_json: row(400, 3, INVALID, false),
  unsupported_media_type: row(415, 3, INVALID, false),
  body_too_large: row(413, 3, INVALID, false),
  missing_api_key: row(401, 16, INVALID, false),
  invalid_api_key: row(401, 16, INVALID, false),
  forbidden: row(403, 7, INVALID, false),
  not_found: row(404, 5, INVALID, false),
  method_not_allowed: row(405, 12, INVALID, false),
  model_not_found: row(404, 5, INVALID, false),
  context_length_exceeded: row(400, 3, INVALID, false),
  sensitive_data: row(403, 7, INVALID, false),
  idempotency_key_reused: row(422, 9, INVALID, false),
  // 402, not 429: the official clients would try that again.
  budget_exceeded: row(402, 8, 'insufficient_quota', false),
  budget_unavailable: row(503, 14, SERVER, true),
  rate_limited: row(429, 8, 'rate_limit_error', true),
  overloaded: row(429, 8, 'rate_limit_error', true),
  upstream_rate_limited: row(429, 8, 'rate_limit_error', true),
  upstream_quota_exhausted: row(429, 8, 'insufficient_quota', false),
  upstream_rejected: row(400, 3, INVALID, false),
  upstream_auth_failed: row(502, 14, SERVER, false),
  upstream_error: row(502, 14, SERVER, true),
  upstream_overloaded: row(503, 14, SERVER, true),
  upstream_timeout: row(504, 4, SERVER, true),
  upstream_unreachable: row(502, 14, SERVER, true),
  upstream_malformed: row(502, 14, SERVER, true),
  stream_interrupted: row(502, 14, SERVER, true),
  circuit_open: row(503, 14, SERVER, true),
  deadline_exceeded: row(504, 4, SERVER, true),
  cancelled: row(499, 1, INVALID, false),
  not_ready: row(503, 14, SERVER, true),
  unavailable: row(503, 14, SERVER, true),
  internal: row(500, 13, SERVER, true),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);

export interface CostlaneErrorOptions {
  /** The request field that is wrong, as a path (`messages[0].role`). */
  field?: string;
  /** How long a client should wait before it tries again. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** An error with a code of {@link errorTable}; the message is safe to show to a client. */
export class CostlaneError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: CostlaneErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CostlaneError';
    this.code = code;
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
  }

  get httpStatus(): number {
    return errorTable[this.code].httpStatus;
  }

  get grpcStatus(): number {
    return errorTable[this.code].grpcStatus;
  }

  get isRetryable(): boolean {
    return errorTable[this.code].isRetryable;
  }
}

/** Any thrown value as a {@link CostlaneError}; what is not ours becomes `internal`, its text kept in `cause` only. */
export function toCostlaneError(error: unknown): CostlaneError {
  if (error instanceof CostlaneError) return error;
  return new CostlaneError(
    'internal',
    'Costlane failed to handle this request; the log has the reason under its request id.',
    {
      cause: error,
    },
  );
}
