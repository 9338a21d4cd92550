import { openItems, type BatchJob, type StoredItem } from '@costlane/ledger';
import type { JobService, WaitOptions } from './job-service';

export interface FoundItem {
  job: BatchJob;
  /** Undefined: it has not ended. */
  item?: StoredItem;
}

/** While a job runs, an item of it is looked for so many times at the most by each who waits: there may be as many of those as items. */
const MAX_LOOKS = 50;

/**
 * An item of a job when it has ended, or how the job stands when the wait is over or nobody waits any more. Others of the job, which may
 * take hours longer, are not waited for.
 * @throws CostlaneError what `JobService` throws
 */
export async function waitForItem(
  jobs: Pick<JobService, 'wait' | 'items'>,
  { tenantId, jobId, index }: { tenantId: string; jobId: string; index: number },
  { waitMs, signal }: WaitOptions,
): Promise<FoundItem> {
  const endsAtMs = performance.now() + waitMs;
  let job = await jobs.wait(tenantId, jobId, { waitMs: 0 });
  for (;;) {
    const item = openItems(job.counts) === job.counts.total ? undefined : await itemAt(jobs, job, index);
    const leftMs = endsAtMs - performance.now();
    if (item !== undefined || job.finishedAtMs !== undefined || leftMs <= 0 || signal?.aborted) return { job, item };
    const open = openItems(job.counts) - Math.ceil(job.counts.total / MAX_LOOKS);
    const until = (now: BatchJob): boolean =>
      now.finishedAtMs !== undefined || openItems(now.counts) <= Math.max(0, open);
    const before = job;
    job = await jobs.wait(tenantId, jobId, { waitMs: leftMs, signal, until });
    // Nobody waits here any more: the gateway is about to end.
    if (!until(job) && openItems(job.counts) === openItems(before.counts)) return { job };
  }
}

/** Undefined: it has not ended. */
export async function itemAt(
  jobs: Pick<JobService, 'items'>,
  { tenantId, jobId }: Pick<BatchJob, 'tenantId' | 'jobId'>,
  index: number,
): Promise<StoredItem | undefined> {
  for await (const [item] of jobs.items(tenantId, jobId, { firstIndex: index, limit: 1 }))
    return item?.index === index ? item : undefined;
  return undefined;
}
