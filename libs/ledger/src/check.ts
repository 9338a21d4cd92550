import { checkSql } from './check-sql';
import type { Database } from './database';

/** A tenant's day on which two accounts of it differ. Amounts in nano-dollars. */
export interface DayDifference {
  tenantId: string;
  /** UTC, `YYYY-MM-DD`. */
  day: string;
  requests: number;
  expectedRequests: number;
  paidNanoUsd: bigint;
  expectedPaidNanoUsd: bigint;
}

/** How many days of tenants differ; the first of them are named. */
export interface Differences {
  count: number;
  listed: DayDifference[];
}

export interface LedgerCheck {
  /** Every identity holds, no request is charged twice, entries and rollups say what the records say, nothing was set aside. */
  isBalanced: boolean;
  requests: number;
  /** Rows whose `baseline - paid` is not the sum of their savings. */
  unbalancedRows: number;
  /** Σ baseline - Σ paid - Σ savings: zero. */
  differenceNanoUsd: bigint;
  /** Σ paid of the records, and of the rollups where the detail was dropped. */
  paidNanoUsd: bigint;
  /** Σ entries that came from records: the same. */
  enteredNanoUsd: bigint;
  /** Where entries are not what the records, or the rollups of days whose detail was dropped, say. */
  entryDifferences: Differences;
  /** Entries by hand, which no record stands behind. */
  corrections: number;
  correctedNanoUsd: bigint;
  /** Where rollups are not what the records say, among days that are over and rolled up. */
  rollupDifferences: Differences;
  daysCompared: number;
  /** Days with records that are not over, or not rolled up yet: their rollups were not looked at. */
  daysWaiting: number;
  /** Days whose detail was dropped because of its age. */
  daysDropped: number;
  /** Request ids that stand in the ledger more than once. */
  requestsChargedTwice: number;
  /** Further completions of requests that are on record: paid by the operator, charged to nobody. */
  duplicateCompletions: number;
  duplicatePaidNanoUsd: bigint;
  rejectedRecords: number;
  /** Rows that wait for a partition of their day. */
  rowsInDefaultPartition: number;
  /** UTC days from tomorrow on that have their partition. */
  partitionsAhead: number;
}

/** What is gone through: whole UTC days, from that of `since` on to the one before that of `until`. */
export interface CheckRange {
  since?: Date;
  until?: Date;
  tenantId?: string;
  /** How long it may take; default two minutes. */
  timeoutMs?: number;
}

const CHECK_TIMEOUT_MS = 120_000;

interface ListedRow {
  tenant: string;
  day: string;
  requests: string;
  expectedRequests: string;
  paidNanoUsd: string;
  expectedPaidNanoUsd: string;
}

type CheckRow = Record<
  | 'requests'
  | 'unbalanced'
  | 'difference'
  | 'paid'
  | 'entered'
  | 'corrected'
  | 'corrections'
  | 'charged_twice'
  | 'duplicates'
  | 'duplicates_paid'
  | 'rejected'
  | 'days_compared'
  | 'days_waiting'
  | 'days_dropped'
  | 'in_default'
  | 'ahead'
  | 'entry_differences'
  | 'rollup_differences',
  string
> & { entry_differences_listed: ListedRow[]; rollup_differences_listed: ListedRow[] };

/** Goes through the ledger (default: all of it) and says whether it adds up. Throws {@link DatabaseError}. */
export async function checkLedger(database: Database, range: CheckRange = {}): Promise<LedgerCheck> {
  const parameters = [dayOf(range.since), dayAfter(range.until), range.tenantId ?? null];
  const [row] = await database.report<CheckRow>(checkSql, parameters, range.timeoutMs ?? CHECK_TIMEOUT_MS);
  if (!row) throw new Error('an aggregate gave no row');
  const check = checkOf(row);
  const mistakes = [
    check.unbalancedRows,
    check.requestsChargedTwice,
    check.rejectedRecords,
    check.entryDifferences.count,
    check.rollupDifferences.count,
  ];
  const isBalanced = mistakes.every((count) => count === 0) && check.differenceNanoUsd === 0n;
  return { isBalanced, ...check };
}

const checkOf = (row: CheckRow): Omit<LedgerCheck, 'isBalanced'> => ({
  requests: Number(row.requests),
  unbalancedRows: Number(row.unbalanced),
  differenceNanoUsd: BigInt(row.difference),
  paidNanoUsd: BigInt(row.paid),
  enteredNanoUsd: BigInt(row.entered),
  entryDifferences: differencesOf(row.entry_differences, row.entry_differences_listed),
  corrections: Number(row.corrections),
  correctedNanoUsd: BigInt(row.corrected),
  rollupDifferences: differencesOf(row.rollup_differences, row.rollup_differences_listed),
  daysCompared: Number(row.days_compared),
  daysWaiting: Number(row.days_waiting),
  daysDropped: Number(row.days_dropped),
  requestsChargedTwice: Number(row.charged_twice),
  duplicateCompletions: Number(row.duplicates),
  duplicatePaidNanoUsd: BigInt(row.duplicates_paid),
  rejectedRecords: Number(row.rejected),
  rowsInDefaultPartition: Number(row.in_default),
  partitionsAhead: Number(row.ahead),
});

const differencesOf = (count: string, rows: readonly ListedRow[]): Differences => ({
  count: Number(count),
  listed: rows.map(({ tenant, day, requests, expectedRequests, paidNanoUsd, expectedPaidNanoUsd }) => ({
    tenantId: tenant,
    day,
    requests: Number(requests),
    expectedRequests: Number(expectedRequests),
    paidNanoUsd: BigInt(paidNanoUsd),
    expectedPaidNanoUsd: BigInt(expectedPaidNanoUsd),
  })),
});

const DAY_MS = 86_400_000;
const dayOf = (time: Date | undefined): string | null => time?.toISOString().slice(0, 10) ?? null;
/** The first day that is not gone through any more. */
const dayAfter = (until: Date | undefined): string | null =>
  until ? dayOf(new Date(Math.ceil(until.getTime() / DAY_MS) * DAY_MS)) : null;
