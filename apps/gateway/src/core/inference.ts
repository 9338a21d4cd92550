import type { CacheTier, ReplyHeader } from '@costlane/contracts';
import {
  chooseModel,
  CostlaneError,
  toCostlaneError,
  type RouteDecision,
  type RouteFeatures,
  type RoutingPolicy,
} from '@costlane/domain';
import type { Metrics, RedisBreaker } from '@costlane/platform';
import type { CachedAnswer, MemoryTier, ResponseStore } from '@costlane/response-store';
import type { AnswerListener } from './answer';
import { hitOf } from './cached-reply';
import { Call, type CallOutcome, type Member } from './call';
import type { CallTable } from './call-table';
import type { Dispatcher } from './dispatcher';
import type { IdempotencyGuard } from './idempotency';
import type { InferenceRequest } from './inference-request';
import type { KnownLikeness } from './known-likeness';
import { leaveCall } from './leave-call';
import type { RequestRecorder } from './request-recorder';
import type { SemanticHit, SemanticLookup } from './semantic-lookup';
import type { CallSharing, Standing } from './sharing/call-sharing';
import { shareKeyOf } from './sharing/share-key';
import type { StaleAnswers } from './stale-answers';

export interface Inference {
  /** Decides which model serves a request. Throws `model_not_found`, `not_ready`. */
  route(features: RouteFeatures): RouteDecision;
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
  /** What it has lately found. */
  likeness?: KnownLikeness;
  /** Answers past their lifetime, for calls that fail; absent: none are given. */
  stale?: StaleAnswers;
  /** Calls in common with other gateways. */
  sharing: CallSharing;
  /** An answer that was asked for has come. */
  onAnswered?: (decision: RouteDecision, header: ReplyHeader) => void;
  metrics: Metrics;
}

/** What it makes up for two wordings differs always: there is nothing to compare. */
const mockProvider = 'mock';
/** Gateways that are followed in turn, where one after the other is lost, before a call goes its own way. */
const MAX_FOLLOWED = 2;

const nothing = (): void => undefined;

/** The road of a request inside the gateway: own memory, a call under way that asks the same, Redis, and at last a provider. */
export function createInference(deps: InferenceDeps): Inference {
  const { memory, store, breaker, calls, dispatcher, idempotency, recorder, sharing } = deps;

  const onSettled = (call: Call, outcome: CallOutcome): void => {
    const { leader } = call;
    // Until the exact tier has the answer, this gateway has it for the others.
    if (outcome.header.isStored) sharing.keepClaim(call);
    calls.remove(call);
    // Refused before anybody was asked: its key is free for another try.
    if (leader.idempotency && !call.isPublished) idempotency.release(call);
    if (!call.isFollowing) deps.onAnswered?.(call.decision, outcome.header);
    // When another gateway's answer was asked for is not known here, so neither is which invalidations it is older than.
    if (outcome.header.isStored && outcome.body && !call.isFollowing) {
      const answer = toCachedAnswer(call, outcome);
      memory.set(leader.caller.tenantId, leader.fingerprint, answer, leader.cacheTtlSeconds * 1000);
    }
    // The worker records the leader's request; those who joined are recorded here.
    for (const { request, isRemote } of call.members) {
      if (!isRemote && !call.isAskedFor(request)) recorder.shared(request, call.decision, outcome.header);
    }
  };

  const serve = (call: Call, answer: CachedAnswer, tier: CacheTier, likeness?: SemanticHit): void => {
    calls.remove(call);
    try {
      call.answer(hitOf(answer, tier, call.decision, likeness));
    } finally {
      for (const { request, isRemote } of call.members)
        if (!isRemote) recorder.hit(request, call.decision, answer.header, tier, likeness?.similarity);
    }
  };

  /** Asks the semantic cache for an answer to another wording of the question. */
  const findLike = async (call: Call): Promise<SemanticHit | undefined> => {
    const { leader } = call;
    const question = deps.semantic && leader.useSemanticCache ? call.needs()?.question : undefined;
    if (!deps.semantic || !question) return undefined;
    const { hit, audit } = await deps.semantic.find({
      tenantId: leader.caller.tenantId,
      requestId: leader.recordId ?? leader.requestId,
      model: call.decision.cacheModel,
      question,
      minSimilarity: leader.minSimilarity,
    });
    if (call.decision.model.provider !== mockProvider) call.audit = audit;
    return hit;
  };

  const findStored = async (tenantId: string, fingerprint: string): Promise<CachedAnswer | undefined> => {
    const found = await breaker.run(() => store.find(tenantId, fingerprint));
    return found.ok ? found.value : undefined;
  };

  /** Gives the answer that the semantic cache found, when it is still there; true when it was given. */
  const serveLike = async (call: Call, hit: SemanticHit | undefined): Promise<boolean> => {
    const { leader } = call;
    const { tenantId } = leader.caller;
    if (!hit || call.isSettled) return call.isSettled;
    const inMemory = memory.get(tenantId, hit.fingerprint);
    const kept = inMemory ?? (await findStored(tenantId, hit.fingerprint));
    if (call.isSettled) return true;
    // It may have gone since, or never have got there: then the question is asked like any other.
    if (!kept || memory.isOutdated(tenantId, hit.fingerprint, kept)) {
      deps.metrics.fallback('semantic_answer_gone');
      return false;
    }
    // What is there already is not kept for longer by being given.
    if (!inMemory) memory.set(tenantId, hit.fingerprint, kept, remainingMs(kept, leader));
    deps.likeness?.remember(leader, hit);
    serve(call, kept, 'semantic', hit);
    if (hit.isAudited && kept.header.provider !== mockProvider) {
      const { fingerprint, similarity, probability } = hit;
      dispatcher.audit(leader, call.decision, { fingerprint, similarity, probability });
    }
    return true;
  };

  /** An answer that the exact tier has; `undefined` where Redis did not say. */
  const serveExact = async (call: Call): Promise<boolean | undefined> => {
    const { leader } = call;
    const found = await breaker.run(() => store.find(leader.caller.tenantId, leader.fingerprint));
    if (call.isSettled) return true;
    if (!found.ok) {
      deps.metrics.fallback('exact_cache_skipped');
      return undefined;
    }
    // An invalidation that is still under way in Redis holds here already.
    if (!found.value || memory.isOutdated(leader.caller.tenantId, leader.fingerprint, found.value)) return false;
    memory.set(leader.caller.tenantId, leader.fingerprint, found.value, remainingMs(found.value, leader));
    serve(call, found.value, 'exact');
    return true;
  };

  /** The answer to the same question that another gateway is asking; true when it came, or the call ended otherwise. */
  const serveShared = async (call: Call, first: Standing): Promise<boolean> => {
    let standing = first;
    for (let tries = 0; tries < MAX_FOLLOWED && !call.isSettled; tries++) {
      if (standing.kind === 'free') return false;
      if (standing.kind === 'answered') return (await serveExact(call)) ?? false;
      if (await sharing.follow(call, standing.holder)) return true;
      standing = await sharing.claim(call, standing.holder);
    }
    return call.isSettled;
  };

  const lookUp = async (call: Call): Promise<void> => {
    const isServed = await serveExact(call);
    if (isServed) return;
    if (isServed === false) {
      // Both at once: what the look-up for like questions takes, the claim does not add.
      const [claiming, liking] = [sharing.claim(call), findLike(call)];
      if ((await serveShared(call, await claiming)) || (await serveLike(call, await liking))) return;
    }
    if (call.isSettled) return;
    if (call.members.size > 0) dispatcher.dispatch(call);
    else calls.remove(call);
  };

  /** A client that could not be told its answer is lost to its own door; whoever still waits must hear something. */
  const lookUpFailed = (call: Call, error: unknown): void => {
    deps.metrics.fallback('answer_not_told');
    call.fail(toCostlaneError(error));
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
    } else if (leader.useCache) lookUp(call).catch((error: unknown) => lookUpFailed(call, error));
    else dispatcher.dispatch(call);
  };

  /** Gives the answer to a wording that this one was lately found to be like; false where none is at hand. */
  const giveKnownLike = (request: InferenceRequest, decision: RouteDecision, listener: AnswerListener): boolean => {
    const { tenantId } = request.caller;
    const hit = deps.likeness?.find(request);
    const kept = hit && memory.get(tenantId, hit.fingerprint);
    if (!hit || !kept || memory.isOutdated(tenantId, hit.fingerprint, kept)) return false;
    listener.whole(hitOf(kept, 'semantic', decision, hit));
    recorder.hit(request, decision, kept.header, 'semantic', hit.similarity);
    store.used(tenantId, hit.fingerprint, kept);
    deps.likeness?.given(request, hit);
    return true;
  };

  const joinOrStart = (member: Member, decision: RouteDecision): Call => {
    const { request } = member;
    const shareKey = shareKeyOf(request);
    const joined = shareKey === undefined ? undefined : calls.toJoin(shareKey, request);
    const reask = (other: Member): void => goOn(other, decision);
    const call = joined ?? new Call(request, decision, onSettled, deps.stale?.rescue, reask);
    call.add(member);
    if (joined) return joined;
    calls.add(call, shareKey);
    begin(call);
    return call;
  };

  /** The call that a member had joined is not made, for reasons that are none of its own. */
  const goOn = (member: Member, decision: RouteDecision): void => {
    if (member.isRemote) sharing.letGo(member);
    else member.movedTo = joinOrStart(member, decision);
  };

  return {
    route(features) {
      const policy = deps.policy();
      if (!policy)
        throw new CostlaneError('not_ready', 'The gateway has no routing policy yet.', { retryAfterMs: 1_000 });
      const chosen = chooseModel(policy, features);
      if (!chosen.ok) throw chosen.error;
      return chosen.value;
    },
    answer(request, decision, listener) {
      if (request.useCache && !request.idempotency) {
        const kept = memory.get(request.caller.tenantId, request.fingerprint);
        if (kept) {
          listener.whole(hitOf(kept, 'memory', decision));
          recorder.hit(request, decision, kept.header, 'memory');
          store.used(request.caller.tenantId, request.fingerprint, kept);
          return nothing;
        }
        if (giveKnownLike(request, decision, listener)) return nothing;
      }
      const member: Member = { request, listener };
      const call = joinOrStart(member, decision);
      return () => leaveCall(member.movedTo ?? call, member, { calls, dispatcher });
    },
    inFlight: () => calls.size(),
  };
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
      modelAsked: call.decision.cacheModel,
      modelUsed: header.modelUsed,
      usage: header.usage,
      baselineNanoUsd: header.baselineNanoUsd,
      askAgainNanoUsd: header.askAgainNanoUsd,
      priceVersion: header.priceVersion,
      askedAtMs: call.leader.createdAtMs,
      createdAtMs: Date.now(),
    },
    body: body ?? Buffer.alloc(0),
    tag: call.leader.cacheTag,
  };
}
