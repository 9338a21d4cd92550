import type { CompletionRecord } from '@costlane/contracts';
import type { Database } from '../database';
import { arrayLiteral } from './array-literal';
import { addLateRuns, amendStale } from './amend-stale';
import { keepPromptsSql, promptParameters, promptsOf } from '../prompts/prompt-columns';
import { duplicateColumns, requestColumnsWith, type Column, type InfrastructureCost } from './request-columns';

const DAY_MS = 86_400_000;
const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');
const values = (columns: readonly Column[], prefix = ''): string =>
  columns.map(({ name, sql }) => sql ?? `${prefix}${name}`).join(', ');
const unnest = (columns: readonly Column[]): string =>
  `unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')}) AS given (${names(columns)})`;

// A day whose detail was dropped takes nothing any more; the number of the last such day tells whether there is anything to look for.
const insertRequests = (columns: readonly Column[], alsoWith = ''): string => `
  WITH written AS (
    INSERT INTO llm_requests (${names(columns)})
    SELECT ${values(columns)} FROM ${unnest(columns)}
    WHERE NOT EXISTS (SELECT FROM dropped_days WHERE epoch_day = given.created_at / ${DAY_MS})
    ON CONFLICT (request_id, created_at) DO NOTHING
    RETURNING tenant_id, request_id, created_at
  )${alsoWith}
  SELECT count(*)::integer AS count, (SELECT max(epoch_day) FROM dropped_days) AS "lastDropped" FROM written`;

// The subquery with its limit makes each look-up one probe of one partition's key, whatever the planner thinks of the table.
const insertDuplicates = `
  WITH timed AS (
    SELECT ${duplicateColumns.map(({ name, sql }) => (sql ? `${sql} AS ${name}` : name)).join(', ')}
    FROM ${unnest(duplicateColumns)}
  ), written AS (
    INSERT INTO duplicate_completions (${names(duplicateColumns)})
    SELECT ${names(duplicateColumns).replace(/\w+/g, 'timed.$&')} FROM timed, LATERAL (
      SELECT attempt FROM llm_requests r
      WHERE r.request_id = timed.request_id AND r.created_at = timed.created_at LIMIT 1
    ) AS charged
    WHERE charged.attempt <> timed.attempt
    ON CONFLICT (request_id, created_at, attempt) DO NOTHING
    RETURNING upstream_calls
  )
  SELECT count(*) FILTER (WHERE upstream_calls > 0)::integer AS count FROM written`;

const droppedAmong = `SELECT epoch_day AS day FROM dropped_days WHERE epoch_day = ANY($1::integer[])`;

export interface Inserted {
  inserted: number;
  duplicates: number;
  doubledUpstream: number;
  /** Of days whose detail is gone: not written. */
  tooLate: readonly CompletionRecord[];
}

export type InsertRecords = (records: readonly CompletionRecord[]) => Promise<Inserted>;

/**
 * Writes a batch with one statement, which takes all of it or none. Records that are there already change nothing. Where a request
 * is there with another attempt, its further completion goes to `duplicate_completions`: a second statement, which may be repeated
 * as well, so that a crash between the two leaves nothing undone once the batch has come again.
 * Batches have to be sorted by {@link byKey}: two writers of overlapping batches would otherwise wait for each other.
 */
export function createInsertRecords(database: Database, infrastructureCostOf?: InfrastructureCost): InsertRecords {
  const columns = requestColumnsWith(infrastructureCostOf);
  const plainSql = insertRequests(columns);
  const promptsSql = insertRequests(columns, `, kept AS (${keepPromptsSql(columns.length + 1)})`);
  return async (records) => {
    const prompts = promptsOf(records);
    const [row] = await database.query<{ count: number; lastDropped: number | null }>(
      prompts.length === 0 ? plainSql : promptsSql,
      [...parametersOf(columns, records), ...(prompts.length === 0 ? [] : promptParameters(prompts))],
    );
    const inserted = row?.count ?? 0;
    if (inserted === records.length) return { inserted, duplicates: 0, doubledUpstream: 0, tooLate: [] };
    const isGone = await droppedDays(database, records, row?.lastDropped ?? -1);
    const tooLate = records.filter((record) => isGone.has(dayOf(record)));
    const others = tooLate.length === 0 ? records : records.filter((record) => !isGone.has(dayOf(record)));
    return { inserted, tooLate, ...(await settleRepeated(database, others, inserted)) };
  };
}

const dayOf = ({ createdAtMs }: CompletionRecord): number => Math.floor(createdAtMs / DAY_MS);

/** Those of the records' days whose detail was dropped; `lastDropped` is the last one of all, -1 where there is none. */
async function droppedDays(
  database: Database,
  records: readonly CompletionRecord[],
  lastDropped: number,
): Promise<ReadonlySet<number>> {
  const old = new Set(records.map(dayOf).filter((day) => day <= lastDropped));
  if (old.size === 0) return old;
  const rows = await database.query<{ day: number }>(droppedAmong, [arrayLiteral([...old])]);
  return new Set(rows.map(({ day }) => day));
}

/** What is there of a batch that was not new in full. */
async function settleRepeated(
  database: Database,
  records: readonly CompletionRecord[],
  inserted: number,
): Promise<Pick<Inserted, 'duplicates' | 'doubledUpstream'>> {
  // A stale answer's record is no second run of its request: it says what became of the first one's failure.
  await amendStale(
    database,
    records.filter(({ isStale }) => isStale),
  );
  const runs = records.filter(({ isStale }) => !isStale);
  await addLateRuns(database, runs);
  const doubledUpstream = runs.length > 0 ? await writeDuplicates(database, runs) : 0;
  return { duplicates: records.length - inserted - doubledUpstream, doubledUpstream };
}

/** By request id, then time; records of one request keep their order, so that the attempt that came first is charged. */
export function byKey(a: CompletionRecord, b: CompletionRecord): number {
  if (a.requestId !== b.requestId) return a.requestId < b.requestId ? -1 : 1;
  return a.createdAtMs - b.createdAtMs;
}

const parametersOf = (columns: readonly Column[], records: readonly CompletionRecord[]): string[] =>
  columns.map((column) => arrayLiteral(records.map((record) => column.valueOf(record))));

async function writeDuplicates(database: Database, records: readonly CompletionRecord[]): Promise<number> {
  const parameters = parametersOf(duplicateColumns, records);
  const [row] = await database.query<{ count: number }>(insertDuplicates, parameters);
  return row?.count ?? 0;
}
