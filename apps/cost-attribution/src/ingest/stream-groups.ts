import type { Redis } from '@costlane/platform';
import { compareIds, nextId } from './stream-id';

export interface StreamGroup {
  name: string;
  /** Entries read and not acknowledged. */
  pending: number;
  /** The group is through with every entry before this id. */
  unfinishedFrom: string;
}

/** The groups of a stream; none when there is no stream. */
export async function readGroups(redis: Redis, stream: string): Promise<StreamGroup[]> {
  // In this order: an entry that is delivered between the two questions is then after the last delivered, and safe either way.
  const rows = await readRows(redis, stream);
  return Promise.all(
    rows.map(async ({ name, lastDeliveredId }) => {
      const [pending, oldest] = (await redis.xpending(stream, name)) as [number, string | null];
      const unread = nextId(lastDeliveredId);
      const unfinishedFrom = oldest !== null && compareIds(oldest, unread) < 0 ? oldest : unread;
      return { name, pending, unfinishedFrom };
    }),
  );
}

async function readRows(redis: Redis, stream: string): Promise<{ name: string; lastDeliveredId: string }[]> {
  let rows: unknown[][];
  try {
    rows = (await redis.xinfo('GROUPS', stream)) as unknown[][];
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return [];
    throw error;
  }
  return rows.map((row) => {
    const valueOf = (field: string): string => String(row[row.indexOf(field) + 1]);
    return { name: valueOf('name'), lastDeliveredId: valueOf('last-delivered-id') };
  });
}
