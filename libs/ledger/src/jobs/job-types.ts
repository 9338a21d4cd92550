import type { JobCounts, JobState } from './job-states';

export type JobKind = 'batch' | 'job' | 'openai_batch';

/** A job is named by its tenant and its id, everywhere: there is no way to one without its tenant. */
export interface JobRef {
  tenantId: string;
  jobId: string;
}

export interface WebhookTarget {
  url: string;
  /** Name under which the secret is kept; the secret itself is never in this table. */
  secretRef?: string;
}

export interface NewJob extends JobRef {
  kind: JobKind;
  metadata?: Record<string, unknown>;
  webhook?: WebhookTarget;
  /** What the caller allowed, for showing it again. */
  completionWindowMs?: number;
  /** Epoch milliseconds: what is not done by then expires. */
  deadlineAtMs?: number;
}

export interface JobError {
  code: string;
  message: string;
}

export type WebhookState = 'pending' | 'delivered' | 'abandoned';

export interface BatchJob extends NewJob {
  state: JobState;
  counts: JobCounts;
  /** Items that have the answer of another one of the same job. */
  duplicates: number;
  costNanoUsd: number;
  metadata: Record<string, unknown>;
  createdAtMs: number;
  /** When all items were there; before, nothing of the job runs. */
  sealedAtMs?: number;
  startedAtMs?: number;
  finishedAtMs?: number;
  error?: JobError;
  webhookState?: WebhookState;
  /** As `seal` was given it. */
  requestHash?: string;
}

export interface NewItem {
  customId?: string;
  /** Of the request, by everything that can change its answer. Items of one job with the same are asked once. */
  fingerprint?: string;
  request: Buffer;
}

export interface LeasedItem {
  index: number;
  customId?: string;
  fingerprint?: string;
  /** From 1. What a lost runner had begun is the same attempt. */
  attempt: number;
  /** Tries that were answered, with a failure. */
  tries: number;
  request: Buffer;
  /** Items with the same question, which get its answer. */
  followers?: number[];
}

export type ItemEndState = 'succeeded' | 'failed' | 'cancelled' | 'expired';
export type ItemState = 'pending' | 'running' | 'submitted' | ItemEndState;

/** How an item ended. */
export interface ItemEnd {
  index: number;
  state: ItemEndState;
  status?: number;
  errorCode?: string;
  costNanoUsd?: number;
  result?: Buffer;
  /** It failed although it might have succeeded, and has no attempts left: it can be tried once more by hand. */
  isDead?: boolean;
}

export interface StoredItem {
  index: number;
  customId?: string;
  state: ItemState;
  attempts: number;
  isDead: boolean;
  /** Its answer is that of this item, which was paid for. */
  sameAsIndex?: number;
  status?: number;
  errorCode?: string;
  costNanoUsd: number;
  result?: Buffer;
}
