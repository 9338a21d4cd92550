import type { Database } from '../database';
import { arrayLiteral } from '../record/array-literal';
import { jobColumns, toJob, type JobRow } from './job-row';
import { hasJobEnded, nextJobState, statesThatTake, type JobEvent } from './job-states';
import type { BatchJob, JobError, JobRef } from './job-types';

const select = `SELECT ${jobColumns} FROM batch_jobs WHERE tenant_id = $1 AND id = $2`;

// Compare and set: the state that was decided upon has to be there still, and for an end no item may have come to life again.
const advance = `
  UPDATE batch_jobs SET
    state = $4,
    started_at = CASE WHEN $4 = 'running' THEN coalesce(started_at, now()) ELSE started_at END,
    finished_at = CASE WHEN $5 THEN now() ELSE finished_at END,
    error = coalesce($6::jsonb, error),
    webhook_state = CASE WHEN $5 AND webhook_url IS NOT NULL THEN 'pending' ELSE webhook_state END,
    webhook_next_at = CASE WHEN $5 AND webhook_url IS NOT NULL THEN now() ELSE webhook_next_at END
  WHERE tenant_id = $1 AND id = $2 AND state = $3
    AND (sealed_at IS NOT NULL OR $4 = 'failed')
    AND ($4 NOT IN ('finalizing', 'completed', 'expired', 'cancelled') OR succeeded + failed + cancelled + expired = total)
  RETURNING ${jobColumns}`;

const selectSeveral = `
  SELECT ${jobColumns} FROM batch_jobs JOIN unnest($1::text[], $2::text[]) AS asked (tenant, job) ON tenant_id = tenant AND id = job`;

const MAX_RACES = 10;

export async function getJob(database: Database, ref: JobRef): Promise<BatchJob | undefined> {
  const [row] = await database.query<JobRow>(select, [ref.tenantId, ref.jobId]);
  return row && toJob(row);
}

/** Several tenants' jobs at once, in no order; those that are not there are missing. */
export async function getJobs(database: Database, refs: readonly JobRef[]): Promise<BatchJob[]> {
  const rows = await database.query<JobRow>(selectSeveral, [
    arrayLiteral(refs.map(({ tenantId }) => tenantId)),
    arrayLiteral(refs.map(({ jobId }) => jobId)),
  ]);
  return rows.map(toJob);
}

/**
 * Moves a job on by an event, as `nextJobState` says, and resolves with how it then is: unchanged where the event has no place, or the
 * job is not sealed. Undefined: there is none.
 */
export async function advanceJob(
  database: Database,
  ref: JobRef,
  event: JobEvent,
  error?: JobError,
): Promise<BatchJob | undefined> {
  for (let race = 0; ; race += 1) {
    const job = await getJob(database, ref);
    const next = job && nextJobState(job.state, event, job.counts);
    if (job === undefined || next === undefined) return job;
    if (job.sealedAtMs === undefined && next !== 'failed') return job;
    if (next === job.state) return job;
    const [row] = await database.query<JobRow>(advance, [
      ref.tenantId,
      ref.jobId,
      job.state,
      next,
      hasJobEnded(next),
      error && JSON.stringify(error),
    ]);
    if (row) return toJob(row);
    if (race === MAX_RACES) return getJob(database, ref);
  }
}

const retryDead = `
  WITH job AS (
    SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $2 AND state = ANY($3) FOR NO KEY UPDATE
  ), revived AS (
    UPDATE batch_items
    SET state = 'pending', attempts = 0, losses = 0, tries = tries + 1, is_dead = false, ended_at = NULL, status = NULL, error_code = NULL, result = NULL
    WHERE job_number = (SELECT number FROM job) AND is_dead
    RETURNING item_index
  ), followers AS (
    UPDATE batch_items f SET state = 'pending', ended_at = NULL, status = NULL, error_code = NULL
    FROM revived WHERE f.job_number = (SELECT number FROM job) AND f.leader_index = revived.item_index
    RETURNING 1
  ), tally AS (
    SELECT (SELECT count(*) FROM revived)::integer AS leaders, (SELECT count(*) FROM followers)::integer AS followers
  )
  UPDATE batch_jobs j SET
    failed = j.failed - tally.leaders - tally.followers,
    state = CASE WHEN j.state = 'running' THEN 'running' ELSE 'queued' END,
    deadline_at = to_timestamp($4::double precision / 1000), finished_at = NULL, error = NULL,
    webhook_state = NULL, webhook_attempts = 0, webhook_next_at = NULL, webhook_error = NULL
  FROM tally WHERE j.number = (SELECT number FROM job) AND tally.leaders > 0
  RETURNING tally.leaders`;

/**
 * Gives items that had used up their attempts new ones, those with the same question along with them, and the job a new deadline or none.
 * Resolves with how many; 0 where there are none, or the job was cancelled or has failed.
 */
export async function retryDeadItems(database: Database, ref: JobRef, deadlineAtMs?: number): Promise<number> {
  const [row] = await database.query<{ leaders: number }>(retryDead, [
    ref.tenantId,
    ref.jobId,
    statesThatTake('retry'),
    deadlineAtMs,
  ]);
  return row?.leaders ?? 0;
}
