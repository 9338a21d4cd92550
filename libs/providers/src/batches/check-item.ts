import { CostlaneError } from '@costlane/domain';
import { parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { given } from '../translation/refuse';
import type { BatchItem } from './provider-batches';

/** What both providers take (Anthropic's pattern; OpenAI sets none). */
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

export interface CheckedBody {
  readonly json: JsonObject;
  readonly model: string;
}

/**
 * Reads an item's body, and refuses what no Batch API takes.
 * @throws CostlaneError `invalid_request` naming the field
 */
export function checkItem({ customId, body }: BatchItem): CheckedBody {
  checkKey(customId, 'custom_id');
  const json = parseObject(body.toString('utf8'));
  if (!json) return refuseItem(customId, 'body', 'the request must be a JSON object.');
  const model = textOf(json['model']);
  if (model === undefined || model === '') return refuseItem(customId, 'model', 'must name the model.');
  if (json['stream'] === true) return refuseItem(customId, 'stream', 'answers of a batch are not streamed.');
  const tier = given(json, 'service_tier');
  // A batch is a tier of its own: what another one would cost in it nobody says.
  if (tier !== undefined && tier !== 'auto' && tier !== 'default' && tier !== 'standard_only') {
    return refuseItem(customId, 'service_tier', 'a batch has a tier of its own; leave it out.');
  }
  return { json, model };
}

export function refuseItem(customId: string, field: string, why: string): never {
  throw new CostlaneError('invalid_request', `Item "${customId}", field "${field}": ${why}`, { field });
}

/** @throws CostlaneError `invalid_request` for a name that cannot stand in a batch or in a path. */
export function checkKey(key: string, field: string): void {
  if (idPattern.test(key)) return;
  throw new CostlaneError('invalid_request', `Field "${field}": must be 1 to 64 letters, digits, "_" and "-".`, {
    field,
  });
}

/** A body on one line: line ends in JSON are white space, and one space does as well. Gives back the same bytes where there are none. */
export function onOneLine(body: Buffer): Buffer {
  if (!body.includes(0x0a) && !body.includes(0x0d)) return body;
  const line = Buffer.from(body);
  for (let i = 0; i < line.length; i++) if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20;
  return line;
}
