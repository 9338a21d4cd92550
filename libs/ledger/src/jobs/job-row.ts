import type { JobState } from './job-states';
import type { BatchJob, JobError, JobKind, WebhookState } from './job-types';

export interface JobRow {
  tenant_id: string;
  id: string;
  kind: JobKind;
  state: JobState;
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  expired: number;
  duplicates: number;
  cost_nano_usd: string;
  metadata: Record<string, unknown>;
  completion_window_ms: string | null;
  deadline_at: Date | null;
  created_at: Date;
  sealed_at: Date | null;
  started_at: Date | null;
  finished_at: Date | null;
  error: JobError | null;
  request_hash: string | null;
  webhook_url: string | null;
  webhook_secret_ref: string | null;
  webhook_state: WebhookState | null;
}

export const jobColumns = `tenant_id, id, kind, state, total, succeeded, failed, cancelled, expired, duplicates, cost_nano_usd, metadata,
  completion_window_ms, deadline_at, created_at, sealed_at, started_at, finished_at, error, request_hash, webhook_url, webhook_secret_ref, webhook_state`;

const timeOf = (date: Date | null): number | undefined => date?.getTime();

export function toJob(row: JobRow): BatchJob {
  const { total, succeeded, failed, cancelled, expired } = row;
  return {
    tenantId: row.tenant_id,
    jobId: row.id,
    kind: row.kind,
    state: row.state,
    counts: { total, succeeded, failed, cancelled, expired },
    duplicates: row.duplicates,
    costNanoUsd: Number(row.cost_nano_usd),
    metadata: row.metadata,
    completionWindowMs: row.completion_window_ms === null ? undefined : Number(row.completion_window_ms),
    deadlineAtMs: timeOf(row.deadline_at),
    createdAtMs: row.created_at.getTime(),
    sealedAtMs: timeOf(row.sealed_at),
    startedAtMs: timeOf(row.started_at),
    finishedAtMs: timeOf(row.finished_at),
    error: row.error ?? undefined,
    requestHash: row.request_hash ?? undefined,
    webhook:
      row.webhook_url === null ? undefined : { url: row.webhook_url, secretRef: row.webhook_secret_ref ?? undefined },
    webhookState: row.webhook_state ?? undefined,
  };
}
