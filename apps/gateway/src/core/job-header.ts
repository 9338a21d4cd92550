import type { ConfidenceCheck, JobHeader, RouteTarget } from '@costlane/contracts';
import { type PolicyModel, type RouteDecision, type RoutingSettings } from '@costlane/domain';
import type { AnswerNeeds } from '../dialects/openai-chat/answer-needs';
import { speaks } from '../dialects/native-dialects';
import type { InferenceRequest } from './inference-request';
import { routeRecordOf } from './routing/route-record-of';

/** What a worker has to know of a request whose model is chosen. */
export function jobHeader(asked: {
  request: InferenceRequest;
  decision: RouteDecision;
  needs: AnswerNeeds | undefined;
  replyTo: string;
  settings: RoutingSettings;
  /** In whose leases its cost is reserved; absent: in none. */
  budgetLessee?: string;
}): JobHeader {
  const { request, decision, needs } = asked;
  const { caller } = request;
  const { model, assigned } = decision;
  const fallbacks = targetsOf(request, decision);
  return {
    v: 1,
    requestId: request.requestId,
    tenantId: caller.tenantId,
    teamId: caller.teamId,
    userId: caller.userId,
    keyId: caller.keyId,
    featureName: request.featureName,
    experimentId: assigned?.experiment.id ?? request.experimentId,
    experimentVariant: assigned?.variant.name,
    replyTo: asked.replyTo,
    endpoint: request.endpoint,
    dialect: request.dialect,
    provider: model.provider,
    modelAsked: request.modelAsked,
    model: model.name,
    upstreamModel: model.upstreamModel,
    routeReason: decision.reason,
    policyVersion: decision.policyVersion,
    route: routeRecordOf(decision, request.sensitive),
    tier: fallbacks && model.tier,
    fallbacks,
    confidence: fallbacks && decision.isConfidenceChecked ? confidenceOf(request, asked.settings) : undefined,
    baselineModel: decision.baseline?.name,
    cacheModel: decision.cacheModel === model.name ? undefined : decision.cacheModel,
    isStaleKept: request.acceptsStale && request.useCache ? true : undefined,
    stream: request.stream,
    deadlineAtMs: request.deadlineAtMs,
    isDeadlineExplicit: request.isDeadlineExplicit ? true : undefined,
    createdAtMs: request.createdAtMs,
    recordId: request.recordId,
    recordedAtMs: request.recordedAtMs,
    fingerprint: request.useCache ? request.fingerprint : undefined,
    cacheTtlSeconds: request.useCache ? request.cacheTtlSeconds : undefined,
    cacheTag: request.cacheTag,
    semantic: request.useSemanticCache ? needs?.question : undefined,
    minSimilarity: request.useSemanticCache ? request.minSimilarity : undefined,
    expectsJson: needs?.expectsJson,
    idempotency: request.idempotency,
    traceparent: request.traceparent,
    budgetLessee: asked.budgetLessee,
    promptHash: request.fingerprint,
    promptRetentionDays: request.promptRetentionDays,
    isHoldout: request.isHoldout,
  };
}

/** Models to go on with, as far as they take the body as it is; undefined where there are none. */
function targetsOf({ dialect }: InferenceRequest, { fallbacks }: RouteDecision): RouteTarget[] | undefined {
  if (fallbacks.length === 0) return undefined;
  const targets = fallbacks.filter((fallback) => speaks(fallback, dialect));
  return targets.length === 0 ? undefined : targets.map(targetOf);
}

const targetOf = ({ name, provider, upstreamModel, tier }: PolicyModel): RouteTarget => ({
  model: name,
  provider,
  upstreamModel,
  tier,
});

function confidenceOf(request: InferenceRequest, { minTokenProbability }: RoutingSettings): ConfidenceCheck {
  const { expectsJson, jsonSchema } = request.needs();
  if (!expectsJson) return { minTokenProbability };
  return { minTokenProbability, json: jsonSchema === undefined ? {} : { schema: jsonSchema } };
}
