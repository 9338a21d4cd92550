import { groupLag } from '@costlane/lanes';
import type { Redis } from '@costlane/platform';
import type { IngestLag } from './ingest-metrics';
import type { StreamGroup } from './stream-groups';
import { idTimeMs } from './stream-id';

/** How far a group is behind its stream. A group that does not exist has all of it before it. */
export async function measureLag(
  redis: Redis,
  stream: string,
  groups: readonly StreamGroup[],
  name: string,
): Promise<IngestLag> {
  const group = groups.find((each) => each.name === name);
  const { entries: unreadEntries, pending: pendingEntries } = await groupLag(redis, stream, name);
  const isBehind = unreadEntries + pendingEntries > 0;
  const [oldest] = isBehind ? await redis.xrange(stream, group?.unfinishedFrom ?? '-', '+', 'COUNT', 1) : [];
  return {
    unreadEntries,
    pendingEntries,
    ageSeconds: oldest ? Math.max(0, Date.now() - idTimeMs(oldest[0])) / 1_000 : 0,
    streamEntries: await redis.xlen(stream),
  };
}
