import type { CacheTier, ReplyHeader } from '@costlane/contracts';
import { chooseModel, CostlaneError, toCostlaneError, type RouteDecision, type RoutingPolicy } from '@costlane/domain';
import type { Metrics, RedisBreaker } from '@costlane/platform';
import type { CachedAnswer, MemoryTier, ResponseStore } from '@costlane/response-store';
import type { AnswerListener, WholeAnswer } from './answer';
import { Call, type CallOutcome, type Member } from './call';
import type { CallTable } from './call-table';
import type { Dispatcher } from './dispatcher';
import type { IdempotencyGuard } from './idempotency';
import type { InferenceRequest } from './inference-request';
import type { RequestRecorder } from './request-recorder';
import type { SemanticHit, SemanticLookup } from './semantic-lookup';

export interface Inference {
  /** Decides which model serves a request of this name. Throws `model_not_found`, `not_ready`. */
  route(modelAsked: string): RouteDecision;
  /** Answers a request through its listener. Gives how to leave: the client has gone. */
  answer(request: InferenceRequest, decision: RouteDecision, listener: AnswerListener): () => void;
  inFlight(): number;
}

export interface InferenceDeps {
  policy: () => RoutingPolicy | undefined;
  memory: MemoryTier;
  store: ResponseStore;
  breaker: RedisBreaker;
  calls: CallTable;
  dispatcher: Dispatcher;
  idempotency: IdempotencyGuard;
  recorder: RequestRecorder;
  /** Undefined: switched off. */
  semantic?: SemanticLookup;
  metrics: Metrics;
}

const nothing = (): void => undefined;

/** The road of a request inside the gateway: own memory, a call under way that asks the same, Redis, and at last a provider. */
export function createInference(deps: InferenceDeps): Inference {
  const { memory, store, breaker, calls, dispatcher, idempotency, recorder } = deps;

  const onSettled = (call: Call, outcome: CallOutcome): void => {
    calls.remove(call);
    const { leader } = call;
    if (outcome.header.isStored && outcome.body) {
      const answer = toCachedAnswer(call, outcome);
      memory.set(leader.caller.tenantId, leader.fingerprint, answer, leader.cacheTtlSeconds * 1000);
    }
    // The worker records the leader's request; those who joined are recorded here.
    for (const { request } of call.members) {
      if (request !== leader) recorder.shared(request, call.decision, outcome.header);
    }
  };

  const serve = (call: Call, answer: CachedAnswer, tier: CacheTier, likeness?: SemanticHit): void => {
    calls.remove(call);
    call.answer(hitOf(answer, tier, call.decision, likeness));
    for (const { request } of call.members)
      recorder.hit(request, call.decision, answer.header, tier, likeness?.similarity);
  };

  /** An answer to another wording of the question; true when it was given. */
  const serveLike = async (call: Call): Promise<boolean> => {
    const { leader } = call;
    const question = deps.semantic && leader.useSemanticCache ? call.needs()?.question : undefined;
    if (!deps.semantic || !question) return false;
    const { tenantId } = leader.caller;
    const hit = await deps.semantic.find({
      tenantId,
      requestId: leader.requestId,
      model: call.decision.model.name,
      question,
      minSimilarity: leader.minSimilarity,
    });
    if (!hit || call.isSettled) return call.isSettled;
    const kept = await breaker.run(() => store.find(tenantId, hit.fingerprint));
    if (call.isSettled) return true;
    // It may have gone since, or never have got there: then the question is asked like any other.
    if (!kept.ok || !kept.value) {
      deps.metrics.fallback('semantic_answer_gone');
      return false;
    }
    serve(call, kept.value, 'semantic', hit);
    if (hit.isAudited) {
      const { fingerprint, similarity, probability } = hit;
      dispatcher.audit(leader, call.decision, { fingerprint, similarity, probability });
    }
    return true;
  };

  const lookUp = async (call: Call): Promise<void> => {
    const { leader } = call;
    const found = await breaker.run(() => store.find(leader.caller.tenantId, leader.fingerprint));
    if (call.isSettled) return;
    if (!found.ok) deps.metrics.fallback('exact_cache_skipped');
    else if (found.value) {
      memory.set(leader.caller.tenantId, leader.fingerprint, found.value, remainingMs(found.value, leader));
      return serve(call, found.value, 'exact');
    } else if (await serveLike(call)) return;
    if (call.members.size > 0) dispatcher.dispatch(call);
    else calls.remove(call);
  };

  const begin = (call: Call): void => {
    const { leader } = call;
    if (leader.idempotency) {
      idempotency
        .claim(call)
        .then((claim) => {
          if (call.isSettled) {
            if (claim.kind === 'ours') idempotency.release(call);
          } else if (claim.kind === 'ours') dispatcher.dispatch(call);
          else if (claim.kind === 'replay') {
            calls.remove(call);
            call.answer({ ...claim.answer, decision: call.decision });
            recorder.shared(leader, call.decision, claim.answer.header);
          } else call.fail(claim.error);
        })
        .catch((error: unknown) => call.fail(toCostlaneError(error)));
    } else if (leader.useCache) void lookUp(call);
    else dispatcher.dispatch(call);
  };

  const joinOrStart = (request: InferenceRequest, decision: RouteDecision, listener: AnswerListener): (() => void) => {
    const member: Member = { request, listener };
    const shareKey = shareKeyOf(request);
    let call = shareKey === undefined ? undefined : calls.toJoin(shareKey, request);
    if (call) call.add(member);
    else {
      call = new Call(request, decision, onSettled);
      call.add(member);
      calls.add(call, shareKey);
      begin(call);
    }
    const joined = call;
    return () => {
      joined.remove(member);
      if (joined.members.size > 0 || joined.isSettled) return;
      joined.isSettled = true;
      calls.remove(joined);
      if (joined.isPublished) dispatcher.cancel(joined);
    };
  };

  return {
    route(modelAsked) {
      const policy = deps.policy();
      if (!policy)
        throw new CostlaneError('not_ready', 'The gateway has no routing policy yet.', { retryAfterMs: 1_000 });
      const chosen = chooseModel(policy, { modelAsked });
      if (!chosen.ok) throw chosen.error;
      return chosen.value;
    },
    answer(request, decision, listener) {
      if (request.useCache && !request.idempotency) {
        const kept = memory.get(request.caller.tenantId, request.fingerprint);
        if (kept) {
          listener.whole(hitOf(kept, 'memory', decision));
          recorder.hit(request, decision, kept.header, 'memory');
          return nothing;
        }
      }
      return joinOrStart(request, decision, listener);
    },
    inFlight: () => calls.size(),
  };
}

/** Requests with an idempotency key share by that key; others by what they ask, unless they opted out of sharing answers. */
function shareKeyOf(request: InferenceRequest): string | undefined {
  const form = request.stream ? 's' : 'w';
  if (request.idempotency)
    return `${form}:idempotency:${request.caller.tenantId}:${request.idempotency.keyHash}:${request.idempotency.bodyHash}`;
  return request.useCache ? `${form}:${request.fingerprint}` : undefined;
}

function remainingMs(answer: CachedAnswer, request: InferenceRequest): number {
  return answer.header.createdAtMs + request.cacheTtlSeconds * 1000 - Date.now();
}

function toCachedAnswer(call: Call, { header, form, body }: CallOutcome): CachedAnswer {
  return {
    header: {
      v: 1,
      form,
      provider: header.provider,
      modelAsked: call.decision.model.name,
      modelUsed: header.modelUsed,
      usage: header.usage,
      baselineNanoUsd: header.baselineNanoUsd,
      priceVersion: header.priceVersion,
      askedAtMs: call.leader.createdAtMs,
      createdAtMs: Date.now(),
    },
    body: body ?? Buffer.alloc(0),
    tag: call.leader.cacheTag,
  };
}

/** Reply headers of kept answers, made once an answer: a hit allocates little. */
const replyHeaders = new WeakMap<CachedAnswer, ReplyHeader>();

function replyHeaderOf(answer: CachedAnswer): ReplyHeader {
  let reply = replyHeaders.get(answer);
  if (!reply) {
    const { header } = answer;
    reply = {
      status: 200,
      contentType: header.form === 'sse' ? 'text/event-stream' : 'application/json',
      provider: header.provider,
      modelUsed: header.modelUsed,
      usage: header.usage,
      usageSource: header.usage ? 'provider' : 'none',
      paidNanoUsd: 0,
      baselineNanoUsd: header.baselineNanoUsd,
      savings: { cache: header.baselineNanoUsd, routing: 0, prefix: 0, batching: 0 },
      priceVersion: header.priceVersion,
      upstreamLatencyMs: 0,
      upstreamCalls: 0,
    };
    replyHeaders.set(answer, reply);
  }
  return reply;
}

function hitOf(
  answer: CachedAnswer,
  tier: CacheTier,
  decision: RouteDecision,
  likeness?: WholeAnswer['likeness'],
): WholeAnswer {
  return {
    likeness,
    header: replyHeaderOf(answer),
    form: answer.header.form,
    body: answer.body,
    tier,
    paidNanoUsd: 0,
    savedNanoUsd: answer.header.baselineNanoUsd,
    ageSeconds: Math.max(0, Math.floor((Date.now() - answer.header.createdAtMs) / 1000)),
    decision,
  };
}
