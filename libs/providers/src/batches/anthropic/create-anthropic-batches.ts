import { ok } from '@costlane/domain';
import { convertError } from '../../anthropic/map-error';
import type { ProviderConfig } from '../../provider-config';
import { versionedPath } from '../../translation/create-translating-transport';
import { createBatchClient, pathsUnder, type BatchCalls } from '../batch-client';
import { baseUrlOf, checkedId, isRefused, orNotFound, orThrow, type BatchesDeps } from '../batch-deps';
import { checkKey } from '../check-item';
import { checkFits } from '../pack-batches';
import {
  hasEnded,
  type BatchItem,
  type BatchStatus,
  type CallOptions,
  type ProviderBatches,
  type SubmitOptions,
  type SubmitOutcome,
} from '../provider-batches';
import { readResults } from '../read-results';
import { failedSubmit, submitDeadlineMs, withoutId } from '../submit';
import { writeItems, type WriteProgress } from '../write-items';
import { findByContent } from './find-by-content';
import { batchOf, readBatch } from './read-batch';
import { readResultLine } from './read-result';
import { anthropicLimits, requestsFrame, writeRequest } from './write-request';

const API_VERSION = '2023-06-01';
const EXAMPLE_URL = 'https://api.anthropic.com';

/**
 * Anthropic's Message Batches API ("Batch processing", read November 2026): all requests go in one body, which is written while it is sent.
 * A batch has no name of ours, so that one whose answer was lost is found by what is in it (`find-by-content.ts`).
 */
export function createAnthropicBatches(config: ProviderConfig, deps: BatchesDeps): ProviderBatches {
  const { name, apiKey } = config;
  const base = baseUrlOf(config, EXAMPLE_URL);
  const credentials: Record<string, string> = apiKey ? { 'x-api-key': apiKey } : {};
  const headers = {
    'user-agent': 'costlane',
    accept: 'application/json',
    'anthropic-version': API_VERSION,
    ...credentials,
  };
  const client = createBatchClient({ ...config, ...deps, origin: base.origin, headers, convertError });
  const at = pathsUnder(`${versionedPath(base, '/v1')}/messages/batches`, base.search);
  const calls: BatchCalls = { client, name, at };
  const status = async (id: string, options: CallOptions = {}): Promise<BatchStatus> => {
    const answer = await client.repeatable({ ...options, method: 'GET', path: at(`/${checkedId(id)}`) });
    return batchOf(orThrow(orNotFound(answer, name)), name);
  };
  return {
    name,
    limits: anthropicLimits,
    measure(item) {
      const { customId, group, sizeBytes, inputs } = writeRequest(item);
      const measured = { customId, group, sizeBytes, inputs };
      checkFits(measured, anthropicLimits);
      return measured;
    },
    submit: (items, options) => submit(calls, items, options),
    find: (lost, options) => findByContent(calls, lost, options),
    status,
    results(id, options) {
      // By the path that the reference gives: an address out of an answer is not one that the key is sent to.
      const source = { client, provider: name, path: at(`/${checkedId(id)}/results`) };
      const context = { ...options, provider: name, apiKey };
      return readResults(source, options, (line) => readResultLine(line, context));
    },
    async cancel(id, options = {}) {
      const asked = await client.repeatable({ ...options, method: 'POST', path: at(`/${checkedId(id)}/cancel`) });
      const answer = asked.ok ? ok(batchOf(asked.value, name)) : asked;
      if (answer.ok) return answer.value;
      // One that has ended cannot be cancelled: that is no error, but how it stands.
      const batch = isRefused(answer.error) ? await status(id, options) : undefined;
      if (batch && hasEnded(batch)) return batch;
      return orThrow(orNotFound(answer, name));
    },
    close: () => client.close(),
  };
}

async function submit(
  { client, name, at }: BatchCalls,
  items: Iterable<BatchItem> | AsyncIterable<BatchItem>,
  options: SubmitOptions,
): Promise<SubmitOutcome> {
  checkKey(options.batchKey, 'batchKey');
  const progress: WriteProgress = { itemCount: 0, isWhole: false };
  const answer = await client.once({
    method: 'POST',
    path: at(''),
    contentType: 'application/json',
    body: writeItems(items, writeRequest, anthropicLimits, requestsFrame, progress),
    deadlineAtMs: submitDeadlineMs(options),
    signal: options.signal,
  });
  if (!answer.ok) return failedSubmit(answer.error, progress.isWhole && answer.error.mayHaveArrived);
  const batch = readBatch(answer.value);
  return batch ? { ok: true, providerBatchId: batch.providerBatchId, wasFound: false } : withoutId(name);
}
