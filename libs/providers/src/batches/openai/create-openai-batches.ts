import { CostlaneError, ok } from '@costlane/domain';
import type { ProviderConfig } from '../../provider-config';
import { createBatchClient, pathsUnder, type BatchCalls } from '../batch-client';
import { baseUrlOf, checkedId, isRefused, orNotFound, orThrow, type BatchesDeps } from '../batch-deps';
import { checkFits } from '../pack-batches';
import { hasEnded, type CallOptions, type ProviderBatches } from '../provider-batches';
import { readResults } from '../read-results';
import { openAiLimits, writeLine } from './endpoints';
import { findByKey } from './find-by-key';
import { batchOf, type OpenAiBatch } from './read-batch';
import { readResultLine } from './read-result';
import { submitFile } from './submit-file';

const EXAMPLE_URL = 'https://api.openai.com/v1';

/**
 * OpenAI's Batch API: the items are uploaded as a file, and a batch is made from it ("Batch API", read November 2026). An upload costs nothing
 * and may be repeated; a batch carries our name for it in its metadata, by which it is found again when its answer is lost.
 */
export function createOpenAiBatches(config: ProviderConfig, deps: BatchesDeps): ProviderBatches {
  const { name, apiKey } = config;
  const base = baseUrlOf(config, EXAMPLE_URL);
  const credentials: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
  const headers = { 'user-agent': 'costlane', accept: 'application/json', ...credentials };
  const client = createBatchClient({ ...config, ...deps, origin: base.origin, headers });
  const calls: BatchCalls = { client, name, at: pathsUnder(base.pathname.replace(/\/+$/, ''), base.search) };
  const status = async (id: string, options: CallOptions = {}): Promise<OpenAiBatch> => {
    const answer = await client.repeatable({ ...options, method: 'GET', path: calls.at(pathOf(id)) });
    return batchOf(orThrow(orNotFound(answer, name)), name);
  };
  return {
    name,
    limits: openAiLimits,
    measure(item) {
      const { customId, group, sizeBytes, inputs } = writeLine(item);
      const measured = { customId, group, sizeBytes, inputs };
      checkFits(measured, openAiLimits);
      return measured;
    },
    submit: (items, options) => submitFile(calls, items, options),
    find: (lost, options) => findByKey(calls, lost, options),
    status,
    async *results(id, options) {
      const { resultFileIds } = await status(id, options);
      if (resultFileIds.length === 0) throw new CostlaneError('not_found', `${name} has no results of this batch.`);
      for (const fileId of resultFileIds) {
        const path = calls.at(`/files/${checkedId(fileId)}/content`);
        const context = { ...options, provider: name, apiKey };
        yield* readResults({ client, provider: name, path }, options, (line) => readResultLine(line, context));
      }
    },
    async cancel(id, options = {}) {
      const asked = await client.repeatable({ ...options, method: 'POST', path: calls.at(`${pathOf(id)}/cancel`) });
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

const pathOf = (id: string): string => `/batches/${checkedId(id)}`;
