import { RouteReply, type RouteRequest } from '@costlane/contracts';
import { chooseModel, type RoutingPolicy } from '@costlane/domain';
import type { Metrics } from '@costlane/platform';

export interface RouteService {
  /** The decision as a message: never throws, a refusal comes as `error_code` with its sentence in `reason`. */
  route(request: RouteRequest): RouteReply;
}

/** Decides with the policy in force, with the same function that gateways apply in place. */
export function createRouteService(options: { current: () => RoutingPolicy; metrics: Metrics }): RouteService {
  const decisions = options.metrics.counter({
    name: 'costlane_routing_decisions_total',
    help: 'Routing decisions made here, by reason (for a refusal: its error code)',
    labelNames: ['reason'],
  });
  return {
    route(request) {
      const policy = options.current();
      const decision = chooseModel(policy, { modelAsked: request.model });
      if (!decision.ok) {
        const { code, message } = decision.error;
        decisions.inc({ reason: code });
        return RouteReply.create({ errorCode: code, reason: message, policyVersion: policy.version });
      }
      const { model, reason, policyVersion } = decision.value;
      decisions.inc({ reason });
      const { name, provider, upstreamModel } = model;
      return RouteReply.create({ model: name, provider, upstreamModel, reason, policyVersion });
    },
  };
}
