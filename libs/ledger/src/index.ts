export type { AnalyticsStore } from './analytics/analytics-store';
export type { BucketRow } from './analytics/bucket-totals';
export type { ChargeDetail, ChargeRow } from './analytics/charge-rows';
export type { CostHistory } from './analytics/cost-history';
export { groupOrders, type GroupOrder, type GroupRow, type GroupTotals } from './analytics/group-totals';
export { isPerTenant, reportGroupings, type ReportGrouping } from './analytics/groupings';
export type { Mover, Movers } from './analytics/movers';
export type { PeriodTotals } from './analytics/period-totals';
export { rangeBefore, type ReportInterval, type ReportRange, type ReportScope } from './analytics/report-query';
export { emptyTotals, sumTotals, type ReportTotals } from './analytics/totals';
export type { UnitRow } from './analytics/unit-totals';
export type { AlertFacts } from './anomalies/alert-facts';
export type { AlertStep, AlertStore, OutboxMessage, OutboxVerdict, StoredAlert } from './anomalies/alert-store';
export type { StoredAnomaly } from './anomalies/anomaly-row';
export type { AnomalyFilter, AnomalyPlan, AnomalyStore, Verdict } from './anomalies/anomaly-store';
export {
  LEASE_TTL_MS,
  MAX_BUDGETS_OF_TENANT,
  type BudgetStore,
  type BudgetTotals,
  type NewBudget,
  type SweepOutcome,
  type WantedAccount,
} from './budgets/budget-types';
export type { CheckRange, DayDifference, Differences, LedgerCheck } from './check';
export { controlKinds, MAX_DOCUMENTS } from './control/control-store';
export type { ControlKind, ControlStore, PutMode, PutOutcome, StoredControl } from './control/control-store';
export { DatabaseError } from './database-error';
export type { DetailRetention, DroppedDetail } from './detail-retention';
export type { Corrected, Correction, EntryStore } from './entries/entry-store';
export { entryKinds, type EntryFilter, type EntryKind, type LedgerEntry } from './entries/list-entries';
export type { ExperimentStore } from './experiments/experiment-store';
export type { VariantTotals } from './experiments/variant-totals';
export type {
  ClaimedBatch,
  NewOpenAiBatch,
  OpenAiBatch,
  OpenAiBatchError,
  OpenAiBatchRef,
  OpenAiBatchState,
  ResultLines,
} from './files/batch-types';
export type { FileStore } from './files/file-store';
export { resultFileId } from './files/file-types';
export type {
  FileListOptions,
  FileRef,
  ListedFile,
  NewFile,
  ResultFile,
  ResultPart,
  StoredFile,
} from './files/file-types';
export type { HoldoutArm, HoldoutSums } from './holdout/holdout-sums';
export type { OpenAiBatchStore } from './files/openai-batch-store';
export type { JobStore } from './jobs/create-job-store';
export { hasJobEnded, openItems, type JobCounts, type JobState } from './jobs/job-states';
export type {
  BatchJob,
  ItemEnd,
  ItemEndState,
  ItemState,
  JobError,
  JobKind,
  JobRef,
  LeasedItem,
  NewItem,
  NewJob,
  StoredItem,
  WebhookTarget,
} from './jobs/job-types';
export type { LeaseOptions, ReleasedItem } from './jobs/lease-items';
export type { JobTotals } from './jobs/job-totals';
export type { CollectedItem, Submission, SubmissionState, SubmittedItem } from './jobs/submissions';
export type { WebhookVerdict } from './jobs/webhook-outbox';
export type { KeyRole, KeyStore, NewKey, StoredKey } from './keys';
export { createLedger, type Ledger, type LedgerOptions } from './ledger';
export type { MigrateOptions } from './migrate';
export type { PartitionRange } from './partitions';
export type { DayModel, Drift } from './reconcile/compare-usage';
export { parseUsageExport } from './reconcile/parse-usage-export';
export type { ReconcileAsked, Reconciliation } from './reconcile/reconcile-usage';
export type { UsageExport } from './reconcile/usage-row';
export {
  DEPLOYMENT_TENANT,
  rollupDimensionNames,
  sharedRollupDimensions,
  type RollupDimension,
} from './rollup/dimensions';
export { rollupMeasureNames } from './rollup/measures';
export type { RollupOutcome, RollupRun, RollupStore } from './rollup/rollup-store';
export type { KeptPromptText, PromptStore } from './prompts/prompt-store';
export type { RecordOutcome } from './record/record-completions';
export { recordFields } from './record/reject-records';
export type { InfrastructureCost } from './record/request-columns';
export type { LedgerSummary, SavingsTotals, SummaryFilter } from './summary';
export { createMigratedDatabase } from './testing/migrated-database';
export { createScratchDatabase, type ScratchDatabase } from './testing/scratch-database';
