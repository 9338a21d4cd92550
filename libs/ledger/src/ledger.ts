import type { CompletionRecord } from '@costlane/contracts';
import type { HealthResult, Logger } from '@costlane/platform';
import { createAnalyticsStore, type AnalyticsStore } from './analytics/analytics-store';
import { createAlertFacts, type AlertFacts } from './anomalies/alert-facts';
import { createAlertStore, type AlertStore } from './anomalies/alert-store';
import { createAnomalyStore, type AnomalyStore } from './anomalies/anomaly-store';
import { createBudgetStore } from './budgets/budget-store';
import type { BudgetStore } from './budgets/budget-types';
import { checkLedger, type CheckRange, type LedgerCheck } from './check';
import { createControlStore, type ControlStore } from './control/control-store';
import { createDatabase } from './database';
import { dropOldDetail, type DetailRetention, type DroppedDetail } from './detail-retention';
import { createEntryStore, type EntryStore } from './entries/entry-store';
import { createExperimentStore, type ExperimentStore } from './experiments/experiment-store';
import { createFileStore, type FileStore } from './files/file-store';
import { createOpenAiBatchStore, type OpenAiBatchStore } from './files/openai-batch-store';
import { createJobStore, type JobStore } from './jobs/create-job-store';
import { createKeyStore, type KeyStore } from './keys';
import { migrate, type MigrateOptions } from './migrate';
import { ensurePartitions, type PartitionRange } from './partitions';
import { createPromptStore, type PromptStore } from './prompts/prompt-store';
import { createRecorder, type RecordOutcome } from './record/record-completions';
import type { InfrastructureCost } from './record/request-columns';
import { reconcileUsage, type ReconcileAsked, type Reconciliation } from './reconcile/reconcile-usage';
import { createRollupStore, type RollupStore } from './rollup/rollup-store';
import { summarise, type LedgerSummary, type SummaryFilter } from './summary';

export interface LedgerOptions {
  databaseUrl: string;
  logger: Logger;
  /** Connections at the most; default 6. */
  poolSize?: number;
  /** How long one attempt to connect may take; default 3,000. */
  connectTimeoutMs?: number;
  /** Limit of an ordinary statement; default 10,000. */
  statementTimeoutMs?: number;
  /** What running this product itself cost for a request; without it that is on record as 0. */
  infrastructureCostOf?: InfrastructureCost;
}

/** The books. Everything that asks Postgres throws {@link DatabaseError} while it is away, and works again once it is back. */
export interface Ledger {
  record(batch: readonly CompletionRecord[]): Promise<RecordOutcome>;
  summary(filter?: SummaryFilter): Promise<LedgerSummary>;
  check(range?: CheckRange): Promise<LedgerCheck>;
  readonly budgets: BudgetStore;
  readonly keys: KeyStore;
  readonly control: ControlStore;
  readonly experiments: ExperimentStore;
  readonly analytics: AnalyticsStore;
  readonly anomalies: AnomalyStore;
  readonly alerts: AlertStore;
  readonly alertFacts: AlertFacts;
  readonly jobs: JobStore;
  readonly files: FileStore;
  readonly openAiBatches: OpenAiBatchStore;
  readonly entries: EntryStore;
  readonly prompts: PromptStore;
  readonly rollups: RollupStore;
  /** A provider's own figures against the rollups; undefined where it gives none. */
  reconcile(asked: ReconcileAsked): Promise<Reconciliation | undefined>;
  migrate(options?: MigrateOptions): Promise<string[]>;
  ensurePartitions(range?: PartitionRange): Promise<number>;
  /** Drops the detail of days that are too old, where the books need it no more. */
  dropOldDetail(retention: DetailRetention): Promise<DroppedDetail>;
  /** Whether Postgres answers and has the tables. Never throws. */
  health(): Promise<HealthResult>;
  close(): Promise<void>;
}

/** Requests wait for leases of budgets: these have connections of their own, which open when they are needed, and must not take long. */
const QUICK_POOL = 4;
const QUICK_MS = 2_000;

/** Connects with the first use: it can be made while Postgres is away. */
export function createLedger(options: LedgerOptions): Ledger {
  const { databaseUrl, logger, poolSize = 6, connectTimeoutMs = 3_000, statementTimeoutMs = 10_000 } = options;
  const database = createDatabase({ databaseUrl, logger, poolSize, connectTimeoutMs, statementTimeoutMs });
  const quick = createDatabase({
    databaseUrl,
    logger,
    poolSize: QUICK_POOL,
    connectTimeoutMs,
    statementTimeoutMs: QUICK_MS,
  });
  return {
    record: createRecorder({ database, logger, infrastructureCostOf: options.infrastructureCostOf }),
    summary: (filter = {}) => summarise(database, filter),
    check: (range) => checkLedger(database, range),
    budgets: createBudgetStore(database, quick),
    keys: createKeyStore(database),
    control: createControlStore(database),
    experiments: createExperimentStore(database),
    analytics: createAnalyticsStore(database),
    anomalies: createAnomalyStore(database),
    alerts: createAlertStore(database),
    alertFacts: createAlertFacts(database),
    jobs: createJobStore(database),
    files: createFileStore(database),
    openAiBatches: createOpenAiBatchStore(database),
    entries: createEntryStore(database),
    prompts: createPromptStore(database),
    rollups: createRollupStore(database, logger),
    reconcile: (asked) => reconcileUsage(database, asked),
    migrate: (migrateOptions) => migrate(database, databaseUrl, migrateOptions),
    ensurePartitions: (range) => ensurePartitions(database, range),
    dropOldDetail: (retention) => dropOldDetail(database, retention),
    health: () => database.health(),
    close: async () => void (await Promise.all([database.close(), quick.close()])),
  };
}
