import type { Database } from './database';

export interface PartitionRange {
  /** UTC days before and after today; default 1 and 7. */
  daysBack?: number;
  daysAhead?: number;
}

const DAY_MS = 86_400_000;
const isoDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/**
 * Makes the partitions around today that are missing and resolves with how many those were. Meant to be called every hour: a day
 * without one is no loss, its rows wait in the default partition. Throws {@link DatabaseError}.
 */
export async function ensurePartitions(database: Database, range: PartitionRange = {}): Promise<number> {
  const { daysBack = 1, daysAhead = 7 } = range;
  const now = Date.now();
  const [row] = await database.query<{ made: number }>(`SELECT costlane_ensure_partitions($1, $2) AS made`, [
    isoDay(now - daysBack * DAY_MS),
    isoDay(now + daysAhead * DAY_MS),
  ]);
  return row?.made ?? 0;
}
