import { formatUsd, nanoUsd } from '@costlane/domain';
import { hasJobEnded, openItems, type BatchJob, type StoredItem } from '@costlane/ledger';

const timeOf = (atMs: number | undefined): string | null => (atMs === undefined ? null : new Date(atMs).toISOString());

/** JSON has one kind of number; the nearest one to a nano-dollar amount prints as exactly that amount up to a million dollars. */
export const usdOf = (amountNanoUsd: number): number => Number(formatUsd(nanoUsd(amountNanoUsd)));

/** How a job goes, in the fields of our own doors; whoever shows it puts its id first. */
export function progressOf(job: BatchJob) {
  const { counts, webhook, webhookState, error } = job;
  return {
    status: job.state,
    counts: {
      total: counts.total,
      pending: openItems(counts),
      succeeded: counts.succeeded,
      failed: counts.failed,
      cancelled: counts.cancelled,
      expired: counts.expired,
    },
    duplicates: job.duplicates,
    cost_usd: usdOf(job.costNanoUsd),
    created_at: timeOf(job.createdAtMs),
    started_at: timeOf(job.startedAtMs),
    finished_at: timeOf(job.finishedAtMs),
    deadline_at: timeOf(job.deadlineAtMs),
    metadata: job.metadata,
    webhook: webhook ? { url: webhook.url, status: webhookState ?? 'waiting' } : null,
    error: error ?? null,
  };
}

export const batchDocument = (job: BatchJob) => ({
  batch_id: job.jobId,
  ...progressOf(job),
  results_url: `/v1/batch/${job.jobId}/results`,
});

/** An answer of a door of ours. */
export interface ItemAnswerBody {
  success: boolean;
  data: unknown;
  error: string | null;
}

const endings: Record<string, string> = {
  expired: 'The time of the job was over before this request had its answer.',
  cancelled: 'The job was cancelled before this request had its answer.',
};
const ENVELOPE_START = Buffer.from('{"success":');

/** What an item ended with: the envelope that its door answered, another door's answer in one, or why there is none. */
export function answerOf(item: StoredItem): ItemAnswerBody {
  const { result } = item;
  if (!result) return { success: false, data: null, error: endings[item.state] ?? failureText(item) };
  const body = parsed(result);
  if (isEnvelope(body)) return body;
  if (item.state === 'succeeded') return { success: true, data: body, error: null };
  return { success: false, data: null, error: messageOf(body) ?? failureText(item) };
}

/** A line of a batch's results, without its line end. Our own envelope goes in as it is: nothing of it is read. */
export function resultLine(item: StoredItem): Buffer {
  const head = JSON.stringify({
    custom_id: item.customId ?? null,
    index: item.index,
    status: item.state,
    http_status: item.status ?? null,
    error_code: item.errorCode ?? null,
    can_retry: item.isDead,
    attempts: item.attempts,
    same_as_index: item.sameAsIndex ?? null,
    cost_usd: usdOf(item.costNanoUsd),
  });
  const opened = Buffer.from(`${head.slice(0, -1)},`);
  const { result } = item;
  if (result?.subarray(0, ENVELOPE_START.length).equals(ENVELOPE_START))
    return Buffer.concat([opened, result.subarray(1)]);
  return Buffer.concat([opened, Buffer.from(JSON.stringify(answerOf(item)).slice(1))]);
}

/** A single call as a job, with its answer once it is there. `id` is the name under which it was asked for. */
export function jobDocument(id: string, job: BatchJob, item: StoredItem | undefined) {
  const { counts: _counts, duplicates: _duplicates, ...progress } = progressOf(job);
  const shown = { job_id: id, ...progress };
  if (item === undefined) return { ...shown, result: null, error_code: job.error?.code ?? null };
  const { success, data, error } = answerOf(item);
  return {
    ...shown,
    // A call is done when its answer is there, whatever others it was gathered with.
    status: item.state === 'succeeded' ? 'completed' : item.state,
    cost_usd: usdOf(item.costNanoUsd),
    result: success ? data : null,
    error,
    error_code: item.errorCode ?? null,
    http_status: item.status ?? null,
    can_retry: item.isDead,
  };
}

export const isOver = (job: BatchJob): boolean => hasJobEnded(job.state);

const failureText = ({ errorCode = 'internal' }: StoredItem): string =>
  `The request could not be answered: ${errorCode}.`;

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return bytes.toString('utf8');
  }
}

const isEnvelope = (body: unknown): body is ItemAnswerBody =>
  typeof body === 'object' && body !== null && 'success' in body && 'data' in body && 'error' in body;

/** As OpenAI and Anthropic write errors. */
function messageOf(body: unknown): string | undefined {
  const error = (body as { error?: { message?: unknown } } | null)?.error;
  return typeof error?.message === 'string' ? error.message : undefined;
}
