import { randomUUID } from 'node:crypto';
import { CostlaneError, err, ok, type Result } from '@costlane/domain';
import { textOf } from '../../openai-compatible/json-object';
import type { BatchCalls } from '../batch-client';
import type { CallFailure } from '../call-failure';
import { checkKey } from '../check-item';
import type { BatchItem, SubmitOptions, SubmitOutcome } from '../provider-batches';
import { failedSubmit, submitDeadlineMs, withoutId } from '../submit';
import { writeItems, type WriteProgress } from '../write-items';
import { endpointOf, openAiLimits, writeLine, type OpenAiLine } from './endpoints';
import { fileNameOf, findByKey } from './find-by-key';
import { METADATA_KEY, readBatch } from './read-batch';

/** A batch whose answer was lost is looked for so long, beyond the deadline if it has to be. */
const FIND_MS = 10_000;

type Items = Iterable<BatchItem> | AsyncIterable<BatchItem>;

/** Uploads the items and makes a batch of them. */
export async function submitFile(calls: BatchCalls, items: Items, options: SubmitOptions): Promise<SubmitOutcome> {
  checkKey(options.batchKey, 'batchKey');
  const timed = { ...options, deadlineAtMs: submitDeadlineMs(options) };
  const upload = await uploadItems(calls, items, timed);
  // A file alone is no batch: nothing has begun that is to be paid.
  return upload.ok ? createBatch(calls, upload.value, timed) : failedSubmit(upload.error, false);
}

interface Uploaded {
  readonly fileId: string;
  readonly url: string;
  readonly itemCount: number;
}

async function uploadItems(
  { client, name, at }: BatchCalls,
  items: Items,
  { batchKey, deadlineAtMs, signal }: SubmitOptions,
): Promise<Result<Uploaded, CallFailure>> {
  const boundary = `costlane-${randomUUID()}`;
  const progress: WriteProgress = { itemCount: 0, isWhole: false };
  let url = '';
  const write = (item: BatchItem): OpenAiLine => {
    url = endpointOf(item.dialect).url;
    return writeLine(item);
  };
  const body = writeItems(items, write, openAiLimits, frameOf(boundary, batchKey), progress);
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const answer = await client.once({ method: 'POST', path: at('/files'), contentType, body, deadlineAtMs, signal });
  if (!answer.ok) return answer;
  const fileId = textOf(answer.value['id']);
  if (fileId !== undefined) return ok({ fileId, url, itemCount: progress.itemCount });
  const error = new CostlaneError('upstream_malformed', `${name} took a file and did not say its id.`);
  return err({ error, isRetryable: true, mayHaveArrived: true });
}

function frameOf(boundary: string, batchKey: string) {
  const before =
    `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n` +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileNameOf(batchKey)}"\r\n` +
    'Content-Type: application/jsonl\r\n\r\n';
  return { before: Buffer.from(before), between: Buffer.alloc(0), after: Buffer.from(`\r\n--${boundary}--\r\n`) };
}

async function createBatch(
  calls: BatchCalls,
  { fileId, url, itemCount }: Uploaded,
  { batchKey, deadlineAtMs, signal }: SubmitOptions,
): Promise<SubmitOutcome> {
  const { client, name, at } = calls;
  const startedAtMs = Date.now();
  const answer = await client.once({
    method: 'POST',
    path: at('/batches'),
    contentType: 'application/json',
    body: JSON.stringify({
      input_file_id: fileId,
      endpoint: url,
      completion_window: '24h',
      metadata: { [METADATA_KEY]: batchKey },
    }),
    deadlineAtMs,
    signal,
  });
  if (answer.ok) {
    const batch = readBatch(answer.value);
    if (batch) return { ok: true, providerBatchId: batch.providerBatchId, wasFound: false };
  } else if (!answer.error.mayHaveArrived) {
    return failedSubmit(answer.error, false);
  }
  // Looked for once, and at once: mostly it is there. Else the caller asks `find`, when some time has gone by.
  const lost = { batchKey, startedAtMs, endedAtMs: Date.now(), itemCount, hasItem: () => false };
  const found = await findByKey(calls, lost, { signal, deadlineAtMs: Date.now() + FIND_MS }).catch(() => undefined);
  if (found?.state === 'found') return { ok: true, providerBatchId: found.providerBatchId, wasFound: true };
  return answer.ok ? withoutId(name) : failedSubmit(answer.error, true);
}
