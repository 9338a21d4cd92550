import { unpaidSavings, type CacheTier, type ReplyHeader } from '@costlane/contracts';
import type { RouteDecision } from '@costlane/domain';
import type { CachedAnswer } from '@costlane/response-store';
import type { WholeAnswer } from './answer';

/** Reply headers of kept answers, made once an answer: a hit allocates little. */
const replyHeaders = new WeakMap<CachedAnswer, ReplyHeader>();

/** Reply header of an answer out of a cache: nobody pays. */
export function replyHeaderOf(answer: CachedAnswer): ReplyHeader {
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
      askAgainNanoUsd: header.askAgainNanoUsd,
      savings: unpaidSavings(header),
      priceVersion: header.priceVersion,
      upstreamLatencyMs: 0,
      upstreamCalls: 0,
    };
    replyHeaders.set(answer, reply);
  }
  return reply;
}

/** A kept answer as a request gets it. */
export function hitOf(
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
