export type { LedgerCheck } from './check';
export { DatabaseError } from './database-error';
export type { KeyRole, KeyStore, NewKey, StoredKey } from './keys';
export { createLedger, type Ledger, type LedgerOptions } from './ledger';
export type { MigrateOptions } from './migrate';
export type { PartitionRange } from './partitions';
export type { RecordOutcome } from './record/record-completions';
export type { LedgerSummary, SavingsTotals, SummaryFilter } from './summary';
export { createScratchDatabase, type ScratchDatabase } from './testing/scratch-database';
