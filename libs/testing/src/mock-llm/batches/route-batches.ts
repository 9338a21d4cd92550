import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalidRequest, simulatedError } from '../api-error';
import type { MockState } from '../mock-state';
import { readBody } from '../read-body';
import { answerAnthropicBatches } from './anthropic-batches';
import type { MockBatch } from './mock-batch';
import { answerFiles, answerOpenAiBatches } from './openai-batches';
import { sendError, type BatchRequest } from './send';

interface Root {
  path: string;
  provider: MockBatch['provider'];
  answer: (call: BatchRequest) => void;
}

const roots: readonly Root[] = [
  { path: '/v1/messages/batches', provider: 'anthropic', answer: answerAnthropicBatches },
  { path: '/v1/batches', provider: 'openai', answer: answerOpenAiBatches },
  { path: '/v1/files', provider: 'openai', answer: answerFiles },
];

/** Answers a call to files or batches; false for any other path. */
export function routeBatches(
  request: IncomingMessage,
  response: ServerResponse,
  state: MockState,
  path: string,
): boolean {
  const root = roots.find((each) => path === each.path || path.startsWith(`${each.path}/`));
  if (!root) return false;
  const id = request.headers['x-request-id'];
  state.begin(root.path, 0, typeof id === 'string' ? id.slice(0, 128) : undefined);
  response.on('close', () => state.end(undefined));
  readBody(request, (bodyText) => {
    const call: BatchRequest = {
      response,
      state,
      provider: root.provider,
      method: request.method ?? '',
      rest: path.slice(root.path.length),
      query: new URL(request.url ?? '/', 'http://mock').searchParams,
      bodyText: bodyText ?? '',
      contentType: request.headers['content-type'] ?? '',
      origin: `http://${request.headers.host ?? 'mock'}`,
    };
    if (bodyText === undefined) return sendError(call, { ...invalidRequest('too large', null), status: 413 });
    const { status, retryAfter } = state.batches.getBehaviour();
    if (state.batches.takes('failTimes')) return sendError(call, simulatedError(status, undefined), retryAfter);
    root.answer(call);
  });
  return true;
}
