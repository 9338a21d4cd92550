import { checkLedger, type LedgerCheck } from './check';
import type { Database } from './database';
import { DatabaseError } from './database-error';

export interface DetailRetention {
  /** Days whose detail stays, today included. */
  keepDays: number;
  /** Days dropped at the most in this call; default 31. */
  maxDays?: number;
  /** Ends the call after the day in hand. */
  signal?: AbortSignal;
}

/** What became of the days that are too old. UTC, `YYYY-MM-DD`. */
export interface DroppedDetail {
  dropped: string[];
  kept: { day: string; reason: string }[];
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;
/** Looked at in one call: more than any retention leaves, so that days which have to stay keep none after them from being dropped. */
const MOST_LOOKED_AT = 3_660;
/** Rows without a partition of their day are deleted one by one. */
const DROP_TIMEOUT_MS = 60_000;
/** SQLSTATE lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';
const NOT_ROLLED_UP = 'something of it is not in the rollups yet';
const drop = 'SELECT costlane_drop_detail($1) AS is_gone';
const oldDays = `
  SELECT day::text FROM costlane_detail_days((now() AT TIME ZONE 'UTC')::date - $1::integer + 1, $2) AS day ORDER BY day`;

/**
 * Drops the detail of whole days that are too old, the oldest first: only of those whose entries and rollups say what the records say, and of which nothing waits
 * to be rolled up. Entries and rollups stay, and a record that comes later is set aside. May be repeated. Throws {@link DatabaseError}.
 */
export async function dropOldDetail(database: Database, options: DetailRetention): Promise<DroppedDetail> {
  const { keepDays, maxDays = MAX_DAYS, signal } = options;
  if (!Number.isInteger(keepDays) || keepDays < 1) throw new RangeError('keepDays must be a whole number from 1');
  const done: DroppedDetail = { dropped: [], kept: [] };
  for (const { day } of await database.query<{ day: string }>(oldDays, [keepDays, MOST_LOOKED_AT])) {
    if (signal?.aborted || done.dropped.length >= maxDays) break;
    const { reason, isTableBusy } = await dropDay(database, day).catch(refusalOf);
    if (reason === undefined) done.dropped.push(day);
    else done.kept.push({ day, reason });
    if (isTableBusy) break;
  }
  return done;
}

interface Outcome {
  /** Why the day's detail has to stay; undefined: it is gone. */
  reason: string | undefined;
  /** Somebody reads, for long: who waits for the table holds up all writers, so that the other days are left for the next time. */
  isTableBusy?: boolean;
}

/** What Postgres refuses of one day must not keep those after it for ever. */
function refusalOf(error: unknown): Outcome {
  if (!(error instanceof DatabaseError) || error.isConnectionLost) throw error;
  return { reason: `it could not be dropped: ${error.message}`, isTableBusy: error.sqlState === LOCK_NOT_AVAILABLE };
}

async function dropDay(database: Database, day: string): Promise<Outcome> {
  const since = new Date(`${day}T00:00:00Z`);
  const reason = problemOf(await checkLedger(database, { since, until: new Date(since.getTime() + DAY_MS) }));
  if (reason !== undefined) return { reason };
  // Asks again whether all is rolled up, once nobody can write any more.
  const [row] = await database.transaction((query) => query<{ is_gone: boolean }>(drop, [day]), DROP_TIMEOUT_MS);
  return { reason: row?.is_gone ? undefined : NOT_ROLLED_UP };
}

function problemOf(check: LedgerCheck): string | undefined {
  if (check.daysWaiting > 0) return NOT_ROLLED_UP;
  if (check.entryDifferences.count > 0) return 'its entries are not what its records say';
  if (check.rollupDifferences.count > 0) return 'its rollups are not what its records say';
  if (check.unbalancedRows > 0) return 'it has records whose savings do not add up';
  return undefined;
}
