import type { ItemRequest } from '@costlane/contracts';
import type { BatchJob, ItemState, JobKind, StoredItem } from '@costlane/ledger';

/** One request of a job that is handed in. */
export interface SubmittedRequest {
  /** Unique within its job; the caller's own. */
  customId?: string;
  request: ItemRequest;
  /** May have the answer of another one of the job that asks just the same. */
  isShared: boolean;
}

export interface Submission {
  tenantId: string;
  kind: JobKind;
  /**
   * Its id, where the caller has one already; default: a new one. The same requests handed in again under it are one job: one that was not
   * handed in completely is forgotten, one that was is given back as it is. Other requests, metadata or webhook under it are refused.
   */
  jobId?: string;
  /** Shown again, as it came. */
  metadata?: Record<string, unknown>;
  webhookUrl?: string;
  /** How long the job may take, counted from now; without it as long as it takes. */
  completionWindowMs?: number;
}

export interface ItemFilter {
  /** From this one on; default 0. */
  firstIndex?: number;
  limit?: number;
  /** Default: all that have ended. */
  states?: readonly ItemState[];
  /** Only those that used up their attempts and may be tried once more. */
  isDeadOnly?: boolean;
}

export interface WaitOptions {
  waitMs: number;
  /** Nobody waits any more. */
  signal?: AbortSignal;
  /** What is waited for; default: that it has ended. */
  until?: (job: BatchJob) => boolean;
}

/**
 * Durable jobs as doors see them. Whatever needs the database rejects with `unavailable` and a retry hint while that is away; a job of
 * another tenant is one that does not exist (`not_found`).
 */
export interface JobService {
  /**
   * Takes a job in: when this resolves it is durable and will be run. Items are read once, as they are written, a bounded number at a time.
   * @throws CostlaneError `invalid_request` for an id that is there twice, no items or too many, a webhook that would not be sent;
   *   `idempotency_key_reused` where `jobId` stands for another job; `overloaded` where the tenant has too many open ones (batches of OpenAI's
   *   kind were asked before they got so far); what `requests` throws. Then nothing is left of the job.
   */
  submit(
    submission: Submission,
    requests: AsyncIterable<SubmittedRequest> | Iterable<SubmittedRequest>,
  ): Promise<BatchJob>;
  /** @throws CostlaneError `overloaded` where the tenant has as many open jobs as it may have */
  requireRoom(tenantId: string): Promise<void>;
  get(tenantId: string, jobId: string): Promise<BatchJob>;
  /** When it has ended, or how it stands when the wait is over or nobody waits any more. */
  wait(tenantId: string, jobId: string, options: WaitOptions): Promise<BatchJob>;
  /** Newest first. @throws CostlaneError `invalid_request` for a job `after` which is not there. */
  list(tenantId: string, options: { limit: number; after?: string; kinds?: readonly JobKind[] }): Promise<BatchJob[]>;
  /** Page by page, in the order of the items, at the reader's pace. */
  items(tenantId: string, jobId: string, filter?: ItemFilter): AsyncIterable<StoredItem[]>;
  /** What has ended stays as it is, the job as well. */
  cancel(tenantId: string, jobId: string): Promise<BatchJob>;
  /** Items that used up their attempts get new ones, and the job its whole time again; resolves with how many. */
  retryDead(tenantId: string, jobId: string): Promise<number>;
  /** What the tenant checks its webhooks with. @throws CostlaneError `unavailable` where webhooks cannot be signed. */
  webhookSecret(tenantId: string): string;
}
