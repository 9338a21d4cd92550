import type { JobRef } from '@costlane/ledger';
import type { QueueTask } from './job-queue';

/** Name of the queue that those who take jobs in and those who run them share. */
export const jobQueueName = 'batches';

/** What the queue is told of a job: where to look. A job that waits or runs already is not told again. */
export const jobTask = (ref: JobRef): QueueTask<JobRef> => ({
  id: `${ref.tenantId}/${ref.jobId}`,
  payload: { tenantId: ref.tenantId, jobId: ref.jobId },
});

/** The tenant of a job, by its task's id. */
export const tenantOfTask = (id: string): string => id.slice(0, id.lastIndexOf('/'));
