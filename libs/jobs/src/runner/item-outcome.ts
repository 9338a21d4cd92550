import type { BatchJob, ItemEnd, LeasedItem, ReleasedItem } from '@costlane/ledger';
import { jitteredDelayMs } from '@costlane/resilience';

export interface BatchItem extends LeasedItem {
  job: BatchJob;
}

/** What became of one item. `isRetryable`: the same request may succeed if it is made again. */
export type ItemOutcome =
  | { kind: 'succeeded'; status: number; result: Buffer; costNanoUsd: number }
  | {
      kind: 'failed';
      errorCode: string;
      status?: number;
      /** The error as the caller is to see it. */
      result?: Buffer;
      costNanoUsd?: number;
      isRetryable: boolean;
      retryAfterMs?: number;
      /** Nobody has tried it: it is tried again for as long as the job has time, and no attempt is used up. */
      isUntried?: boolean;
    };

/** Why a turn ends before its items do. */
export type StopReason = 'cancelled' | 'expired' | 'shutdown' | 'superseded';

export type Disposition = { kind: 'end'; end: ItemEnd } | { kind: 'release'; item: ReleasedItem };

export interface RetryRules {
  maxAttempts: number;
  retryBaseMs: number;
  retryMaxMs: number;
}

const endCodes = { cancelled: 'cancelled', expired: 'deadline_exceeded' } as const;

/**
 * What is written about an item. An answer counts whatever has happened in the meantime: it is paid for. A failure of a turn that was
 * stopped is the stop's doing; on a shutdown, or where the job is not ours any more, the item goes back as it was.
 */
export function dispositionOf(
  { index, attempt }: Pick<LeasedItem, 'index' | 'attempt'>,
  outcome: ItemOutcome,
  stop: StopReason | undefined,
  { maxAttempts, retryBaseMs, retryMaxMs }: RetryRules,
): Disposition {
  if (outcome.kind === 'succeeded') {
    const { status, result, costNanoUsd } = outcome;
    return { kind: 'end', end: { index, state: 'succeeded', status, result, costNanoUsd } };
  }
  const { errorCode, status, result, costNanoUsd, isRetryable, retryAfterMs = 0, isUntried = false } = outcome;
  const failed: ItemEnd = { index, state: 'failed', errorCode, status, result, costNanoUsd };
  // What an aborted call says of itself is the stop's doing as well.
  const isByStop = stop !== undefined && (errorCode === 'cancelled' || errorCode === 'deadline_exceeded');
  if (!isRetryable && !isByStop) return { kind: 'end', end: failed };
  if (stop === 'cancelled' || stop === 'expired')
    return { kind: 'end', end: { index, state: stop, errorCode: endCodes[stop], costNanoUsd } };
  if (stop !== undefined) return { kind: 'release', item: { index, delayMs: 0, isUncounted: true, costNanoUsd } };
  if (attempt >= maxAttempts && !isUntried) return { kind: 'end', end: { ...failed, isDead: true } };
  const delayMs = Math.max(Math.min(retryAfterMs, retryMaxMs), jitteredDelayMs(attempt, retryBaseMs, retryMaxMs));
  return {
    kind: 'release',
    item: { index, delayMs, costNanoUsd, isUncounted: isUntried, isAnswered: status !== undefined },
  };
}
