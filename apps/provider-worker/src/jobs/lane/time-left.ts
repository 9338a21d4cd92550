import type { LanePatience } from '@costlane/jobs';
import type { BatchJob } from '@costlane/ledger';

export interface WindowRules {
  /** Batches are begun only with so much time left. */
  minWindowMs: number;
  /** Share of a job's time that is kept for asking one by one what its batches have not answered by then, and the least of it. */
  reserveShare: number;
  minReserveMs: number;
}

type JobTimes = Pick<BatchJob, 'kind' | 'createdAtMs' | 'deadlineAtMs' | 'completionWindowMs'>;

/** After a job's deadline a batch that was asked to end has so long to do so: what it has answered is paid for. */
const GRACE_MS = 15 * 60_000;

/** Whether a job has the time for a Batch API. One without a deadline has it where its caller named a window, and so does not wait. */
export function hasTimeForBatches(job: JobTimes, rules: WindowRules, nowMs: number): boolean {
  const { deadlineAtMs, kind, completionWindowMs } = job;
  if (deadlineAtMs === undefined) return kind !== 'job' && completionWindowMs !== undefined;
  return deadlineAtMs - nowMs >= rules.minWindowMs && patienceWith(job, rules, nowMs) === 'wait';
}

/** What is to be done with a job's batches: nothing, until the reserve of its time begins; half of it is for their end. */
export function patienceWith(job: JobTimes, rules: WindowRules, nowMs: number): LanePatience {
  if (job.deadlineAtMs === undefined) return 'wait';
  const leftMs = job.deadlineAtMs - nowMs;
  const reserveMs = Math.max(rules.minReserveMs, rules.reserveShare * (job.deadlineAtMs - job.createdAtMs));
  if (leftMs > reserveMs) return 'wait';
  if (leftMs > reserveMs / 2) return 'cancel';
  return leftMs > 0 || leftMs < -GRACE_MS ? 'leave' : 'cancel';
}
