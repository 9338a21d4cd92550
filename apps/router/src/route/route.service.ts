import { RouteReply, type RouteRequest } from '@costlane/contracts';
import {
  chooseModel,
  countedReason,
  createOutputLengths,
  qualityLevels,
  readContent,
  type QualityLevel,
  type RouteContent,
  type RouteDecision,
  type RouteFeatures,
  type RoutingPolicy,
} from '@costlane/domain';
import type { Metrics } from '@costlane/platform';

export interface RouteService {
  /** The decision as a message: never throws, a refusal comes as `error_code` with its sentence in `reason`. */
  route(request: RouteRequest): RouteReply;
}

/** Decides with the policy in force, with the same functions that gateways apply in place. */
export function createRouteService(options: {
  current: () => RoutingPolicy;
  metrics: Metrics;
  predictGain?: (text: string) => number;
}): RouteService {
  const decisions = options.metrics.counter({
    name: 'costlane_routing_decisions_total',
    help: 'Routing decisions made here, by reason (for a refusal: its error code)',
    labelNames: ['reason'],
  });
  const { expect: expectOutputTokens } = createOutputLengths();
  const contentOf = (policy: RoutingPolicy, request: RouteRequest): RouteContent => {
    const body = {
      messages: [{ role: 'user', content: request.text }],
      ...(request.maxOutputTokens > 0 ? { max_tokens: request.maxOutputTokens } : {}),
    };
    const weights = policy.settings.complexityWeights;
    const scales = { weights, predictGain: options.predictGain ?? (() => undefined), expectOutputTokens };
    return readContent(body, scales, request.taskType || undefined);
  };
  return {
    route(request) {
      const policy = options.current();
      if (policy.version === '')
        return RouteReply.create({ errorCode: 'not_ready', reason: 'There is no policy yet; try again in a moment.' });
      const decision = chooseModel(
        policy,
        featuresOf(request, () => contentOf(policy, request)),
      );
      if (!decision.ok) {
        const { code, message } = decision.error;
        decisions.inc({ reason: code });
        return RouteReply.create({ errorCode: code, reason: message, policyVersion: policy.version });
      }
      decisions.inc({ reason: countedReason(decision.value.reason) });
      return replyOf(decision.value);
    },
  };
}

/** Without a text there is nothing to choose by, and the default model is the answer. */
function featuresOf(request: RouteRequest, content: () => RouteContent): RouteFeatures {
  const isQuality = (value: string): value is QualityLevel => qualityLevels.includes(value as QualityLevel);
  return {
    modelAsked: request.model,
    tenantId: request.tenantId,
    subject: request.userId || undefined,
    featureName: request.featureName || undefined,
    quality: isQuality(request.quality) ? request.quality : undefined,
    content: request.text === '' ? undefined : content,
  };
}

function replyOf(decision: RouteDecision): RouteReply {
  const { model, reason, policyVersion, strategy, route, explanation, tier, candidates, content } = decision;
  const { name, provider, upstreamModel } = model;
  const routeJson = JSON.stringify({
    strategy,
    route,
    reason: explanation,
    tier,
    complexity: content?.complexity,
    predictedGain: content?.predictedGain,
    candidates,
  });
  const fallbacks = decision.fallbacks.map((fallback) => fallback.name);
  return RouteReply.create({ model: name, provider, upstreamModel, reason, policyVersion, routeJson, fallbacks });
}
