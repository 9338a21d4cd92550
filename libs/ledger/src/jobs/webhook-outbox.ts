import type { Database } from '../database';
import { jobColumns, toJob, type JobRow } from './job-row';
import type { BatchJob, JobRef } from './job-types';

export interface DueWebhook {
  job: BatchJob;
  /** From 1. */
  attempt: number;
}

// Put off while it is being sent: a sender that dies is followed by another one after the lease.
const claim = `
  WITH due AS (
    SELECT number FROM batch_jobs WHERE webhook_state = 'pending' AND webhook_next_at <= now()
    ORDER BY webhook_next_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  UPDATE batch_jobs SET webhook_attempts = webhook_attempts + 1,
    webhook_next_at = now() + $2::double precision * interval '1 millisecond'
  FROM due WHERE batch_jobs.number = due.number
  RETURNING ${jobColumns}, webhook_attempts`;

const settle = `
  UPDATE batch_jobs SET webhook_state = $3, webhook_error = $4,
    webhook_next_at = CASE WHEN $3 = 'pending' THEN now() + $5::double precision * interval '1 millisecond' END
  WHERE tenant_id = $1 AND id = $2 AND webhook_state = 'pending' AND webhook_attempts = $6`;

/** Takes webhooks whose time has come, for `leaseMs`. */
export async function claimWebhooks(database: Database, limit: number, leaseMs: number): Promise<DueWebhook[]> {
  const rows = await database.query<JobRow & { webhook_attempts: number }>(claim, [limit, leaseMs]);
  return rows.map((row) => ({ job: toJob(row), attempt: row.webhook_attempts }));
}

export type WebhookVerdict =
  | { state: 'delivered' }
  | { state: 'abandoned'; reason: string }
  | { state: 'pending'; reason: string; delayMs: number };

/** What became of an attempt. Passed over where another one has been begun since. */
export async function settleWebhook(
  database: Database,
  ref: JobRef,
  attempt: number,
  verdict: WebhookVerdict,
): Promise<void> {
  await database.query(settle, [
    ref.tenantId,
    ref.jobId,
    verdict.state,
    verdict.state === 'delivered' ? undefined : verdict.reason,
    verdict.state === 'pending' ? verdict.delayMs : 0,
    attempt,
  ]);
}
