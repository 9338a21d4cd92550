import {
  storedPrompt,
  unpaidSavings,
  type CachedAnswerHeader,
  type CacheTier,
  type CompletionRecord,
  type ReplyHeader,
  type StoredPrompt,
  type UsageSource,
} from '@costlane/contracts';
import type { ErrorCode, RouteDecision } from '@costlane/domain';
import type { CompletionPublisher } from '@costlane/lanes';
import type { InferenceRequest } from './inference-request';
import { routeRecordOf } from './routing/route-record-of';

/** Puts requests on record that no worker sees: hits and joined calls. */
export interface RequestRecorder {
  /** `similarity`: of a semantic hit. */
  hit(
    request: InferenceRequest,
    decision: RouteDecision,
    header: CachedAnswerHeader,
    tier: CacheTier,
    similarity?: number,
  ): void;
  /** An answer past its lifetime, given because the provider failed. */
  stale(request: InferenceRequest, decision: RouteDecision, header: CachedAnswerHeader): void;
  shared(request: InferenceRequest, decision: RouteDecision, header: ReplyHeader): void;
}

export function createRequestRecorder(publisher: CompletionPublisher): RequestRecorder {
  return {
    hit(request, decision, header, tier, similarity) {
      const record = unpaidRecord(request, decision, tier, header, header.usage ? 'provider' : 'none', 200);
      publisher.publish({ record: similarity === undefined ? record : { ...record, cacheSimilarity: similarity } });
    },
    stale(request, decision, header) {
      const record = unpaidRecord(request, decision, 'exact', header, header.usage ? 'provider' : 'none', 200);
      // Where a worker has put the failure on record, the ledger notes this on that row: another attempt of the same request.
      publisher.publish({ record: { ...record, attempt: 'stale', isStale: true } });
    },
    shared: (request, decision, header) =>
      publisher.publish({
        record: unpaidRecord(
          request,
          decision,
          'coalesced',
          header,
          header.usageSource ?? 'none',
          header.status,
          header.errorCode,
        ),
      }),
  };
}

/** As the provider would have got it. */
function promptOf(request: InferenceRequest, { model }: RouteDecision): StoredPrompt | undefined {
  const { promptRetentionDays } = request;
  if (promptRetentionDays === undefined) return undefined;
  return storedPrompt(request.upstreamBody(model.upstreamModel), promptRetentionDays);
}

type Known = Pick<
  CachedAnswerHeader,
  'provider' | 'modelUsed' | 'usage' | 'baselineNanoUsd' | 'askAgainNanoUsd' | 'priceVersion'
>;

/** A request that cost nothing: all that asking would have cost was saved by a cache or a shared call. */
function unpaidRecord(
  request: InferenceRequest,
  decision: RouteDecision,
  tier: CacheTier,
  known: Known,
  usageSource: UsageSource,
  httpStatus: number,
  errorCode?: ErrorCode,
): CompletionRecord {
  const { caller } = request;
  const finishedAtMs = Date.now();
  return {
    v: 1,
    requestId: request.recordId ?? request.requestId,
    attempt: tier,
    tenantId: caller.tenantId,
    teamId: caller.teamId,
    userId: caller.userId,
    keyId: caller.keyId,
    featureName: request.featureName,
    experimentId: decision.assigned?.experiment.id ?? request.experimentId,
    experimentVariant: decision.assigned?.variant.name,
    endpoint: request.endpoint,
    provider: known.provider,
    modelAsked: request.modelAsked,
    modelUsed: known.modelUsed,
    routeReason: decision.reason,
    policyVersion: decision.policyVersion,
    route: routeRecordOf(decision, request.sensitive),
    cacheTier: tier,
    stream: request.stream,
    usage: known.usage,
    usageSource,
    paidNanoUsd: 0,
    baselineNanoUsd: known.baselineNanoUsd,
    savings: unpaidSavings(known),
    priceVersion: known.priceVersion,
    httpStatus,
    errorCode,
    createdAtMs: request.recordedAtMs ?? request.createdAtMs,
    finishedAtMs,
    latencyMs: finishedAtMs - request.createdAtMs,
    upstreamCalls: 0,
    traceparent: request.traceparent,
    promptHash: request.fingerprint,
    prompt: promptOf(request, decision),
    isHoldout: request.isHoldout,
  };
}
