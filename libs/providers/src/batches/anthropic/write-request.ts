import { CostlaneError } from '@costlane/domain';
import { convertRequest } from '../../anthropic/convert-request';
import { checkItem, refuseItem } from '../check-item';
import type { BatchItem, BatchLimits } from '../provider-batches';
import type { WrittenItem } from '../write-items';

/** "Batch processing" and the reference of `POST /v1/messages/batches`, read November 2026. Megabytes are taken as the smaller kind. */
export const anthropicLimits: BatchLimits = {
  maxItems: 100_000,
  // What stands around the requests is part of the size.
  maxBytes: 256_000_000 - 1_000,
  maxInputs: 100_000,
};

const between = ',';

/**
 * An item as one of the requests of a batch; one in OpenAI's dialect is translated as if it were sent alone. Models may be mixed, but answers
 * come back in one dialect.
 * @throws CostlaneError `invalid_request` naming the field
 */
export function writeRequest(item: BatchItem): WrittenItem {
  const { customId, dialect } = item;
  const head = Buffer.from(`{"custom_id":"${customId}","params":`);
  const parts = [head, paramsOf(item), end];
  const sizeBytes = parts.reduce((sum, part) => sum + part.length, between.length);
  return { customId, group: dialect, sizeBytes, inputs: 1, parts };
}

const end = Buffer.from('}');

function paramsOf(item: BatchItem): Buffer {
  const { customId, dialect, body } = item;
  const { json, model } = checkItem(item);
  if (dialect === 'anthropic.messages') {
    // Warms a cache, which a batch does not.
    if (json['max_tokens'] === 0) return refuseItem(customId, 'max_tokens', 'must be 1 at the least in a batch.');
    return body;
  }
  if (dialect === 'openai.chat') return Buffer.from(JSON.stringify(convertRequest(body, model).body));
  throw new CostlaneError('invalid_request', `A batch of Anthropic's takes no requests in the dialect ${dialect}.`);
}

export const requestsFrame = {
  before: Buffer.from('{"requests":['),
  between: Buffer.from(between),
  after: Buffer.from(']}'),
};
