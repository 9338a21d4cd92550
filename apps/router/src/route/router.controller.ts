import { RouteReply, RouteRequest, type RouterServiceServer } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createMuxHandler, type Logger } from '@costlane/platform';
import type { PolicySubscribers } from '../policy/policy-subscribers';
import type { RouteService } from './route.service';

/** gRPC edge of the router: the policy stream, and `Route` as a plain call and over the multiplexed stream. */
export function createRouterController(options: {
  routes: RouteService;
  subscribers: PolicySubscribers;
  logger: Logger;
}): RouterServiceServer {
  const { routes, subscribers, logger } = options;
  return {
    watchPolicy: subscribers.watchPolicy,
    route: (call, callback) => callback(null, routes.route(call.request)),
    mux: createMuxHandler({
      logger,
      methods: {
        Route: async (body) => Buffer.from(RouteReply.encode(routes.route(decodeRequest(body))).finish()),
      },
    }),
  };
}

function decodeRequest(body: Buffer): RouteRequest {
  try {
    return RouteRequest.decode(body);
  } catch (cause) {
    throw new CostlaneError('invalid_request', 'The body of Route is not a RouteRequest.', { cause });
  }
}
