import { isObject, textOf } from '../../openai-compatible/json-object';
import type { BatchCalls } from '../batch-client';
import { orThrow } from '../batch-deps';
import { absentOrNotYet, candidates, notYet } from '../find-lost';
import { hasEnded, type BatchStatus, type CallOptions, type FoundBatch, type LostBatch } from '../provider-batches';
import { readResults } from '../read-results';
import { readBatch } from './read-batch';
import { readResultLine } from './read-result';

const PAGE = 100;

/**
 * Finds a batch by what is in it, for Anthropic's carry no name of ours: among the batches of its time that have as many requests, and are not
 * known to be others, the one whose first result is one of ours. Results are there when a batch has ended, so that until then nothing is decided
 * while there is any that may be it. A batch that has ended without results to be read (they are kept for 29 days) is not it.
 */
export async function findByContent(
  calls: BatchCalls,
  lost: LostBatch,
  options: CallOptions = {},
): Promise<FoundBatch> {
  let isOpen = false;
  for await (const batch of candidates(listBatches(calls, options), lost)) {
    if (batch.counts.total !== lost.itemCount) continue;
    if (!hasEnded(batch)) isOpen = true;
    else if (batch.hasResults && (await isOurs(calls, batch, lost, options))) {
      return { state: 'found', providerBatchId: batch.providerBatchId };
    }
  }
  return isOpen ? notYet : absentOrNotYet(lost, Date.now());
}

async function isOurs(
  { client, name: provider, at }: BatchCalls,
  { providerBatchId }: BatchStatus,
  { hasItem }: LostBatch,
  options: CallOptions,
): Promise<boolean> {
  const path = at(`/${encodeURIComponent(providerBatchId)}/results`);
  const context = { provider, apiKey: undefined, dialect: 'anthropic.messages' } as const;
  const results = readResults({ client, provider, path }, { ...options, dialect: context.dialect }, (line) =>
    readResultLine(line, context),
  );
  for await (const { customId } of results) return hasItem(customId);
  return false;
}

/** The workspace's batches, newest first. */
async function* listBatches({ client, at }: BatchCalls, options: CallOptions): AsyncGenerator<BatchStatus> {
  let after = '';
  for (;;) {
    const page = orThrow(await client.repeatable({ ...options, method: 'GET', path: at('', `limit=${PAGE}${after}`) }));
    for (const json of Array.isArray(page['data']) ? (page['data'] as unknown[]) : []) {
      const batch = isObject(json) ? readBatch(json) : undefined;
      if (batch) yield batch;
    }
    const lastId = textOf(page['last_id']);
    if (page['has_more'] !== true || lastId === undefined) return;
    after = `&after_id=${encodeURIComponent(lastId)}`;
  }
}
