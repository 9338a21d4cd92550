import { formatUsd, nanoUsd } from '@costlane/domain';
import { resultFileId, type BatchJob, type OpenAiBatch, type OpenAiBatchError } from '@costlane/ledger';

export const batchStatuses = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** How a batch stands, in OpenAI's words. */
export function batchStatus({ state, job }: Pick<OpenAiBatch, 'state' | 'job'>): BatchStatus {
  if (state !== 'submitted') return state;
  if (job === undefined || job.state === 'queued' || job.state === 'running') return 'in_progress';
  return job.state;
}

/** A batch as OpenAI's clients read it; `cost_usd` is ours. */
export function batchObject(batch: OpenAiBatch) {
  const { batchId, job } = batch;
  const status = batchStatus(batch);
  const hasEnded = job?.finishedAtMs !== undefined;
  const { succeeded = 0, failed = 0, cancelled = 0, expired = 0, total = 0 } = job?.counts ?? {};
  const hasErrors = failed + cancelled + expired > 0;
  const endedAt = seconds(job?.finishedAtMs ?? batch.endedAtMs);
  const endedAs = (wanted: BatchStatus): number | null => (status === wanted ? endedAt : null);
  return {
    id: batchId,
    object: 'batch' as const,
    endpoint: batch.endpoint,
    errors: errorsOf(batch.errors ?? jobErrors(job)),
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status,
    output_file_id: hasEnded && succeeded > 0 && !batch.isOutputGone ? resultFileId(batchId, 'output') : null,
    error_file_id: hasEnded && hasErrors && !batch.isErrorGone ? resultFileId(batchId, 'error') : null,
    created_at: seconds(batch.createdAtMs),
    in_progress_at: seconds(job?.sealedAtMs),
    expires_at: seconds(batch.createdAtMs + batch.completionWindowMs),
    finalizing_at: hasEnded && status !== 'failed' ? endedAt : null,
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: endedAs('expired'),
    cancelling_at: status === 'cancelling' || status === 'cancelled' ? seconds(batch.cancellingAtMs) : null,
    cancelled_at: endedAs('cancelled'),
    request_counts: { total, completed: succeeded, failed: failed + expired },
    metadata: batch.metadata ?? null,
    cost_usd: Number(formatUsd(nanoUsd(job?.costNanoUsd ?? 0))),
  };
}

const errorsOf = (errors: readonly OpenAiBatchError[] | undefined) =>
  errors === undefined
    ? null
    : {
        object: 'list' as const,
        data: errors.map(({ code, message, line, param }) => ({
          code,
          line: line ?? null,
          message,
          param: param ?? null,
        })),
      };

const jobErrors = (job: BatchJob | undefined): OpenAiBatchError[] | undefined =>
  job?.state === 'failed' && job.error ? [job.error] : undefined;

function seconds(atMs: number): number;
function seconds(atMs: number | undefined): number | null;
function seconds(atMs: number | undefined): number | null {
  return atMs === undefined ? null : Math.floor(atMs / 1_000);
}
