import { isObject, textOf } from '../../openai-compatible/json-object';
import { orThrow } from '../batch-deps';
import { absentOrNotYet, candidates } from '../find-lost';
import type { CallOptions, FoundBatch, LostBatch } from '../provider-batches';
import { readBatch, type OpenAiBatch } from './read-batch';
import type { BatchCalls } from '../batch-client';

const PAGE = 100;

/**
 * Finds a batch by the name that it was given in its metadata. Servers that only resemble OpenAI's may keep none: of a batch without any
 * names the file that it was made from is asked for the same name.
 */
export async function findByKey(calls: BatchCalls, lost: LostBatch, options: CallOptions = {}): Promise<FoundBatch> {
  for await (const batch of candidates(listBatches(calls, options), lost)) {
    const { providerBatchId, batchKey, inputFileId } = batch;
    const isOurs =
      batchKey === lost.batchKey ||
      (batchKey === undefined && inputFileId !== undefined && (await hasFileName(calls, inputFileId, lost, options)));
    if (isOurs) return { state: 'found', providerBatchId };
  }
  return absentOrNotYet(lost, Date.now());
}

/** The name of the file that a batch of ours is made from. */
export const fileNameOf = (batchKey: string): string => `${batchKey}.jsonl`;

async function hasFileName(
  { client, at }: BatchCalls,
  fileId: string,
  { batchKey }: LostBatch,
  options: CallOptions,
): Promise<boolean> {
  const path = at(`/files/${encodeURIComponent(fileId)}`);
  const file = await client.repeatable({ ...options, method: 'GET', path });
  // One that was deleted belongs to a batch that somebody knows.
  if (!file.ok && file.error.status === 404) return false;
  return textOf(orThrow(file)['filename']) === fileNameOf(batchKey);
}

/** The account's batches, newest first. */
async function* listBatches({ client, at }: BatchCalls, options: CallOptions): AsyncGenerator<OpenAiBatch> {
  let after = '';
  for (;;) {
    const path = at('/batches', `limit=${PAGE}${after}`);
    const page = orThrow(await client.repeatable({ ...options, method: 'GET', path }));
    const listed: unknown[] = Array.isArray(page['data']) ? page['data'] : [];
    for (const json of listed) {
      const batch = isObject(json) ? readBatch(json) : undefined;
      if (batch) yield batch;
    }
    const last = listed.at(-1);
    const lastId = isObject(last) ? textOf(last['id']) : undefined;
    if (page['has_more'] !== true || lastId === undefined) return;
    after = `&after=${encodeURIComponent(lastId)}`;
  }
}
