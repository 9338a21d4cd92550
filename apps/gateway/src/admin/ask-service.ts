import { Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';
import { CostlaneError } from '@costlane/domain';
import { fromGrpcError } from '@costlane/platform';

const TIMEOUT_MS = 5_000;

/** A unary method of a generated client. */
export type Call<Q, A> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, reply: A) => void,
) => unknown;

/** Asks another service once. Rejects with a {@link CostlaneError}: what the service said itself, or that it cannot be reached. */
export function askService<Q, A>(
  call: Call<Q, A>,
  request: Q,
  service: string,
  timeoutMs: number = TIMEOUT_MS,
): Promise<A> {
  return new Promise((resolve, reject) => {
    call(request, new Metadata(), { deadline: Date.now() + timeoutMs }, (error, reply) => {
      if (error) reject(toClientError(error, service));
      else resolve(reply);
    });
  });
}

/** What the service said itself goes on; that it could not be reached is told in our words, without addresses. */
export function toClientError(error: ServiceError, service: string): CostlaneError {
  if (error.metadata?.get('x-error-code').length > 0) return fromGrpcError(error);
  const message = `The ${service} service cannot be reached at the moment; try again.`;
  return new CostlaneError('unavailable', message, { retryAfterMs: 1_000, cause: error });
}
