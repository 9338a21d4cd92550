import type { Database, Query } from '../database';
import {
  countDayUsersSql,
  countHourUsersSql,
  rollUpDaySql,
  rollUpHourSql,
  rollUpWeekSql,
  summariseDaySql,
} from './rollup-sql';

/** What one transaction did. */
export interface RolledUp {
  /** Whether somebody else had done it already, or its detail is gone and its rollups were left as they are. */
  state: 'done' | 'nothing_to_do' | 'detail_gone';
  /** Rows that came, went or changed. */
  rows: number;
  /** Whose rows these are; `*`: the deployment's. */
  tenants: string[];
}

/** What may be made from an hour's rollup rows, each when it is due. */
export type DayTarget = 'daily' | 'summary';

const nothing = (state: RolledUp['state']): RolledUp => ({ state, rows: 0, tenants: [] });

/** One at a time for each hour and each day, in whatever process. Released with the transaction, so that nobody who died holds it. */
const lockSql = `SELECT pg_advisory_xact_lock(hashtextextended('costlane:rollup:' || $1, 0))`;
const takeHourMarks = `WITH taken AS (DELETE FROM rollup_marks WHERE hour = to_timestamp($1) RETURNING 1) SELECT count(*)::integer AS count FROM taken`;
const takeDayMarks = `
  WITH taken AS (DELETE FROM rollup_day_marks WHERE day = $1::date AND target = $2 RETURNING 1)
  SELECT count(*)::integer AS count FROM taken`;
const markDay = `
  INSERT INTO rollup_day_marks (day, target)
  SELECT (to_timestamp($1) AT TIME ZONE 'UTC')::date, target FROM unnest('{daily,summary}'::text[]) AS target`;

// Whoever drops a day's detail locks the table against everybody first: from here on it is either there to the end, or known to be gone.
const holdDetail = `LOCK TABLE llm_requests IN ACCESS SHARE MODE`;
const isDropped = `SELECT EXISTS (SELECT FROM dropped_days WHERE day = (to_timestamp($1) AT TIME ZONE 'UTC')::date) AS is_dropped`;

/** Of one step of a statement; what is more goes to disk. */
const WORK_MEMORY = '64MB';
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * Rolls up an hour (the epoch second it begins at), if it is marked. The marks go first: what is read afterwards has in it the rows of every mark that went. All
 * of it takes effect together, so that a crash anywhere leaves the marks where they were. Throws {@link DatabaseError}.
 */
export function rollUpHour(database: Database, hour: number, timeoutMs: number): Promise<RolledUp> {
  return database.transaction(async (query) => {
    await query(lockSql, [`hour:${hour}`]);
    if ((await count(query, takeHourMarks, [hour])) === 0) return nothing('nothing_to_do');
    if (await isDetailGone(query, hour)) return nothing('detail_gone');
    await planForSums(query);
    const result = await replace(query, rollUpHourSql, [hour, hour + HOUR_SECONDS]);
    const counted = await replace(query, countHourUsersSql, [hour, hour]);
    await query(markDay, [hour]);
    return together([result, counted]);
  }, timeoutMs);
}

/** Makes the rows of a day (`YYYY-MM-DD`) of a target, if it is marked; see {@link rollUpHour}. Throws {@link DatabaseError}. */
export function rollUpDay(
  database: Database,
  { day, start }: { day: string; start: number },
  target: DayTarget,
  timeoutMs: number,
): Promise<RolledUp> {
  return database.transaction(async (query) => {
    await query(lockSql, [`${target}:${day}`]);
    if ((await count(query, takeDayMarks, [day, target])) === 0) return nothing('nothing_to_do');
    await planForSums(query);
    const isFromDetail = target === 'summary';
    if (isFromDetail && (await isDetailGone(query, start))) return nothing('detail_gone');
    const parameters = [day, start, start + DAY_SECONDS];
    if (isFromDetail) return replace(query, summariseDaySql, parameters);
    const result = await replace(query, rollUpDaySql, parameters);
    const counted = await replace(query, countDayUsersSql, [day, start]);
    return together([result, counted, await rollUpWeek(query, start)]);
  }, timeoutMs);
}

/**
 * Makes the week's rows with those of its day, so that nobody ever sees a week that is not the sum of its days. Another day of the week that is made at the
 * same time waits here, and then sees this one.
 */
async function rollUpWeek(query: Query, start: number): Promise<RolledUp> {
  const monday = mondayOf(start);
  await query(lockSql, [`week:${monday}`]);
  return replace(query, rollUpWeekSql, [monday]);
}

/** The Monday (`YYYY-MM-DD`) of the week of a day, which is told by the epoch second it begins at. */
function mondayOf(start: number): string {
  const sinceMonday = (new Date(start * 1_000).getUTCDay() + 6) % 7;
  return new Date((start - sinceMonday * DAY_SECONDS) * 1_000).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** Several steps of one transaction. */
const together = (steps: readonly RolledUp[]): RolledUp => ({
  state: 'done',
  rows: steps.reduce((sum, { rows }) => sum + rows, 0),
  tenants: [...new Set(steps.flatMap(({ tenants }) => tenants))],
});

async function isDetailGone(query: Query, start: number): Promise<boolean> {
  await query(holdDetail);
  const [row] = await query<{ is_dropped: boolean }>(isDropped, [start]);
  return row?.is_dropped === true;
}

/**
 * What the planner cannot know: a day that has just begun has no statistics, without which an hour of it would be looked for in all of it; all dimensions are
 * hashed at once, which takes a third of the time of a sort for each; and to compile hundreds of sums takes longer than to run them.
 */
async function planForSums(query: Query): Promise<void> {
  const off = ['enable_seqscan', 'enable_sort', 'enable_incremental_sort', 'jit'].map(
    (name) => `SET LOCAL ${name} = off`,
  );
  await query([...off, `SET LOCAL work_mem = '${WORK_MEMORY}'`].join('; '));
}

async function count(query: Query, sql: string, parameters: readonly unknown[]): Promise<number> {
  const [row] = await query<{ count: number }>(sql, parameters);
  return row?.count ?? 0;
}

async function replace(query: Query, sql: string, parameters: readonly unknown[]): Promise<RolledUp> {
  const [row] = await query<{ rows: number; tenants: string[] }>(sql, parameters);
  return { state: 'done', rows: row?.rows ?? 0, tenants: row?.tenants ?? [] };
}
