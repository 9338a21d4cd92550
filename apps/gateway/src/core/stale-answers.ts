import { errorTable, type ErrorCode, type RouteDecision } from '@costlane/domain';
import type { Metrics, RedisBreaker } from '@costlane/platform';
import type { CachedAnswer, FindStale, MemoryTier } from '@costlane/response-store';
import type { AnswerEnd, WholeAnswer } from './answer';
import { hitOf } from './cached-reply';
import type { Call, CallOutcome, Member } from './call';
import type { InferenceRequest } from './inference-request';

/** An answer that has outlived its time, given because no provider answered. */
export interface StaleAnswer extends WholeAnswer {
  isStale: true;
}

export interface StaleAnswers {
  /**
   * Gives a stale answer to those of a failed call's members who take one, and takes them out of the call; whoever is left has still to be
   * told of the failure. Undefined, at once: nobody takes one, or the failure is not one to hide. Never rejects.
   */
  rescue(call: Call, outcome: CallOutcome): Promise<void> | undefined;
}

export interface StaleAnswersDeps {
  find: FindStale;
  breaker: Pick<RedisBreaker, 'run'>;
  /** Knows invalidations that are still under way in Redis. */
  memory: Pick<MemoryTier, 'isOutdated'>;
  metrics: Metrics;
  /** Puts it on record that a request was given a stale answer. */
  record(request: InferenceRequest, decision: RouteDecision, answer: CachedAnswer): void;
}

/** Failures of providers, for which asking again later may help; not those of the request itself, nor a client that has gone. */
const isHidden = (code: ErrorCode): boolean =>
  errorTable[code].isRetryable || code === 'upstream_auth_failed' || code === 'upstream_quota_exhausted';

const takesStale = ({ request, isRemote }: Member): boolean =>
  request.acceptsStale === true && request.useCache && !isRemote;

/** Looks for a stale answer when a call has failed before its client saw anything of it. */
export function createStaleAnswers(deps: StaleAnswersDeps): StaleAnswers {
  const { find, breaker, memory, metrics } = deps;
  const given = metrics.counter({
    name: 'costlane_stale_answers_total',
    help: 'Answers past their lifetime that were given because no provider answered, by what the provider failed with',
    labelNames: ['reason'],
  });

  const findFor = async ({ leader }: Call): Promise<CachedAnswer | undefined> => {
    const { tenantId } = leader.caller;
    const found = await breaker.run(() => find(tenantId, leader.fingerprint));
    const answer = found.ok ? found.value : undefined;
    return answer && !memory.isOutdated(tenantId, leader.fingerprint, answer) ? answer : undefined;
  };

  const serve = async (call: Call, code: ErrorCode): Promise<void> => {
    const answer = await findFor(call).catch(() => undefined);
    // Its time may have run out meanwhile, or a whole answer have come by another road.
    if (!answer || call.isSettled) return;
    const stale: StaleAnswer = { ...hitOf(answer, 'exact', call.decision), isStale: true };
    for (const member of [...call.members].filter(takesStale)) {
      call.remove(member);
      metrics.fallback('stale_answer');
      given.labels(code).inc();
      try {
        member.listener.whole(stale);
      } catch {
        // A client that could not be told is lost to its own door; the others wait for theirs.
        metrics.fallback('answer_not_told');
      }
      deps.record(member.request, call.decision, answer);
    }
  };

  return {
    rescue(call, { header }) {
      const { errorCode: code } = header;
      if (code === undefined || !isHidden(code)) return undefined;
      if (![...call.members].some(takesStale)) return undefined;
      return serve(call, code);
    },
  };
}

/** Headers by which a client sees that an answer is stale (RFC 7234, section 5.5.1); none for any other. */
export function staleHeaders(answer: AnswerEnd & { isStale?: boolean }): string[] {
  return answer.isStale ? ['x-cache-stale', 'true', 'warning', '110 - "Response is Stale"'] : [];
}
