import { isUtf8 } from 'node:buffer';
import { CostlaneError } from '@costlane/domain';
import type { SubmittedRequest } from '../jobs/job-service';
import type { ItemReader } from './jobs-door-items';

export interface LineLimits {
  lineBytes: number;
  totalBytes: number;
}

export interface Line {
  /** From 1, empty ones counted. */
  number: number;
  bytes: Buffer;
}

const NEW_LINE = 0x0a;
const WHITE = /^[\s\uFEFF]*$/;

/**
 * Lines of a body as it comes; empty ones are passed over. What is kept of it is a line that is not complete.
 * @throws CostlaneError `body_too_large`
 */
export async function* linesOf(body: AsyncIterable<Buffer>, limits: LineLimits): AsyncGenerator<Line, void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let totalBytes = 0;
  let number = 0;
  const take = (end: Buffer): Line => {
    const bytes = pending.length === 0 ? end : Buffer.concat([...pending, end]);
    pending = [];
    pendingBytes = 0;
    number += 1;
    return { number, bytes };
  };
  for await (const chunk of body) {
    totalBytes += chunk.length;
    if (totalBytes > limits.totalBytes)
      throw tooLarge(`The body is larger than ${limits.totalBytes} bytes (JOB_MAX_BYTES).`);
    let from = 0;
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, from)) {
      const line = take(chunk.subarray(from, at));
      from = at + 1;
      if (line.bytes.length > limits.lineBytes) throw tooLong(line.number, limits);
      if (!isBlank(line.bytes)) yield line;
    }
    if (from === chunk.length) continue;
    const rest = chunk.subarray(from);
    pending.push(rest);
    pendingBytes += rest.length;
    if (pendingBytes > limits.lineBytes) throw tooLong(number + 1, limits);
  }
  if (pending.length === 0) return;
  const last = take(Buffer.alloc(0));
  if (!isBlank(last.bytes)) yield last;
}

/** Requests of a body of lines, each a JSON object. Throws what is wrong with one, by its line. */
export async function* requestsOf(
  lines: AsyncIterable<Line>,
  readItem: ItemReader,
): AsyncGenerator<SubmittedRequest, void, undefined> {
  let index = 0;
  for await (const { number, bytes } of lines) {
    yield readItem(parseLine(bytes, number, index), { index, words: `Line ${number}` });
    index += 1;
  }
}

function parseLine(bytes: Buffer, number: number, index: number): unknown {
  // What is no text would be asked with other characters in its place.
  if (!isUtf8(bytes))
    throw new CostlaneError('invalid_json', `Line ${number} is not UTF-8.`, { field: `requests[${index}]` });
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as unknown;
  } catch {
    throw new CostlaneError('invalid_json', `Line ${number} is not valid JSON.`, { field: `requests[${index}]` });
  }
}

/** Long lines are never blank; a short one is looked at. */
const isBlank = (bytes: Buffer): boolean => bytes.length < 64 && WHITE.test(bytes.toString('utf8'));

const tooLarge = (message: string): CostlaneError => new CostlaneError('body_too_large', message);

const tooLong = (number: number, { lineBytes }: LineLimits): CostlaneError =>
  tooLarge(`Line ${number} is longer than ${lineBytes} bytes (BODY_LIMIT_BYTES).`);
