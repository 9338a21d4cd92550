import { decodeItemRequest, type ItemRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { ExecuteItem, ItemOutcome } from '@costlane/jobs';
import type { FinishedJob } from '@costlane/lanes';
import type { AskItem } from './ask-item';
import { itemRequestId } from './item-request-id';
import { linger } from './linger';
import { recordFollowers } from './record-followers';
import { toOutcome } from './to-outcome';

export interface ExecuteDeps {
  ask: AskItem;
  /** Puts a record on its way to the ledger; resolves when it cannot be lost any more. */
  finish: (job: FinishedJob) => Promise<void>;
  /** How long one asking of an item may take. */
  timeoutMs: number;
  /** What is under way when this process is told to end has this long. */
  drainMs: number;
  now?: () => number;
}

/** Runs an item of a job as a request of its own, through a gateway's doors. */
export function createExecuteItem({ ask, finish, timeoutMs, drainMs, now = Date.now }: ExecuteDeps): ExecuteItem {
  return async (item, { signal, deadlineAtMs = Infinity }) => {
    const request = readRequest(item.request);
    if (request === undefined) return { kind: 'failed', errorCode: 'internal', isRetryable: false };
    const lingering = linger(signal, drainMs);
    try {
      const reply = await ask(
        {
          mode: 'execute',
          requestId: itemRequestId(item.job, item.index, item.tries),
          recordedAtMs: item.job.createdAtMs,
          deadlineAtMs: Math.min(deadlineAtMs, now() + timeoutMs),
          item: request,
          isBillWanted: item.followers ? true : undefined,
        },
        { signal: lingering.signal },
      );
      if (reply.kind !== 'answered') throw new Error('a gateway planned an item that was to be executed');
      const { followers } = item;
      const { bill } = reply;
      if (followers && bill && reply.status < 400)
        await recordFollowers(finish, { job: item.job, followers, request, bill }, now());
      return toOutcome(reply);
    } catch (error) {
      return unanswered(error);
    } finally {
      lingering.release();
    }
  };
}

/** Nobody answered: it may be tried again, and costs no attempt where it did not come to a gateway, or was lost with Redis. */
export function unanswered(error: unknown): ItemOutcome {
  if (!(error instanceof CostlaneError)) throw error;
  const { code: errorCode, retryAfterMs } = error;
  return { kind: 'failed', errorCode, isRetryable: true, retryAfterMs, isUntried: errorCode === 'unavailable' };
}

/** Undefined: it was written by another version, and no attempt will read it. */
export function readRequest(bytes: Buffer): ItemRequest | undefined {
  try {
    return decodeItemRequest(bytes);
  } catch {
    return undefined;
  }
}
