import type { BatchJob, StoredItem } from '@costlane/ledger';
import type { JobService, WaitOptions } from '../jobs/job-service';
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
  const job = await jobs.wait(tenantId, jobId, wait);
  const index = Number(place ?? 0);
  if (place !== undefined && (job.kind !== 'job' || index >= job.counts.total)) throw noSuchJob();
  return job.kind === 'job' ? { job, item: await itemAt(jobs, job, index) } : { job };
}

/** Undefined: it has not ended. */
export async function itemAt(
  jobs: JobService,
  { tenantId, jobId }: BatchJob,
  index: number,
): Promise<StoredItem | undefined> {
  for await (const [item] of jobs.items(tenantId, jobId, { firstIndex: index, limit: 1 }))
    return item?.index === index ? item : undefined;
  return undefined;
}
