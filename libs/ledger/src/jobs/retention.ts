import type { Database } from '../database';
import type { JobRef } from './job-types';

// By number and slice: a job of a hundred thousand items is deleted without one long transaction. Jobs that tell a webhook wait for it.
const oldest = `
  SELECT number FROM batch_jobs
  WHERE finished_at < to_timestamp($1::double precision / 1000) AND webhook_state IS DISTINCT FROM 'pending'
  ORDER BY finished_at LIMIT 1`;

const deleteSlice = `
  WITH slice AS (SELECT item_index FROM batch_items WHERE job_number = $1 ORDER BY item_index LIMIT $2), requests AS (
    DELETE FROM batch_requests r USING slice WHERE r.job_number = $1 AND r.item_index = slice.item_index
  ), items AS (
    DELETE FROM batch_items i USING slice WHERE i.job_number = $1 AND i.item_index = slice.item_index RETURNING 1
  )
  SELECT count(*)::integer AS deleted FROM items`;

const deleteJob = `
  DELETE FROM batch_jobs j WHERE number = $1 AND finished_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM batch_items WHERE job_number = $1)`;

const failUnsealed = `
  UPDATE batch_jobs SET state = 'failed', finished_at = now(),
    error = '{"code": "cancelled", "message": "The job was not handed in completely."}'
  WHERE finished_at IS NULL AND sealed_at IS NULL AND created_at < to_timestamp($1::double precision / 1000)`;

const unsealed = `
  UPDATE batch_jobs SET state = 'failed', finished_at = now()
  WHERE tenant_id = $1 AND id = $2 AND sealed_at IS NULL RETURNING number`;

const SLICE_ITEMS = 2_000;

export interface RetentionOptions {
  /** Jobs that ended before are deleted. Epoch milliseconds. */
  finishedBeforeMs: number;
  /** Jobs begun before and never handed in completely are given up. */
  unsealedBeforeMs: number;
  /** Items at the most in this call; the next one goes on. */
  maxItems?: number;
}

/** Deletes what is old, and resolves with the jobs and items that are gone. */
export async function deleteOldJobs(
  database: Database,
  { finishedBeforeMs, unsealedBeforeMs, maxItems = 100_000 }: RetentionOptions,
): Promise<{ jobs: number; items: number }> {
  await database.query(failUnsealed, [unsealedBeforeMs]);
  const gone = { jobs: 0, items: 0 };
  while (gone.items < maxItems) {
    const [job] = await database.query<{ number: string }>(oldest, [finishedBeforeMs]);
    if (job === undefined) return gone;
    const deleted = await deleteItems(database, job.number);
    gone.items += deleted;
    if (deleted < SLICE_ITEMS) {
      await database.query(deleteJob, [job.number]);
      gone.jobs += 1;
    }
  }
  return gone;
}

/**
 * Deletes a job that was not accepted, with the items that it has; one that was accepted, or is not there, is left alone. From the first
 * statement on it takes no more items: what stays after a failure in the middle is deleted as old jobs are.
 */
export async function discardJob(database: Database, ref: JobRef): Promise<void> {
  const [job] = await database.query<{ number: string }>(unsealed, [ref.tenantId, ref.jobId]);
  if (job === undefined) return;
  while ((await deleteItems(database, job.number)) === SLICE_ITEMS);
  await database.query(deleteJob, [job.number]);
}

/** A slice; fewer than `SLICE_ITEMS`: these were the last. */
async function deleteItems(database: Database, jobNumber: string): Promise<number> {
  const [slice] = await database.query<{ deleted: number }>(deleteSlice, [jobNumber, SLICE_ITEMS]);
  return slice?.deleted ?? 0;
}
