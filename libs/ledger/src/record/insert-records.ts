import type { CompletionRecord } from '@costlane/contracts';
import type { Database } from '../database';
import { arrayLiteral } from './array-literal';
import { addLateRuns, amendStale } from './amend-stale';
import { duplicateColumns, requestColumnsWith, type Column, type InfrastructureCost } from './request-columns';

const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');
const values = (columns: readonly Column[], prefix = ''): string =>
  columns.map(({ name, sql }) => sql ?? `${prefix}${name}`).join(', ');
const unnest = (columns: readonly Column[]): string =>
  `unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')}) AS given (${names(columns)})`;

const insertRequests = (columns: readonly Column[]): string => `
  WITH written AS (
    INSERT INTO llm_requests (${names(columns)})
    SELECT ${values(columns)} FROM ${unnest(columns)}
    ON CONFLICT (request_id, created_at) DO NOTHING
    RETURNING 1
  )
  SELECT count(*)::integer AS count FROM written`;

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

export interface Inserted {
  inserted: number;
  duplicates: number;
  doubledUpstream: number;
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
  const insertSql = insertRequests(columns);
  return async (records) => {
    const inserted = await write(database, insertSql, columns, records);
    return inserted === records.length
      ? { inserted, duplicates: 0, doubledUpstream: 0 }
      : { inserted, ...(await settleRepeated(database, records, inserted)) };
  };
}

/** What is there of a batch that was not new in full. */
async function settleRepeated(
  database: Database,
  records: readonly CompletionRecord[],
  inserted: number,
): Promise<Omit<Inserted, 'inserted'>> {
  // A stale answer's record is no second run of its request: it says what became of the first one's failure.
  await amendStale(
    database,
    records.filter(({ isStale }) => isStale),
  );
  const runs = records.filter(({ isStale }) => !isStale);
  await addLateRuns(database, runs);
  const doubledUpstream = runs.length > 0 ? await write(database, insertDuplicates, duplicateColumns, runs) : 0;
  return { duplicates: records.length - inserted - doubledUpstream, doubledUpstream };
}

/** By request id, then time; records of one request keep their order, so that the attempt that came first is charged. */
export function byKey(a: CompletionRecord, b: CompletionRecord): number {
  if (a.requestId !== b.requestId) return a.requestId < b.requestId ? -1 : 1;
  return a.createdAtMs - b.createdAtMs;
}

async function write(
  database: Database,
  sql: string,
  columns: readonly Column[],
  records: readonly CompletionRecord[],
): Promise<number> {
  const parameters = columns.map((column) => arrayLiteral(records.map((record) => column.valueOf(record))));
  const [row] = await database.query<{ count: number }>(sql, parameters);
  return row?.count ?? 0;
}
