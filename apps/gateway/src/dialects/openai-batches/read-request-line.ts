import { isUtf8 } from 'node:buffer';
import { err, ok, type Result } from '@costlane/domain';
import type { OpenAiBatchError } from '@costlane/ledger';
import { isObject } from '../openai-answers/refuse-field';
import { valueOfKey } from './value-of-key';

/** What a line of an input file asks. */
export interface RequestLine {
  customId: string;
  /** As it was written. */
  body: Buffer;
}

const MAX_CUSTOM_ID = 512;
const MAX_SHOWN = 100;

/** Reads a line of an input file whose requests are all for `endpoint`; else what is wrong with it, in OpenAI's codes. */
export function readRequestLine(line: Buffer, endpoint: string): Result<RequestLine, OpenAiBatchError> {
  const parsed = isUtf8(line) ? parsedJson(line) : undefined;
  if (parsed === undefined) return wrong('invalid_json_line', 'This line is not parseable as valid JSON.');
  if (!isObject(parsed)) return wrong('invalid_json_line', 'This line is not a JSON object.');
  const missing = (['custom_id', 'method', 'url', 'body'] as const).find((name) => (parsed[name] ?? null) === null);
  if (missing !== undefined)
    return wrong('missing_required_parameter', `Missing required parameter: '${missing}'.`, missing);
  const { custom_id: customId, method, url, body } = parsed;
  if (typeof customId !== 'string') return wrong('invalid_type', `'custom_id' has to be a string.`, 'custom_id');
  if (customId === '' || customId.length > MAX_CUSTOM_ID || !isKeepable(customId))
    return wrong(
      'invalid_value',
      `'custom_id' has to have 1 to ${MAX_CUSTOM_ID} characters, without NUL.`,
      'custom_id',
    );
  if (method !== 'POST') return wrong('invalid_value', `'method' has to be 'POST'.`, 'method');
  if (url !== endpoint) {
    const message = `The URL provided for this request does not match the batch endpoint: it has to be '${endpoint}'.`;
    return wrong('url_mismatch', message, 'url');
  }
  if (!isObject(body)) return wrong('invalid_type', `'body' has to be a JSON object.`, 'body');
  return ok({ customId, body: valueOfKey(line, 'body') ?? Buffer.from(JSON.stringify(body)) });
}

/** Two lines of one file have the same id. */
export const duplicateId = (customId: string): OpenAiBatchError => ({
  code: 'duplicate_custom_id',
  message: `The custom_id '${customId.slice(0, MAX_SHOWN)}' of this request was used before; it has to be unique within a batch.`,
  param: 'custom_id',
});

function parsedJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Postgres keeps neither NUL nor half a surrogate pair. */
const isKeepable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);

const wrong = (code: string, message: string, param?: string): Result<never, OpenAiBatchError> =>
  err({ code, message, param });
