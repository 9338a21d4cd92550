import type { CompletionRecord } from '@costlane/contracts';
import type { Logger } from '@costlane/platform';
import type { Database } from '../database';
import { DatabaseError } from '../database-error';
import { byKey, createInsertRecords, type InsertRecords } from './insert-records';
import { isolateFailing } from './isolate-failing';
import { problemOf } from './problem-of';
import { rejectRecords, type Rejection } from './reject-records';
import type { InfrastructureCost } from './request-columns';

export interface RecordOutcome {
  /** New in the ledger. */
  inserted: number;
  /** Delivered before, with the same effect as once. */
  duplicates: number;
  /** Completions of requests that another attempt had completed: the provider was paid again, the customer is not charged again. */
  doubledUpstream: number;
  /** Kept apart for repair: the ledger cannot take them. */
  rejected: number;
}

/** Rows a statement: more do not make it cheaper, and a poisoned one costs more to find. */
const MAX_ROWS = 1_000;

export interface RecorderDeps {
  database: Database;
  logger: Logger;
  infrastructureCostOf?: InfrastructureCost;
}

/** Puts batches on record. */
export function createRecorder({ database, logger, infrastructureCostOf }: RecorderDeps) {
  const insertRecords = createInsertRecords(database, infrastructureCostOf);
  return (batch: readonly CompletionRecord[]) => recordCompletions({ database, logger, insertRecords }, batch);
}

/** Of a day that is off the books in detail nobody can say any more whether a record is new. */
const DETAIL_IS_GONE =
  'the detail of its day was dropped because of its age: it may be on record in the entries and rollups of the day, or not';

/**
 * Puts a batch on record. When this resolves, every record of it is stored or set aside, and the batch may be acknowledged; when it
 * throws {@link DatabaseError}, the same batch has to come again, and nothing will be counted twice.
 */
async function recordCompletions(
  { database, logger, insertRecords }: { database: Database; logger: Logger; insertRecords: InsertRecords },
  batch: readonly CompletionRecord[],
): Promise<RecordOutcome> {
  const outcome: RecordOutcome = { inserted: 0, duplicates: 0, doubledUpstream: 0, rejected: 0 };
  const rejections: Rejection[] = [];
  const sound: CompletionRecord[] = [];
  for (const record of batch) {
    const reason = problemOf(record);
    if (reason === undefined) sound.push(record);
    else rejections.push({ record, reason });
  }
  sound.sort(byKey);
  for (let from = 0; from < sound.length; from += MAX_ROWS) {
    const part = sound.slice(from, from + MAX_ROWS);
    const { results, failed } = await isolateFailing(part, insertRecords, isDataError);
    for (const result of results) {
      outcome.inserted += result.inserted;
      outcome.duplicates += result.duplicates;
      outcome.doubledUpstream += result.doubledUpstream;
      for (const record of result.tooLate) rejections.push({ record, reason: DETAIL_IS_GONE });
    }
    for (const { item, error } of failed) rejections.push({ record: item, reason: reasonOf(error) });
  }
  outcome.rejected = await rejectRecords(database, rejections);
  outcome.duplicates += rejections.length - outcome.rejected;
  if (outcome.rejected > 0) reportRejections(logger, rejections);
  return outcome;
}

const isDataError = (error: unknown): boolean => error instanceof DatabaseError && error.isDataError;

const reasonOf = (error: unknown): string =>
  error instanceof DatabaseError ? `${error.message} (SQLSTATE ${error.sqlState})` : String(error);

function reportRejections(logger: Logger, rejections: readonly Rejection[]): void {
  const [first] = rejections;
  logger.error(
    { rejected: rejections.length, requestId: first?.record.requestId, reason: first?.reason },
    'the ledger cannot take these records; they are kept in rejected_completions',
  );
}
