import type { handleUnaryCall } from '@grpc/grpc-js';
import type { CatalogReply, CatalogServiceServer } from '@costlane/contracts';
import { toCostlaneError } from '@costlane/domain';
import { grpcError, type Envelope, type Logger } from '@costlane/platform';
import type { CatalogController } from '../catalog/catalog.controller';

type Catalog = Pick<CatalogController, 'show' | 'staged' | 'approve' | 'reject' | 'refresh'>;

/** gRPC edge of the catalog, by which gateways ask for administrators: what it says is what the router's HTTP doors show. */
export function createCatalogRpc(catalog: Catalog, logger: Logger): CatalogServiceServer {
  const unary =
    <Request>(
      handle: (request: Request) => Promise<Envelope<object>> | Envelope<object>,
    ): handleUnaryCall<Request, CatalogReply> =>
    (call, callback) => {
      Promise.resolve()
        .then(() => handle(call.request))
        .then(
          ({ data }) => callback(null, { json: JSON.stringify(data) }),
          (thrown: unknown) => {
            const error = toCostlaneError(thrown);
            if (error.httpStatus >= 500) logger.error({ method: call.getPath(), err: thrown }, 'call failed');
            callback(grpcError(error));
          },
        );
    };
  return {
    show: unary(() => catalog.show()),
    staged: unary(() => catalog.staged()),
    approve: unary(({ id }: { id: string }) => catalog.approve(id)),
    reject: unary(({ id }: { id: string }) => catalog.reject(id)),
    refresh: unary(() => catalog.refresh()),
  };
}
