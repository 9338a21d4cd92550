import { CostlaneError } from '@costlane/domain';
import { DatabaseError } from '@costlane/ledger';

const LIMIT_MS = 2_000;
const RETRY_AFTER_MS = 2_000;

/** What callers are told while the database is away. */
export const databaseAway = (cause?: unknown): CostlaneError =>
  new CostlaneError('unavailable', 'Jobs and files cannot be kept or read at the moment; try again shortly.', {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });

/** A server that does not answer is given up after `limitMs`; what it then does is not waited for. @throws what `work` does; `unavailable` */
export async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(databaseAway()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Work on the database, in the words of doors.
 * @throws CostlaneError `unavailable`; `invalid_request` for values that it does not take; what `work` throws of its own.
 */
export const atDatabase = <T>(work: Promise<T>, limitMs = LIMIT_MS): Promise<T> =>
  withinTime(work, limitMs).catch((error: unknown) => {
    throw inDoorsWords(error);
  });

export function inDoorsWords(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (!error.isDataError) return databaseAway(error);
  const message = 'The job holds text that cannot be kept: a NUL character or half of a surrogate pair.';
  return new CostlaneError('invalid_request', message, { cause: error });
}
