import { nextId } from '../answer';
import { invalidRequest, type ApiError } from '../api-error';
import { isObject, type JsonObject } from '../chat-request';
import { expiresAtMs, isGood, settle, type ItemEnd, type MockBatch, type MockItem } from './mock-batch';
import { parseJson } from './read-parts';
import { sendError, sendJson, sendLines, type BatchRequest } from './send';

const mostItems = 100_000;
const idPattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** `/v1/messages/batches` and what is below it. */
export function answerAnthropicBatches(call: BatchRequest): void {
  const { state, method, rest, response } = call;
  const now = Date.now();
  if (rest === '' && method === 'GET') return sendPage(call, now);
  if (rest === '' && method === 'POST') {
    if (state.batches.takes('dropRequests')) return void response.socket?.destroy();
    const made = createBatch(call);
    if ('message' in made) return sendError(call, made);
    state.batches.add(made);
    if (state.batches.takes('loseAnswers')) return void response.socket?.destroy();
    return sendJson(call, describeBatch(made, call.origin));
  }
  const [, id = '', action] = rest.split('/');
  const batch = state.batches.batch(id, 'anthropic');
  if (!batch) return sendError(call, { ...invalidRequest('Message batch not found.', null), status: 404 });
  settle(batch, state, now);
  if (action === 'results') return sendResults(call, batch);
  if (method === 'POST' && action === 'cancel') {
    if (batch.end) return sendError(call, invalidRequest('This batch has already ended.', null));
    batch.cancelledAtMs ??= now;
  }
  sendJson(call, describeBatch(batch, call.origin));
  if (batch.cancelledAtMs !== undefined) batch.hasToldCancelling = true;
}

function sendPage(call: BatchRequest, now: number): void {
  const { state, query, origin } = call;
  const all = state.batches.list('anthropic');
  const start = all.findIndex(({ id }) => id === query.get('after_id')) + 1;
  const page = all.slice(start, start + Number(query.get('limit') ?? 20));
  for (const batch of page) settle(batch, state, now);
  sendJson(call, {
    data: page.map((batch) => describeBatch(batch, origin)),
    has_more: start + page.length < all.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  });
}

function sendResults(call: BatchRequest, { end }: MockBatch): void {
  if (!end) return sendError(call, { ...invalidRequest('No results are available yet.', null), status: 404 });
  const lines = end.results.map(resultLine);
  void sendLines(call, lines);
}

function createBatch({ state, bodyText }: BatchRequest): MockBatch | ApiError {
  const body = parseJson(bodyText);
  const requests: unknown = isObject(body) ? body['requests'] : undefined;
  if (!Array.isArray(requests) || requests.length === 0) return invalidRequest('requests: Field required', 'requests');
  if (requests.length > mostItems) return { ...invalidRequest('requests: too many', 'requests'), status: 413 };
  const items: MockItem[] = [];
  const ids = new Set<unknown>();
  for (const [index, request] of (requests as unknown[]).entries()) {
    const { custom_id: customId, params } = isObject(request) ? request : {};
    if (typeof customId !== 'string' || !idPattern.test(customId) || ids.has(customId)) {
      return invalidRequest(`requests.${index}.custom_id: must be unique and match ${idPattern.source}`, 'requests');
    }
    if (!isObject(params) || params['stream'] === true) {
      return invalidRequest(`requests.${index}.params: must be a request without "stream"`, 'requests');
    }
    ids.add(customId);
    items.push({ customId, path: '/v1/messages', body: params });
  }
  return {
    id: nextId('msgbatch_', 1),
    provider: 'anthropic',
    createdAtMs: Date.now(),
    items,
    endpoint: '/v1/messages',
    inputFileId: '',
    metadata: null,
    behaviour: state.batches.getBehaviour(),
    hasToldCancelling: false,
  };
}

function describeBatch(batch: MockBatch, origin: string): JsonObject {
  const { id, end, cancelledAtMs, items } = batch;
  const count = (is: (result: ItemEnd) => boolean): number => (end ? end.results.filter(is).length : 0);
  const time = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    id,
    type: 'message_batch',
    processing_status: end ? 'ended' : cancelledAtMs === undefined ? 'in_progress' : 'canceling',
    request_counts: {
      processing: end ? 0 : items.length,
      succeeded: count(isGood),
      errored: count((result) => result.kind === 'answered' && !isGood(result)),
      canceled: count(({ kind }) => kind === 'cancelled'),
      expired: count(({ kind }) => kind === 'expired'),
    },
    created_at: time(batch.createdAtMs),
    expires_at: time(expiresAtMs(batch)),
    ended_at: time(end?.atMs),
    cancel_initiated_at: time(cancelledAtMs),
    archived_at: null,
    results_url: end ? `${origin}/v1/messages/batches/${id}/results` : null,
  };
}

function resultLine(result: ItemEnd): string {
  return JSON.stringify({ custom_id: result.customId, result: describeResult(result) });
}

function describeResult(result: ItemEnd): JsonObject {
  if (result.kind !== 'answered') return { type: result.kind === 'expired' ? 'expired' : 'canceled' };
  const body = parseJson(result.body);
  if (result.status >= 400) return { type: 'errored', error: body };
  const message = isObject(body) ? body : {};
  const usage = isObject(message['usage']) ? message['usage'] : {};
  return { type: 'succeeded', message: { ...message, usage: { ...usage, service_tier: 'batch' } } };
}
