import type { Redis } from '@costlane/platform';
import type { StreamGroup } from './stream-groups';
import { compareIds } from './stream-id';

/**
 * The first id that a trim has to keep: what any group has yet to read or acknowledge stays. Undefined while one of `required` does
 * not exist: it will read from the stream's beginning.
 */
export function keepFrom(groups: readonly StreamGroup[], required: readonly string[]): string | undefined {
  if (required.some((name) => !groups.some((group) => group.name === name))) return undefined;
  return groups.map((group) => group.unfinishedFrom).sort(compareIds)[0];
}

/**
 * Takes off the completions stream what every group is through with, and resolves with the number of entries. Redis frees whole
 * nodes of about a hundred entries; a part of one stays until next time.
 */
export async function trimCompletions(
  redis: Redis,
  stream: string,
  groups: readonly StreamGroup[],
  required: readonly string[],
): Promise<number> {
  const from = keepFrom(groups, required);
  return from === undefined ? 0 : redis.xtrim(stream, 'MINID', '~', from, 'LIMIT', 0);
}
