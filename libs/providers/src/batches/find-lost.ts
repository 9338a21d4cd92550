import { CostlaneError } from '@costlane/domain';
import type { FoundBatch, LostBatch } from './provider-batches';

/** Clocks of ours and of a provider's differ by less. */
export const CLOCK_SKEW_MS = 5 * 60_000;
/**
 * A batch that has not shown itself so long after its request was given up does not come any more. No provider says how long that may take;
 * requests time out in a fraction of it on their way.
 */
const SETTLE_MS = 10 * 60_000;
const ASK_AGAIN_MS = 30_000;
/** Batches looked at, newest first, before the search is given up as one that cannot be decided. */
const MAX_LISTED = 10_000;

interface Listed {
  readonly providerBatchId: string;
  readonly createdAtMs?: number;
}

/** What is not there may still come: absent is only what had its time. */
export function absentOrNotYet({ endedAtMs }: LostBatch, nowMs: number): FoundBatch {
  const settledAtMs = endedAtMs + SETTLE_MS;
  if (nowMs >= settledAtMs) return { state: 'absent' };
  return { state: 'undecided', retryAfterMs: Math.min(ASK_AGAIN_MS, settledAtMs - nowMs) };
}

export const notYet: FoundBatch = { state: 'undecided', retryAfterMs: ASK_AGAIN_MS };

/**
 * The batches of an account that may be a lost one: those that were made since its request began, newest first, up to its end and the time it
 * may have been on its way.
 * @throws CostlaneError `upstream_error` when there are too many to look at.
 */
export async function* candidates<T extends Listed>(
  list: AsyncIterable<T>,
  { startedAtMs, endedAtMs, otherBatchIds }: LostBatch,
): AsyncGenerator<T> {
  let listed = 0;
  for await (const batch of list) {
    const { createdAtMs = startedAtMs, providerBatchId } = batch;
    if (createdAtMs < startedAtMs - CLOCK_SKEW_MS) return;
    if (++listed > MAX_LISTED) {
      throw new CostlaneError('upstream_error', 'There are too many batches of this account to find one among them.');
    }
    const isOfItsTime = createdAtMs <= endedAtMs + SETTLE_MS + CLOCK_SKEW_MS;
    if (isOfItsTime && otherBatchIds?.has(providerBatchId) !== true) yield batch;
  }
}
