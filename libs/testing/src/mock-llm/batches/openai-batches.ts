import { nextId } from '../answer';
import { modelPaths, type ModelPath } from '../answer-call';
import { invalidRequest, type ApiError } from '../api-error';
import { isObject, type JsonObject } from '../chat-request';
import type { MockFile } from './batch-store';
import { expiresAtMs, isGood, settle, type ItemEnd, type MockBatch, type MockItem } from './mock-batch';
import { parseJson, readMultipart } from './read-parts';
import { sendError, sendJson, sendLines, type BatchRequest } from './send';

const mostItems = 50_000;
/** Files of results are made up when they are read; both prefixes have one length. */
const outputPrefix = 'file-out-';
const errorPrefix = 'file-err-';

const seconds = (ms: number): number => Math.floor(ms / 1_000);
const splitLines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
const notFound = (what: string): ApiError => ({ ...invalidRequest(`No such ${what}`, 'id'), status: 404 });

/** `/v1/files` and what is below it. */
export function answerFiles(call: BatchRequest): void {
  const { state, method, rest } = call;
  if (method === 'POST' && rest === '') return uploadFile(call);
  const [, id = '', part] = rest.split('/');
  if (method !== 'GET' || (part !== undefined && part !== 'content')) return sendError(call, notFound('path'));
  const file = state.batches.file(id);
  if (file && part === undefined) return sendJson(call, describeFile(file));
  if (file) return void sendLines(call, splitLines(file.text));
  const batch = state.batches.batch(id.slice(outputPrefix.length), 'openai');
  if (!batch?.end || part === undefined) return sendError(call, notFound('File object'));
  return void sendLines(call, resultLines(batch, id.startsWith(outputPrefix)));
}

function uploadFile(call: BatchRequest): void {
  const parts = readMultipart(call.contentType, call.bodyText);
  const file = parts?.get('file');
  if (!file || parts?.get('purpose')?.text !== 'batch') {
    return sendError(call, invalidRequest('purpose "batch" and a file are expected', 'file'));
  }
  sendJson(call, describeFile(call.state.batches.addFile(file.fileName ?? 'batch.jsonl', file.text)));
}

const describeFile = ({ id, name, createdAtMs, text }: MockFile): JsonObject => ({
  id,
  object: 'file',
  bytes: Buffer.byteLength(text),
  created_at: seconds(createdAtMs),
  filename: name,
  purpose: 'batch',
});

/** `/v1/batches` and what is below it. */
export function answerOpenAiBatches(call: BatchRequest): void {
  const { state, method, rest, query, response } = call;
  const now = Date.now();
  if (rest === '' && method === 'GET') {
    const all = state.batches.list('openai');
    const start = all.findIndex(({ id }) => id === query.get('after')) + 1;
    const page = all.slice(start, start + Number(query.get('limit') ?? 20));
    for (const batch of page) settle(batch, state, now);
    return sendJson(call, {
      object: 'list',
      data: page.map(describeBatch),
      has_more: start + page.length < all.length,
    });
  }
  if (rest === '' && method === 'POST') {
    if (state.batches.takes('dropRequests')) return void response.socket?.destroy();
    const made = createBatch(call);
    if ('message' in made) return sendError(call, made);
    state.batches.add(made);
    if (state.batches.takes('loseAnswers')) return void response.socket?.destroy();
    return sendJson(call, describeBatch(made));
  }
  const [, id = '', action] = rest.split('/');
  const batch = state.batches.batch(id, 'openai');
  if (!batch) return sendError(call, notFound('Batch object'));
  settle(batch, state, now);
  if (method === 'POST' && action === 'cancel') {
    if (batch.end && batch.end.as !== 'cancelled') {
      const message = `Cannot cancel a batch with status '${batch.end.as}'.`;
      return sendError(call, { ...invalidRequest(message, null), status: 409 });
    }
    batch.cancelledAtMs ??= now;
  }
  sendJson(call, describeBatch(batch));
  if (batch.cancelledAtMs !== undefined) batch.hasToldCancelling = true;
}

function createBatch({ state, bodyText }: BatchRequest): MockBatch | ApiError {
  const body = parseJson(bodyText);
  const fileId = isObject(body) ? String(body['input_file_id']) : '';
  const file = state.batches.file(fileId);
  if (!isObject(body) || !file) return invalidRequest('Invalid file id.', 'input_file_id');
  if (body['completion_window'] !== '24h') return invalidRequest("Use '24h'.", 'completion_window');
  const endpoint = modelPaths.find((known) => known === body['endpoint']);
  if (!endpoint) return invalidRequest('Unknown endpoint.', 'endpoint');
  const read = readItems(file.text, endpoint);
  return {
    id: nextId('batch_', 1),
    provider: 'openai',
    createdAtMs: Date.now(),
    items: 'code' in read ? [] : read,
    endpoint,
    inputFileId: fileId,
    metadata: body['metadata'] ?? null,
    behaviour: state.batches.getBehaviour(),
    error: 'code' in read ? read : undefined,
    hasToldCancelling: false,
  };
}

/** The items of a file, or what makes the whole of it fail: nothing is told before a batch has been made of it. */
function readItems(text: string, endpoint: ModelPath): MockItem[] | NonNullable<MockBatch['error']> {
  const items: MockItem[] = [];
  const ids = new Set<string>();
  let model: unknown;
  const lines = splitLines(text);
  if (lines.length === 0) return { code: 'empty_file', message: 'The file is empty.', line: null };
  if (lines.length > mostItems) return { code: 'too_many_tasks', message: 'Too many requests.', line: null };
  for (const [index, line] of lines.entries()) {
    const fail = (code: string, message: string) => ({ code, message, line: index + 1 });
    const json = parseJson(line);
    if (!isObject(json) || !isObject(json['body'])) return fail('invalid_json_line', 'This line is not parseable.');
    const customId = String(json['custom_id']);
    if (json['method'] !== 'POST' || json['url'] !== endpoint) return fail('url_mismatch', 'The URL is another one.');
    if (ids.has(customId)) return fail('duplicate_custom_id', 'The custom_id for this request is a duplicate.');
    model ??= json['body']['model'];
    if (json['body']['model'] !== model) return fail('model_mismatch', 'The models are not the same.');
    ids.add(customId);
    items.push({ customId, path: endpoint, body: json['body'] });
  }
  return items;
}

function describeBatch(batch: MockBatch): JsonObject {
  const { id, end, items, error, cancelledAtMs } = batch;
  const results = end?.results ?? [];
  const completed = results.filter(isGood).length;
  const failed = results.filter((result) => result.kind === 'answered' && !isGood(result)).length;
  const hasErrors = results.some((result) => !isGood(result));
  return {
    id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: error && end ? { object: 'list', data: [{ ...error, param: null }] } : null,
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: end?.as ?? (cancelledAtMs === undefined ? 'in_progress' : 'cancelling'),
    output_file_id: completed > 0 ? outputPrefix + id : null,
    error_file_id: hasErrors ? errorPrefix + id : null,
    created_at: seconds(batch.createdAtMs),
    expires_at: seconds(expiresAtMs(batch)),
    [`${end?.as ?? 'finalizing'}_at`]: end ? seconds(end.atMs) : null,
    request_counts: { total: items.length, completed, failed },
    metadata: batch.metadata,
  };
}

function* resultLines({ end }: MockBatch, isOutput: boolean): Generator<string> {
  for (const result of end?.results ?? []) if (isGood(result) === isOutput) yield resultLine(result);
}

const words = {
  expired: {
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  },
  cancelled: { code: 'batch_cancelled', message: 'This request was not executed before the batch was cancelled.' },
};

function resultLine(result: ItemEnd): string {
  const head = { id: nextId('batch_req_', 1), custom_id: result.customId };
  if (result.kind !== 'answered') return JSON.stringify({ ...head, response: null, error: words[result.kind] });
  const response = { status_code: result.status, request_id: nextId('req_', 1), body: parseJson(result.body) };
  return JSON.stringify({ ...head, response, error: null });
}
