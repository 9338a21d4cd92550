import type { ServerResponse } from 'node:http';
import { renderAnthropicError } from '../anthropic/render-error';
import { renderError, type ApiError } from '../api-error';
import type { MockState } from '../mock-state';
import type { MockBatch } from './mock-batch';

/** One call to the files or batches of the mock. */
export interface BatchRequest {
  response: ServerResponse;
  state: MockState;
  provider: MockBatch['provider'];
  method: string;
  /** Behind the part that all have in common: `` or `/batch_1/cancel`. */
  rest: string;
  query: URLSearchParams;
  bodyText: string;
  contentType: string;
  origin: string;
}

export function sendJson({ response, state }: BatchRequest, value: unknown): void {
  const body = JSON.stringify(value);
  state.countStatus(200);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

export function sendError({ response, state, provider }: BatchRequest, error: ApiError, retryAfter?: number): void {
  const body = provider === 'anthropic' ? renderAnthropicError(error) : renderError(error);
  state.countStatus(error.status);
  const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response.writeHead(error.status, { 'content-type': 'application/json', ...wait });
  response.end(body);
}

/** Lines of JSON, written no faster than they are read; some of them broken, or the connection after some, if the behaviour wants it. */
export async function sendLines({ response, state }: BatchRequest, lines: Iterable<string>): Promise<void> {
  const { malformedEvery, cutAfterLines } = state.batches.getBehaviour();
  const cutAfter = state.batches.takes('cutTimes') ? cutAfterLines : undefined;
  state.countStatus(200);
  response.writeHead(200, { 'content-type': 'application/x-jsonl' });
  let count = 0;
  for (const line of lines) {
    if (count === cutAfter) {
      response.socket?.destroySoon();
      return;
    }
    count += 1;
    const isBroken = malformedEvery !== undefined && count % malformedEvery === 0;
    const text = isBroken ? line.slice(0, Math.floor(line.length / 2)) : line;
    if (!response.write(`${text}\n`)) await drained(response);
    if (response.destroyed) return;
  }
  response.end();
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
