import type { Database } from '../database';
import { advanceJob, getJob, getJobs, retryDeadItems } from './advance-job';
import { buryLostItems, endItems, endWaitingItems } from './end-items';
import type { JobEvent, JobState } from './job-states';
import type { BatchJob, ItemEnd, JobError, JobRef, LeasedItem, NewItem, NewJob, StoredItem } from './job-types';
import {
  endLeases,
  leaseItems,
  outlookOf,
  releaseItems,
  renewLeases,
  type JobOutlook,
  type LeaseOptions,
  type ReleasedItem,
} from './lease-items';
import { isReadyForJobs, jobTotals, openJobsOf, type JobTotals } from './job-totals';
import { listJobs, unfinishedJobs, type ListOptions } from './list-jobs';
import { readItems, streamItems, type PageLimits, type ReadOptions } from './read-items';
import { deleteOldJobs, discardJob, type RetentionOptions } from './retention';
import {
  changeSubmission,
  chargeItems,
  collectItems,
  endSubmission,
  listSubmissions,
  someSubmittedItems,
  submittedItems,
  type CollectedItem,
  type Submission,
  type SubmissionChange,
  type SubmittedItem,
} from './submissions';
import { claimWebhooks, settleWebhook, type DueWebhook, type WebhookVerdict } from './webhook-outbox';
import { addItems, createJob, sealJob, type SealOptions } from './write-items';

/**
 * Durable jobs in Postgres. Every method that is about one job names its tenant; what is for the service itself (`unfinished`, webhooks,
 * retention) is marked so. All throw `DatabaseError`; each statement commits by itself and may be repeated.
 */
export interface JobStore {
  /** For the service: whether the tables are there as this build knows them. */
  isReady(): Promise<boolean>;
  /** For the service. */
  totals(): Promise<JobTotals>;
  /** A tenant's accepted jobs that have not ended; counted no further than `most`. */
  open(tenantId: string, most: number): Promise<number>;
  /** Undefined: the tenant has a job of this id. */
  create(job: NewJob): Promise<BatchJob | undefined>;
  /** Numbers the items from `firstIndex` (default 0) and resolves with how many there were. @throws CostlaneError `not_found` */
  addItems(
    ref: JobRef,
    items: Iterable<NewItem> | AsyncIterable<NewItem>,
    options?: { firstIndex?: number },
  ): Promise<number>;
  /** Accepts it: from now on it runs. Undefined where it has not just `total` items, or is sealed. */
  seal(ref: JobRef, total: number, options?: SealOptions): Promise<BatchJob | undefined>;
  /** Removes one that was not sealed. */
  discard(ref: JobRef): Promise<void>;
  get(ref: JobRef): Promise<BatchJob | undefined>;
  /** Of any tenants, those that are there. */
  getSeveral(refs: readonly JobRef[]): Promise<BatchJob[]>;
  list(tenantId: string, options: ListOptions): Promise<BatchJob[]>;
  /** Moves it on where the event has a place; resolves with how it is then. */
  advance(ref: JobRef, event: Exclude<JobEvent, 'retry'>, error?: JobError): Promise<BatchJob | undefined>;
  lease(ref: JobRef, options: LeaseOptions): Promise<LeasedItem[]>;
  renew(
    ref: JobRef,
    options: Pick<LeaseOptions, 'owner' | 'leaseMs'>,
  ): Promise<{ state: JobState; renewed: number } | undefined>;
  release(ref: JobRef, owner: string, items: readonly ReleasedItem[]): Promise<void>;
  /** First result wins. Resolves with the indexes that it is the end of. */
  end(ref: JobRef, ends: readonly ItemEnd[]): Promise<number[]>;
  /** Items that nobody is running. */
  endWaiting(ref: JobRef, state: 'cancelled' | 'expired'): Promise<number>;
  /** Items whose runner was lost once more than so often. */
  buryLost(ref: JobRef, maxLosses: number): Promise<number>;
  outlook(ref: JobRef): Promise<JobOutlook>;
  /** Of owners that are known to be dead; resolves with how many items those held. */
  endLeases(ref: JobRef, owners: readonly string[]): Promise<number>;
  read(ref: JobRef, options?: ReadOptions, limits?: PageLimits): Promise<StoredItem[]>;
  stream(ref: JobRef, options?: ReadOptions, limits?: PageLimits): AsyncGenerator<StoredItem[], void, undefined>;
  retryDead(ref: JobRef, options?: { deadlineAtMs?: number }): Promise<number>;
  /** Puts leased items into a batch that is being gathered for a provider. */
  collect(
    ref: JobRef,
    owner: string,
    batch: { batchKey: string; group: string },
    items: readonly CollectedItem[],
  ): Promise<number[]>;
  submissions(ref: JobRef): Promise<Submission[]>;
  /** Compare and set; false where somebody else saw to it. */
  changeSubmission(ref: JobRef, batchKey: string, change: SubmissionChange): Promise<boolean>;
  submittedItems(ref: JobRef, batchKey: string): AsyncGenerator<SubmittedItem, void, undefined>;
  /** Those of them that are named. */
  someSubmittedItems(ref: JobRef, batchKey: string, indexes: readonly number[]): Promise<SubmittedItem[]>;
  /** Costs of items whose answer by a batch was not good enough. */
  charge(ref: JobRef, batchKey: string, items: readonly { index: number; costNanoUsd: number }[]): Promise<void>;
  /** What it left unanswered is asked item by item. */
  endSubmission(ref: JobRef, batchKey: string): Promise<number>;
  /** For the service: all tenants' jobs that have not ended. */
  unfinished(): AsyncGenerator<JobRef, void, undefined>;
  /** For the service. */
  claimWebhooks(limit: number, leaseMs: number): Promise<DueWebhook[]>;
  settleWebhook(ref: JobRef, attempt: number, verdict: WebhookVerdict): Promise<void>;
  /** For the service. */
  deleteOld(options: RetentionOptions): Promise<{ jobs: number; items: number }>;
}

export function createJobStore(database: Database): JobStore {
  return {
    isReady: () => isReadyForJobs(database),
    totals: () => jobTotals(database),
    open: (tenantId, most) => openJobsOf(database, tenantId, most),
    create: (job) => createJob(database, job),
    addItems: (ref, items, { firstIndex = 0 } = {}) => addItems(database, ref, items, firstIndex),
    seal: (ref, total, options = {}) => sealJob(database, ref, total, options),
    discard: (ref) => discardJob(database, ref),
    get: (ref) => getJob(database, ref),
    getSeveral: (refs) => getJobs(database, refs),
    list: (tenantId, options) => listJobs(database, tenantId, options),
    advance: (ref, event, error) => advanceJob(database, ref, event, error),
    lease: (ref, options) => leaseItems(database, ref, options),
    renew: (ref, options) => renewLeases(database, ref, options),
    release: (ref, owner, items) => releaseItems(database, ref, owner, items),
    end: (ref, ends) => endItems(database, ref, ends),
    endWaiting: (ref, state) => endWaitingItems(database, ref, state),
    buryLost: (ref, maxLosses) => buryLostItems(database, ref, maxLosses),
    outlook: (ref) => outlookOf(database, ref),
    endLeases: (ref, owners) => endLeases(database, ref, owners),
    read: (ref, options, limits) => readItems(database, ref, options, limits),
    stream: (ref, options, limits) => streamItems(database, ref, options, limits),
    retryDead: (ref, { deadlineAtMs } = {}) => retryDeadItems(database, ref, deadlineAtMs),
    collect: (ref, owner, batch, items) => collectItems(database, ref, owner, batch, items),
    submissions: (ref) => listSubmissions(database, ref),
    changeSubmission: (ref, batchKey, change) => changeSubmission(database, ref, batchKey, change),
    submittedItems: (ref, batchKey) => submittedItems(database, ref, batchKey),
    someSubmittedItems: (ref, batchKey, indexes) => someSubmittedItems(database, ref, batchKey, indexes),
    charge: (ref, batchKey, items) => chargeItems(database, ref, batchKey, items),
    endSubmission: (ref, batchKey) => endSubmission(database, ref, batchKey),
    unfinished: () => unfinishedJobs(database),
    claimWebhooks: (limit, leaseMs) => claimWebhooks(database, limit, leaseMs),
    settleWebhook: (ref, attempt, verdict) => settleWebhook(database, ref, attempt, verdict),
    deleteOld: (options) => deleteOldJobs(database, options),
  };
}
