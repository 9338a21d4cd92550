import { Metadata } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { CostlaneError, isErrorCode, toCostlaneError } from '@costlane/domain';
import type { ErrorCode } from '@costlane/domain';

/** A gRPC status for the wire: code and message, with `x-error-code` and `retry-after` (seconds) in the trailers. */
export function grpcError(error: unknown): ServiceError {
  const known = toCostlaneError(error);
  const metadata = new Metadata();
  metadata.set('x-error-code', known.code);
  if (known.field !== undefined) metadata.set('x-error-field', encodeURIComponent(known.field));
  if (known.retryAfterMs !== undefined) metadata.set('retry-after', String(Math.ceil(known.retryAfterMs / 1000)));
  return Object.assign(new Error(known.message), { code: known.grpcStatus, details: known.message, metadata });
}

const codeOfStatus: Record<number, ErrorCode> = {
  1: 'cancelled',
  3: 'invalid_request',
  4: 'deadline_exceeded',
  5: 'not_found',
  7: 'forbidden',
  8: 'overloaded',
  12: 'method_not_allowed',
  14: 'unavailable',
  16: 'invalid_api_key',
};

/** What a gRPC call of ours failed with: the code from the trailers, else the nearest to the status. */
export function fromGrpcError(error: unknown): CostlaneError {
  if (error instanceof CostlaneError || !isServiceError(error)) return toCostlaneError(error);
  const named = String(error.metadata?.get('x-error-code')[0] ?? '');
  const code = isErrorCode(named) ? named : (codeOfStatus[error.code] ?? 'internal');
  const field = error.metadata?.get('x-error-field')[0];
  const retryAfterSeconds = Number(error.metadata?.get('retry-after')[0] ?? NaN);
  return new CostlaneError(code, error.details || error.message, {
    cause: error,
    ...(field === undefined ? {} : { field: decodeURIComponent(String(field)) }),
    ...(Number.isFinite(retryAfterSeconds) ? { retryAfterMs: retryAfterSeconds * 1000 } : {}),
  });
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number';
}
