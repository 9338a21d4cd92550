import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { CostlaneError } from '@costlane/domain';
import type { FastifyRequest } from 'fastify';
import { readShape } from '../dialects/costlane/read-request';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { SubmittedRequest } from '../jobs/job-service';
import { linesOf, requestsOf, type LineLimits } from './batch-door-lines';
import type { ItemReader } from './jobs-door-items';
import { numberIn, oneOfIn, textIn, type Query } from './jobs-door-parameters';
import { batchOptionsSchema, batchSchema, type BatchOptions } from './jobs-door-schemas';
import { MAX_DEFERRED_MS } from './request-controls';

/** A batch as it was handed in. */
export interface ReadBatch {
  options: BatchOptions;
  requests: Iterable<SubmittedRequest> | AsyncIterable<SubmittedRequest>;
}

const EMPTY = Buffer.alloc(0);
/** Other requests are not held up for longer than it takes to read so many. */
const ITEMS_A_TURN = 200;
const DEFAULT_IDLE_MS = 60_000;

/** A batch in one document: all of it is checked before anything is written. Options may stand in the address, too. */
export async function readDocument(request: FastifyRequest, readItem: ItemReader): Promise<ReadBatch> {
  const document = parseJson((request.body as Buffer | undefined) ?? EMPTY);
  const { requests, ...options } = readShape(batchSchema, Array.isArray(document) ? { requests: document } : document);
  const read: SubmittedRequest[] = [];
  for (const [index, value] of requests.entries()) {
    read.push(readItem(value, { index, words: `Request ${index}` }));
    if (read.length % ITEMS_A_TURN === 0) await nextTurn();
  }
  return { options: { ...optionsOf(request), ...options }, requests: read };
}

/** A batch of lines, which are read as they are written. Its options stand in the address and in headers. */
export function readLines(
  request: FastifyRequest,
  readItem: ItemReader,
  { idleMs = DEFAULT_IDLE_MS, ...limits }: LineLimits & { idleMs?: number },
): ReadBatch {
  const lines = linesOf(bodyOf(request.raw, idleMs), limits);
  return { options: optionsOf(request), requests: requestsOf(lines, readItem) };
}

/**
 * The body as it comes. A reader that stops leaves it open: the rest is read away, so that the client gets to see why it was refused.
 * @throws CostlaneError `cancelled` when the client leaves or says nothing any more
 */
async function* bodyOf(raw: Readable, idleMs: number): AsyncGenerator<Buffer, void, undefined> {
  const chunks = raw.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const { done, value } = await soon(chunks.next(), idleMs, () => raw.destroy());
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new CostlaneError('cancelled', 'The client left before the whole batch was there.', { cause });
  } finally {
    await chunks.return?.();
  }
}

/** Time counts only while something is waited for, not while what came is written. */
async function soon<T>(coming: Promise<T>, idleMs: number, onIdle: () => void): Promise<T> {
  const timer = setTimeout(onIdle, idleMs);
  try {
    return await coming;
  } finally {
    clearTimeout(timer);
  }
}

/** What stands in the address and in headers; it is checked like the fields of a document. */
function optionsOf({ query, headers }: FastifyRequest): BatchOptions {
  const asked = query as Query;
  const wait = oneOfIn(asked, 'wait', ['true', 'false']);
  const webhookUrl = textIn(asked, 'webhook_url') ?? headers['x-costlane-webhook-url'];
  const metadata = textIn(asked, 'metadata');
  const fields = {
    wait: wait === undefined ? undefined : wait === 'true',
    completion_window: textIn(asked, 'completion_window'),
    deadline_ms: numberIn(asked, 'deadline_ms', 1_000, MAX_DEFERRED_MS) ?? numberOf(headers['x-costlane-deadline-ms']),
    metadata: metadata === undefined ? undefined : parseJson(Buffer.from(metadata)),
    webhook: webhookUrl === undefined ? undefined : { url: webhookUrl },
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return readShape(batchOptionsSchema, Object.fromEntries(given));
}

const numberOf = (text: string | string[] | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);
