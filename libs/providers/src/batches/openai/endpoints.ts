import type { Dialect } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { readCompletion, type ReadCompletion } from '../../openai-compatible/extract-usage';
import { readEmbeddings } from '../../openai-compatible/read-embeddings';
import { readResponse } from '../../openai-compatible/read-response';
import { checkItem, onOneLine, refuseItem } from '../check-item';
import type { BatchItem, BatchLimits, MeasuredItem } from '../provider-batches';

/** "Batch API" and the reference of `POST /v1/batches`, read November 2026. Megabytes are taken as the smaller kind. */
export const openAiLimits: BatchLimits = { maxItems: 50_000, maxBytes: 200_000_000, maxInputs: 50_000 };

interface Endpoint {
  readonly url: string;
  readonly readBody: (body: Buffer) => ReadCompletion;
}

/** Where each dialect is asked (as a batch names it, whatever the base URL is), and how its answers are read. */
const endpoints: Readonly<Partial<Record<Dialect, Endpoint>>> = {
  'openai.chat': { url: '/v1/chat/completions', readBody: readCompletion },
  'openai.responses': { url: '/v1/responses', readBody: readResponse },
  'openai.embeddings': { url: '/v1/embeddings', readBody: readEmbeddings },
};

/** @throws CostlaneError `invalid_request` for a dialect that is not OpenAI's. */
export function endpointOf(dialect: Dialect): Endpoint {
  const endpoint = endpoints[dialect];
  if (endpoint) return endpoint;
  throw new CostlaneError('invalid_request', `A batch of OpenAI's takes no requests in the dialect ${dialect}.`);
}

/** An item as a line of the file that a batch is made from. A batch has one endpoint and one model. */
export interface OpenAiLine extends MeasuredItem {
  readonly parts: readonly Buffer[];
}

/** @throws CostlaneError `invalid_request` naming the field */
export function writeLine(item: BatchItem): OpenAiLine {
  const { customId, dialect } = item;
  const { url } = endpointOf(dialect);
  const { json, model } = checkItem(item);
  const inputs = dialect === 'openai.embeddings' ? countInputs(customId, json['input']) : 1;
  const head = Buffer.from(`{"custom_id":"${customId}","method":"POST","url":"${url}","body":`);
  const parts = [head, onOneLine(item.body), lineEnd];
  const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
  return { customId, group: `${dialect} ${model}`, sizeBytes, inputs, parts };
}

const lineEnd = Buffer.from('}\n');

/** A text or the tokens of one are one input; a list of either as many as it has. */
function countInputs(customId: string, input: unknown): number {
  if (typeof input === 'string') return 1;
  if (!Array.isArray(input) || input.length === 0) {
    return refuseItem(customId, 'input', 'must be a text, or a list of texts.');
  }
  return typeof input[0] === 'number' ? 1 : input.length;
}
