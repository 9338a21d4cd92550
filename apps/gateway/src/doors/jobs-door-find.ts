import type { BatchJob, StoredItem } from '@costlane/ledger';
import type { JobService, WaitOptions } from '../jobs/job-service';
import { itemAt, waitForItem } from '../jobs/wait-for-item';
import { noSuchJob } from '../jobs/job-watch';

export interface FoundJob {
  job: BatchJob;
  /** Of a single call, when it has ended. */
  item?: StoredItem;
}

const NAME = /^([^.]+)(?:\.(\d{1,9}))?$/;

/**
 * A job, of any kind; `job_….3` is the fourth of several calls that were gathered into one.
 * @throws CostlaneError `not_found`
 */
export async function findJob(
  jobs: JobService,
  tenantId: string,
  id: string,
  wait: WaitOptions = { waitMs: 0 },
): Promise<FoundJob> {
  const [, jobId, place] = NAME.exec(id) ?? [];
  if (jobId === undefined) throw noSuchJob();
  if (place !== undefined) return findCall(jobs, { tenantId, jobId, index: Number(place) }, wait);
  const job = await jobs.wait(tenantId, jobId, wait);
  return job.kind === 'job' ? { job, item: await itemAt(jobs, job, 0) } : { job };
}

async function findCall(
  jobs: JobService,
  call: { tenantId: string; jobId: string; index: number },
  wait: WaitOptions,
): Promise<FoundJob> {
  const { tenantId, jobId, index } = call;
  const { kind, counts } = await jobs.get(tenantId, jobId);
  if (kind !== 'job' || index >= counts.total) throw noSuchJob();
  if (wait.until === undefined) return waitForItem(jobs, call, wait);
  const job = await jobs.wait(tenantId, jobId, wait);
  return { job, item: await itemAt(jobs, job, index) };
}
