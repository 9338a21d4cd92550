import { consumerGroups } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import { idTimeMs } from '../ingest/stream-id';
import { readGroups } from '../ingest/stream-groups';

/**
 * How long ago the oldest entry of the completions stream was written that is not on record yet, by Redis' own clock; 0 where all are. Rejects
 * while Redis is away.
 */
export async function unrecordedAgeMs(redis: Redis, stream: string): Promise<number> {
  const groups = await readGroups(redis, stream);
  const group = groups.find(({ name }) => name === consumerGroups.ledger);
  // An entry that is pending may have been let go of in the stream: it is on record no sooner for that.
  const from = group?.unfinishedFrom ?? '-';
  const [oldest] = await redis.xrange(stream, from, '+', 'COUNT', 1);
  const oldestId = group && group.pending > 0 ? from : oldest?.[0];
  if (oldestId === undefined) return 0;
  const [seconds, microseconds] = await redis.time();
  return Math.max(0, Number(seconds) * 1_000 + Number(microseconds) / 1_000 - idTimeMs(oldestId));
}
