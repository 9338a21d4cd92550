import type { handleUnaryCall } from '@grpc/grpc-js';
import { toCostlaneError } from '@costlane/domain';
import { grpcError, type Logger } from '@costlane/platform';
import { toClientError } from '../to-client-error';

/** An asynchronous function as the handler of a unary call: what it throws becomes the status, and is logged when it is our fault. */
export function unary<Request, Reply>(
  logger: Logger,
  handle: (request: Request) => Promise<Reply>,
): handleUnaryCall<Request, Reply> {
  return (call, callback) => {
    handle(call.request).then(
      (reply) => callback(null, reply),
      (thrown: unknown) => {
        const error = toCostlaneError(toClientError(thrown));
        if (error.httpStatus >= 500) logger.error({ method: call.getPath(), err: thrown }, 'call failed');
        callback(grpcError(error));
      },
    );
  };
}
