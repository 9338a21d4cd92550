import type { ItemCaller } from '@costlane/contracts';
import type { Database } from '../database';
import { jobColumns, toJob, type JobRow } from '../jobs/job-row';
import type { BatchJob } from '../jobs/job-types';
import type { OpenAiBatch, OpenAiBatchError, OpenAiBatchState } from './batch-types';

export interface OpenAiBatchRow {
  tenant_id: string;
  id: string;
  input_file_id: string;
  endpoint: string;
  completion_window: string;
  completion_window_ms: string;
  metadata: Record<string, string> | null;
  caller: ItemCaller;
  headers: Record<string, string>;
  state: OpenAiBatchState;
  errors: OpenAiBatchError[] | null;
  created_at: Date;
  ended_at: Date | null;
  cancelling_at: Date | null;
  results_expire_after_seconds: number | null;
  output_deleted_at: Date | null;
  error_deleted_at: Date | null;
  validations: number;
}

export const batchColumns = `tenant_id, id, input_file_id, endpoint, completion_window, completion_window_ms, metadata, caller, headers, state,
  errors, created_at, ended_at, cancelling_at, results_expire_after_seconds, output_deleted_at, error_deleted_at, validations`;

export function toOpenAiBatch(row: OpenAiBatchRow, job?: BatchJob): OpenAiBatch {
  const keptSeconds = row.results_expire_after_seconds;
  const endMs = job?.finishedAtMs;
  const isExpired = keptSeconds !== null && endMs !== undefined && endMs + keptSeconds * 1_000 <= Date.now();
  return {
    tenantId: row.tenant_id,
    batchId: row.id,
    inputFileId: row.input_file_id,
    endpoint: row.endpoint,
    completionWindow: row.completion_window,
    completionWindowMs: Number(row.completion_window_ms),
    metadata: row.metadata ?? undefined,
    caller: row.caller,
    headers: row.headers,
    resultsExpireAfterSeconds: keptSeconds ?? undefined,
    state: row.state,
    errors: row.errors ?? undefined,
    createdAtMs: row.created_at.getTime(),
    endedAtMs: row.ended_at?.getTime(),
    cancellingAtMs: row.cancelling_at?.getTime(),
    isOutputGone: isExpired || row.output_deleted_at !== null,
    isErrorGone: isExpired || row.error_deleted_at !== null,
    job,
  };
}

const jobsOf = `SELECT ${jobColumns} FROM batch_jobs WHERE tenant_id = $1 AND id = ANY($2) AND sealed_at IS NOT NULL`;

/** Batches of one tenant with their jobs. */
export async function withJobs(
  database: Database,
  tenantId: string,
  rows: readonly OpenAiBatchRow[],
): Promise<OpenAiBatch[]> {
  const submitted = rows.filter(({ state }) => state === 'submitted').map(({ id }) => id);
  const found = submitted.length > 0 ? await database.query<JobRow>(jobsOf, [tenantId, submitted]) : [];
  const jobs = new Map(found.map((row) => [row.id, toJob(row)]));
  return rows.map((row) => toOpenAiBatch(row, jobs.get(row.id)));
}
