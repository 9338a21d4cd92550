import { isObject, textOf } from '../../openai-compatible/json-object';
import { orThrow } from '../batch-deps';
import { absentOrNotYet, candidates } from '../find-lost';
import type { CallOptions, FoundBatch, LostBatch } from '../provider-batches';
import { readBatch, type OpenAiBatch } from './read-batch';
import type { BatchCalls } from '../batch-client';

const PAGE = 100;

/** Finds a batch by the name that it was given in its metadata. */
export async function findByKey(calls: BatchCalls, lost: LostBatch, options: CallOptions = {}): Promise<FoundBatch> {
  for await (const { providerBatchId, batchKey } of candidates(listBatches(calls, options), lost)) {
    if (batchKey === lost.batchKey) return { state: 'found', providerBatchId };
  }
  return absentOrNotYet(lost, Date.now());
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
