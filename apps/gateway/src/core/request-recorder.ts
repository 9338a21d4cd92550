import type { CachedAnswerHeader, CacheTier, CompletionRecord, ReplyHeader } from '@costlane/contracts';
import type { RouteDecision } from '@costlane/domain';
import type { CompletionPublisher } from '@costlane/lanes';
import type { InferenceRequest } from './inference-request';

/** Puts requests on record that no worker sees: hits and joined calls. */
export interface RequestRecorder {
  hit(request: InferenceRequest, decision: RouteDecision, header: CachedAnswerHeader, tier: CacheTier): void;
  shared(request: InferenceRequest, decision: RouteDecision, header: ReplyHeader): void;
}

export function createRequestRecorder(publisher: CompletionPublisher): RequestRecorder {
  return {
    hit(request, decision, header, tier) {
      const source = header.usage ? 'provider' : 'none';
      const common = { ...header, usageSource: source, httpStatus: 200 } as const;
      publisher.publish({ record: unpaidRecord(request, decision, tier, common) });
    },
    shared(request, decision, header) {
      const common = { ...header, usageSource: header.usageSource ?? 'none', httpStatus: header.status } as const;
      publisher.publish({ record: unpaidRecord(request, decision, 'coalesced', common) });
    },
  };
}

type Known = Pick<
  CompletionRecord,
  'provider' | 'modelUsed' | 'usage' | 'usageSource' | 'baselineNanoUsd' | 'priceVersion' | 'httpStatus' | 'errorCode'
>;

/** A request that cost nothing: all that asking would have cost was saved by a cache or a shared call. */
function unpaidRecord(
  request: InferenceRequest,
  decision: RouteDecision,
  tier: CacheTier,
  known: Known,
): CompletionRecord {
  const { caller } = request;
  const finishedAtMs = Date.now();
  return {
    v: 1,
    requestId: request.requestId,
    attempt: tier,
    tenantId: caller.tenantId,
    teamId: caller.teamId,
    userId: caller.userId,
    keyId: caller.keyId,
    featureName: request.featureName,
    experimentId: request.experimentId,
    endpoint: request.endpoint,
    provider: known.provider,
    modelAsked: request.modelAsked,
    modelUsed: known.modelUsed,
    routeReason: decision.reason,
    policyVersion: decision.policyVersion,
    cacheTier: tier,
    stream: request.stream,
    usage: known.usage,
    usageSource: known.usageSource,
    paidNanoUsd: 0,
    baselineNanoUsd: known.baselineNanoUsd,
    savings: { cache: known.baselineNanoUsd, routing: 0, prefix: 0, batching: 0 },
    priceVersion: known.priceVersion,
    httpStatus: known.httpStatus,
    errorCode: known.errorCode,
    createdAtMs: request.createdAtMs,
    finishedAtMs,
    latencyMs: finishedAtMs - request.createdAtMs,
    upstreamCalls: 0,
    traceparent: request.traceparent,
  };
}
