import { setTimeout as wait } from 'node:timers/promises';
import { CostlaneError, err, ok, type Result } from '@costlane/domain';
import { jitteredDelayMs, RetryBudget } from '@costlane/resilience';
import { Pool, type Dispatcher } from 'undici';
import { isObject, parseObject, type JsonObject } from '../openai-compatible/json-object';
import { mapErrorAnswer } from '../openai-compatible/map-error';
import type { ProviderConfig } from '../provider-config';
import { mapCallError, type CallFailure } from './call-failure';
import type { CallOptions } from './provider-batches';
import type { LookupFunction } from 'node:net';

/** Readers of results hold one each; polls want one for a moment. */
const CONNECTIONS = 16;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_POLL_MS = 60_000;
/** Between the end of a request and its answer, and between two pieces of an answer that is being read. */
const IDLE_MS = 120_000;
const MAX_ATTEMPTS = 3;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;
/** Of what a batch, a file or a list of them is told in. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

export interface ClientSettings extends Pick<ProviderConfig, 'name' | 'apiKey' | 'connectTimeoutMs'> {
  readonly origin: string;
  /** Of every request, credentials included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lookup?: LookupFunction;
  /** An error answer in OpenAI's shape; undefined for what is none of the provider's. */
  readonly convertError?: (bodyText: string) => JsonObject | undefined;
  /** Wait before the first retry. */
  readonly baseDelayMs?: number;
}

export interface BatchCall extends CallOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string | AsyncIterable<Buffer>;
}

/** The few calls that a Batch API needs. Redirects are not followed, and connections go to checked addresses only. */
export interface BatchClient {
  /** Makes a call that may be made again, and does so where it helps, within a budget; gives the JSON object that it is answered with. */
  repeatable(call: BatchCall): Promise<Result<JsonObject, CallFailure>>;
  /** Makes a call once. */
  once(call: BatchCall): Promise<Result<JsonObject, CallFailure>>;
  /** Begins to read something long; nothing is read ahead of who takes it. */
  open(call: BatchCall): Promise<Result<AsyncIterable<Buffer>, CallFailure>>;
  close(): Promise<void>;
}

/** What an adapter works with. */
export interface BatchCalls {
  readonly client: BatchClient;
  readonly name: string;
  /** Where a path of the API is, below the base URL. */
  at(path: string, query?: string): string;
}

/** Paths below a prefix; what a base URL has for a query stays with each of them. */
export function pathsUnder(prefix: string, search: string): BatchCalls['at'] {
  return (path, query = '') => {
    const queries = [search.slice(1), query].filter((each) => each !== '').join('&');
    return prefix + path + (queries === '' ? '' : `?${queries}`);
  };
}

export function createBatchClient(settings: ClientSettings): BatchClient {
  const pool = new Pool(settings.origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    connectTimeout: settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    connect: { lookup: settings.lookup },
    headersTimeout: IDLE_MS,
    bodyTimeout: IDLE_MS,
  });
  const budget = new RetryBudget();
  const send = createSend(pool, settings);
  const json = (call: BatchCall): Promise<Result<JsonObject, CallFailure>> => readJson(send, settings.name, call);
  return {
    repeatable: (call) => repeat(() => json(withDeadline(call)), withDeadline(call), budget, settings.baseDelayMs),
    once: (call) => json(withDeadline(call)),
    open(call) {
      // The time that a caller sets is for the whole of it; else for its beginning, and afterwards only who stops sending is given up.
      const attempt = async (): Promise<Result<AsyncIterable<Buffer>, CallFailure>> => {
        const answer = await send(call);
        return answer.ok ? ok(readPieces(answer.value.body, settings.name, call)) : answer;
      };
      return repeat(attempt, withDeadline(call), budget, settings.baseDelayMs);
    },
    close: () => pool.destroy(),
  };
}

type Send = (call: BatchCall) => Promise<Result<Dispatcher.ResponseData, CallFailure>>;

const withDeadline = (call: BatchCall): BatchCall & { deadlineAtMs: number } => ({
  ...call,
  deadlineAtMs: call.deadlineAtMs ?? Date.now() + DEFAULT_POLL_MS,
});

/** Sends one request; a good answer comes with its body unread. */
function createSend(pool: Pool, settings: ClientSettings): Send {
  return async (call) => {
    const { method, path, body, contentType } = call;
    const headers: Record<string, string> = { ...settings.headers };
    if (contentType !== undefined) headers['content-type'] = contentType;
    let answer: Dispatcher.ResponseData;
    try {
      // undici takes an async iterable for a body, and reads it no faster than it can be sent.
      const sent = body as Dispatcher.DispatchOptions['body'];
      answer = await pool.request({ method, path, headers, body: sent, signal: signalOf(call) });
    } catch (cause) {
      return err(mapCallError(settings.name, cause, call));
    }
    if (answer.statusCode >= 200 && answer.statusCode < 300) return ok(answer);
    return err(await readFailure(answer, settings, call));
  };
}

/** Aborts at the deadline, where there is one, or with the caller. */
function signalOf({ deadlineAtMs, signal }: CallOptions): AbortSignal | undefined {
  if (deadlineAtMs === undefined) return signal;
  const deadline = AbortSignal.timeout(Math.max(1, Math.min(deadlineAtMs - Date.now(), 2 ** 31 - 1)));
  return signal ? AbortSignal.any([deadline, signal]) : deadline;
}

async function readFailure(
  answer: Dispatcher.ResponseData,
  { name, apiKey, convertError }: ClientSettings,
  call: BatchCall,
): Promise<CallFailure> {
  const { statusCode: status, headers } = answer;
  let text: string;
  try {
    text = (await readWhole(answer.body, MAX_ERROR_BYTES))?.toString('utf8') ?? '';
  } catch (cause) {
    return mapCallError(name, cause, call);
  }
  const converted = convertError?.(text);
  const { error, isRetryable, retryAfterMs } = mapErrorAnswer({
    provider: name,
    status,
    body: Buffer.from(converted ? JSON.stringify(converted) : text),
    retryAfter: headerOf(headers, 'retry-after'),
    retryAfterMs: headerOf(headers, 'retry-after-ms'),
    shouldRetry: headerOf(headers, 'x-should-retry'),
    apiKey,
    nowMs: Date.now(),
  });
  return { error, isRetryable, retryAfterMs, status, mayHaveArrived: mayHaveArrived(status, text) };
}

/**
 * A proxy that lost sight of the provider behind it answers with a status of this kind; the provider may have done what it was asked. Who
 * says in an API's words that it is overloaded has not begun.
 */
function mayHaveArrived(status: number, bodyText: string): boolean {
  if (status === 529) return false;
  if (status === 503) return !isObject(parseObject(bodyText)?.['error']);
  return status >= 500 || status === 408;
}

async function readJson(send: Send, provider: string, call: BatchCall): Promise<Result<JsonObject, CallFailure>> {
  const answer = await send(call);
  if (!answer.ok) return answer;
  let body: Buffer | undefined;
  try {
    body = await readWhole(answer.value.body, MAX_ANSWER_BYTES);
  } catch (cause) {
    return err(mapCallError(provider, cause, call));
  }
  const json = body && parseObject(body.toString('utf8'));
  if (json) return ok(json);
  const error = new CostlaneError('upstream_malformed', `${provider} sent an answer that is not valid JSON.`);
  return err({ error, isRetryable: true, status: answer.value.statusCode, mayHaveArrived: true });
}

/** Undefined for a body that is too long. */
async function readWhole(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* readPieces(body: AsyncIterable<Buffer>, provider: string, call: BatchCall): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    throw mapCallError(provider, cause, call, 'stream').error;
  }
}

/** Makes the call again after failures that may pass, a few times at the most and as the budget allows. */
async function repeat<T>(
  attempt: () => Promise<Result<T, CallFailure>>,
  { deadlineAtMs, signal }: CallOptions & { deadlineAtMs: number },
  budget: RetryBudget,
  baseDelayMs = BASE_DELAY_MS,
): Promise<Result<T, CallFailure>> {
  budget.earn();
  for (let attempts = 1; ; attempts++) {
    const result = await attempt();
    if (result.ok || !result.error.isRetryable || attempts >= MAX_ATTEMPTS) return result;
    const delayMs = result.error.retryAfterMs ?? jitteredDelayMs(attempts, baseDelayMs, MAX_DELAY_MS);
    const isInTime = delayMs <= MAX_DELAY_MS && Date.now() + delayMs < deadlineAtMs && signal?.aborted !== true;
    if (!isInTime || !budget.trySpend()) return result;
    try {
      await wait(delayMs, undefined, { signal });
    } catch {
      return result;
    }
  }
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
