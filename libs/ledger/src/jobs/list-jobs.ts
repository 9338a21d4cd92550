import type { Database } from '../database';
import { jobColumns, toJob, type JobRow } from './job-row';
import type { BatchJob, JobKind, JobRef } from './job-types';

export interface ListOptions {
  /** Default: all. */
  kinds?: readonly JobKind[];
  /** Older than this job. */
  afterJobId?: string;
  limit: number;
}

const list = `
  SELECT ${jobColumns} FROM batch_jobs
  WHERE tenant_id = $1 AND ($2::text[] IS NULL OR kind = ANY($2)) AND sealed_at IS NOT NULL
    AND ($3::text IS NULL OR number < (SELECT number FROM batch_jobs WHERE tenant_id = $1 AND id = $3))
  ORDER BY number DESC LIMIT $4`;

/** A tenant's accepted jobs, newest first. */
export async function listJobs(database: Database, tenantId: string, options: ListOptions): Promise<BatchJob[]> {
  const rows = await database.query<JobRow>(list, [tenantId, options.kinds, options.afterJobId, options.limit]);
  return rows.map(toJob);
}

const unfinished = `
  SELECT number, tenant_id, id FROM batch_jobs
  WHERE finished_at IS NULL AND sealed_at IS NOT NULL AND number > $1 ORDER BY number LIMIT $2`;

const PAGE_JOBS = 500;

/** Every tenant's accepted jobs that have not ended, oldest first: for the sweeper, which nobody's request reaches. */
export async function* unfinishedJobs(database: Database): AsyncGenerator<JobRef, void, undefined> {
  for (let after = '0'; ;) {
    const rows = await database.query<{ number: string; tenant_id: string; id: string }>(unfinished, [
      after,
      PAGE_JOBS,
    ]);
    for (const row of rows) yield { tenantId: row.tenant_id, jobId: row.id };
    if (rows.length < PAGE_JOBS) return;
    after = rows.at(-1)?.number ?? after;
  }
}
