import { consumerGroups, type StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';

const MAX_DEAD_LETTERS = 10_000;

interface Parts {
  redis: Redis;
  names: StreamNames;
  logger: Logger;
}

/** Notes an entry for people to look at. Its job has to be ended besides. */
export function putAside(
  { redis, names, logger }: Parts,
  entry: { stream: string; id: string },
  requestId: string,
  why: string,
): void {
  logger.error({ ...entry, requestId, why }, 'a job is put aside');
  redis
    .xadd(
      names.deadLetters,
      'MAXLEN',
      '~',
      MAX_DEAD_LETTERS,
      '*',
      'stream',
      entry.stream,
      'id',
      entry.id,
      'request_id',
      requestId,
    )
    .catch((err: unknown) => logger.error({ err, requestId }, 'a job that was put aside could not be noted'));
}

/** Ends an entry that is no job: nobody can be told. */
export function putAsideUnreadable(
  { redis, names, logger }: Parts,
  entry: { stream: string; id: string },
  err: unknown,
): void {
  logger.error({ err, id: entry.id, stream: entry.stream }, 'a lane entry is no job and is put aside');
  redis
    .multi()
    .xadd(names.deadLetters, 'MAXLEN', '~', MAX_DEAD_LETTERS, '*', 'stream', entry.stream, 'id', entry.id)
    .xack(entry.stream, consumerGroups.lanes, entry.id)
    .xdel(entry.stream, entry.id)
    .exec()
    .catch((error: unknown) => logger.debug({ err: error }, 'an entry could not be put aside; it comes again'));
}
