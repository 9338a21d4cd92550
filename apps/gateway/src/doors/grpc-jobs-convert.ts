import type { BatchResult, CompleteReply, JobOptions, JobStatus } from '@costlane/contracts';
import { formatUsd, nanoUsd } from '@costlane/domain';
import { openItems, type BatchJob, type StoredItem } from '@costlane/ledger';
import { readShape } from '../dialects/costlane/read-request';
import { replySchema } from '../dialects/costlane/reply-schema';
import { present, toCompleteReply } from './grpc-convert';
import { answerOf } from './jobs-door-documents';
import { batchOptionsSchema, type BatchOptions } from './jobs-door-schemas';

/** Options under the rules of the REST contract. Throws `invalid_request` that names the field. */
export function readOptions(
  options: JobOptions | undefined,
): BatchOptions & { idempotencyKey?: string; itemCount?: number } {
  if (options === undefined) return {};
  const { completionWindow, deadlineMs, webhookUrl, metadata, idempotencyKey, itemCount } = options;
  const read = readShape(
    batchOptionsSchema,
    present({
      completion_window: completionWindow,
      deadline_ms: deadlineMs,
      webhook: webhookUrl === '' ? undefined : { url: webhookUrl },
      metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
    }),
  );
  return { ...read, itemCount, idempotencyKey: idempotencyKey === '' ? undefined : idempotencyKey };
}

/** `item`: of a job that has one, when it has ended. */
export function toJobStatus(id: string, job: BatchJob, item?: StoredItem): JobStatus {
  const { counts } = job;
  const answer = item && answerIn(item);
  const status: JobStatus = {
    jobId: id,
    kind: job.kind,
    status: job.state,
    counts: { ...counts, pending: openItems(counts) },
    duplicates: job.duplicates,
    costUsd: usdText(item?.costNanoUsd ?? job.costNanoUsd),
    createdAt: timeOf(job.createdAtMs),
    startedAt: timeOf(job.startedAtMs),
    finishedAt: timeOf(job.finishedAtMs),
    deadlineAt: timeOf(job.deadlineAtMs),
    errorCode: item?.errorCode ?? job.error?.code ?? '',
    error: answer?.error ?? job.error?.message ?? '',
    result: answer?.reply,
    resultJson: answer?.json ?? '',
  };
  // A call is done when its answer is there, whatever others it was gathered with.
  return item ? { ...status, status: item.state === 'succeeded' ? 'completed' : item.state } : status;
}

export function toBatchResult(item: StoredItem): BatchResult {
  const { reply, json, error } = answerIn(item);
  return {
    customId: item.customId ?? '',
    index: item.index,
    status: item.state,
    httpStatus: item.status ?? 0,
    errorCode: item.errorCode ?? '',
    error,
    reply,
    resultJson: json,
    costUsd: usdText(item.costNanoUsd),
    sameAsIndex: item.sameAsIndex,
    canRetry: item.isDead,
  };
}

/** The reply where it is one of ours, else the text of what another door answered. */
function answerIn(item: StoredItem): { reply: CompleteReply | undefined; json: string; error: string } {
  const { success, data, error } = answerOf(item);
  if (!success) return { reply: undefined, json: '', error: error ?? '' };
  const reply = replySchema.safeParse(data);
  return reply.success
    ? { reply: toCompleteReply(reply.data), json: '', error: '' }
    : { reply: undefined, json: JSON.stringify(data), error: '' };
}

const usdText = (amountNanoUsd: number): string => formatUsd(nanoUsd(amountNanoUsd));

const timeOf = (atMs: number | undefined): string => (atMs === undefined ? '' : new Date(atMs).toISOString());
