import type { CompletionRecord } from '@costlane/contracts';
import type { Database } from '../database';
import { keepPromptsSql, promptParameters, promptsOf } from '../prompts/prompt-columns';
import { addLateRuns, amendStale } from './amend-stale';
import { arrayLiteral, type ColumnValue } from './array-literal';
import { cleanText } from './clean-text';
import {
  duplicateColumns,
  NAME_LIMIT,
  requestColumnsWith,
  type Column,
  type InfrastructureCost,
} from './request-columns';
import { unnestColumns } from './unnest-columns';

const DAY_MS = 86_400_000;
const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');
const values = (columns: readonly Column[]): string => columns.map(({ name, sql }) => sql ?? name).join(', ');

// Nothing is written of a day whose detail was dropped. No join, which might change the order of the rows.
const insertRequests = (columns: readonly Column[], given: string, alsoWith = ''): string => `
  WITH written AS (
    INSERT INTO llm_requests (${names(columns)})
    SELECT ${values(columns)} FROM ${given} AS given
    WHERE created_at / ${DAY_MS} > (SELECT coalesce(max(epoch_day), -1) FROM dropped_days)
      OR NOT EXISTS (SELECT FROM dropped_days WHERE epoch_day = given.created_at / ${DAY_MS})
    ON CONFLICT (request_id, created_at) DO NOTHING
    RETURNING tenant_id, request_id, created_at
  )${alsoWith}
  SELECT count(*)::integer AS count, (SELECT max(epoch_day) FROM dropped_days) AS "lastDropped" FROM written`;

// The subquery with its limit makes each look-up one probe of one partition's key, whatever the planner thinks of the table.
const recorded = (given: string, columns: string): string => `LATERAL (
      SELECT ${columns} FROM llm_requests r
      WHERE r.request_id = ${given}.request_id AND r.created_at = ${given}.created_at LIMIT 1
    ) AS recorded`;

/** Which of the given are on record by another attempt. */
const findFurther = `
  SELECT (timed.number - 1)::integer AS index FROM (
    SELECT request_id, 'epoch'::timestamptz + created_at * interval '1 millisecond' AS created_at, attempt, number
    FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS given (request_id, created_at, attempt, number)
  ) AS timed, ${recorded('timed', 'attempt')}
  WHERE recorded.attempt <> timed.attempt ORDER BY 1`;

const insertDuplicates = (given: string): string => `
  WITH timed AS (
    SELECT ${duplicateColumns.map(({ name, sql }) => (sql ? `${sql} AS ${name}` : name)).join(', ')} FROM ${given} AS given
  ), written AS (
    INSERT INTO duplicate_completions (${names(duplicateColumns)})
    SELECT ${names(duplicateColumns).replace(/\w+/g, 'timed.$&')} FROM timed, ${recorded('timed', 'attempt')}
    WHERE recorded.attempt <> timed.attempt
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
 * is there with another attempt, its further completion goes to `duplicate_completions` by statements that may be repeated
 * as well, so that a crash between two of them leaves nothing undone once the batch has come again.
 * Batches have to be sorted by {@link byKey}: two writers of overlapping batches would otherwise wait for each other.
 */
export function createInsertRecords(database: Database, infrastructureCostOf?: InfrastructureCost): InsertRecords {
  const columns = requestColumnsWith(infrastructureCostOf);
  return async (records) => {
    const { sql, parameters } = unnestColumns(columns, records);
    const prompts = promptsOf(records);
    const keepPrompts = prompts.length === 0 ? '' : `, kept AS (${keepPromptsSql(parameters.length + 1)})`;
    const [row] = await database.query<{ count: number; lastDropped: number | null }>(
      insertRequests(columns, sql, keepPrompts),
      prompts.length === 0 ? parameters : [...parameters, ...promptParameters(prompts)],
    );
    const inserted = row?.count ?? 0;
    if (inserted === records.length) return { inserted, duplicates: 0, doubledUpstream: 0, tooLate: [] };
    const isGone = await droppedDays(database, records, row?.lastDropped ?? -1);
    const tooLate = records.filter((record) => isGone.has(dayOf(record)));
    const others = tooLate.length === 0 ? records : records.filter((record) => !isGone.has(dayOf(record)));
    const doubledUpstream = await settleFurther(database, others);
    return { inserted, tooLate, doubledUpstream, duplicates: others.length - inserted - doubledUpstream };
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

/** What is told of requests that are on record by another attempt; resolves with how many of them were called upstream again. */
async function settleFurther(database: Database, records: readonly CompletionRecord[]): Promise<number> {
  const rows = await database.query<{ index: number }>(
    findFurther,
    keyColumns.map((read) => arrayLiteral(records.map(read))),
  );
  const further = rows.flatMap(({ index }) => records[index] ?? []);
  if (further.length === 0) return 0;
  // A stale answer's record is no second run of its request: it says what became of the first one's failure.
  await amendStale(
    database,
    further.filter(({ isStale }) => isStale),
  );
  const runs = further.filter(({ isStale }) => !isStale);
  await addLateRuns(database, runs);
  return runs.length > 0 ? writeDuplicates(database, runs) : 0;
}

/** By request id, then time; records of one request keep their order, so that the attempt that came first is charged. */
export function byKey(a: CompletionRecord, b: CompletionRecord): number {
  if (a.requestId !== b.requestId) return a.requestId < b.requestId ? -1 : 1;
  return a.createdAtMs - b.createdAtMs;
}

const keyColumns: ((record: CompletionRecord) => ColumnValue)[] = [
  ({ requestId }) => cleanText(requestId, NAME_LIMIT),
  ({ createdAtMs }) => createdAtMs,
  ({ attempt }) => cleanText(attempt, NAME_LIMIT),
];

async function writeDuplicates(database: Database, records: readonly CompletionRecord[]): Promise<number> {
  const { sql, parameters } = unnestColumns(duplicateColumns, records);
  const [row] = await database.query<{ count: number }>(insertDuplicates(sql), parameters);
  return row?.count ?? 0;
}
