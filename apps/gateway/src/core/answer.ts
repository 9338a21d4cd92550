import type { CacheTier, ReplyHeader } from '@costlane/contracts';
import type { RouteDecision } from '@costlane/domain';

/** What is known of an answer when it is complete. `header.errorCode` tells success from failure. */
export interface AnswerEnd {
  header: ReplyHeader;
  tier: CacheTier;
  /** What this request pays: nothing for a hit or a joined call. */
  paidNanoUsd: number;
  savedNanoUsd: number;
  ageSeconds: number;
  /** Of a semantic hit: how like the two questions are, and how probably one answer serves both. */
  likeness?: { similarity: number; probability: number };
  decision?: RouteDecision;
  /** Given back from an idempotency key's first result. */
  isReplayed?: boolean;
}

export interface WholeAnswer extends AnswerEnd {
  /** `json`: one document. `sse`: the events of a stream that was kept. For errors: JSON {message, field}. */
  form: 'json' | 'sse';
  body: Buffer;
}

/** What is known when a stream begins. */
export type AnswerHead = Pick<ReplyHeader, 'status' | 'contentType' | 'provider' | 'modelUsed' | 'routeSteps'>;

/**
 * Takes one request's answer: either one `whole` (also for a streamed request that is served from a cache or fails before it
 * starts), or `head`, any number of `chunk`, one `end`.
 */
export interface AnswerListener {
  whole(answer: WholeAnswer): void;
  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void;
  chunk(bytes: Buffer): void;
  end(end: AnswerEnd): void;
}
