import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, isErrorCode, type RouteDecision } from '@costlane/domain';
import { toOpenAiError } from '@costlane/platform';
import type { AnswerEnd, AnswerHead, AnswerListener, WholeAnswer } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import { answerHeaders, cacheKeyHeader, costsOf, openingHeaders } from '../../doors/answer-headers';
import { assembleCompletion } from './assemble-completion';
import { DONE_EVENT, encodeEvent, type ChatCompletion } from './chunks';
import { streamCompletion } from './stream-completion';
import { createStreamTail, type StreamTail } from './stream-tail';

/** A client that reads slower than this far behind is cut off: its bytes would fill the gateway's memory. */
const SLOW_CLIENT_MAX_BYTES = 16 * 1024 * 1024;

/** Writes an answer in OpenAI's shapes. It writes to the raw response: what Fastify would add costs more than the whole look-up. */
export class ChatHttpListener implements AnswerListener {
  private tail: StreamTail | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly request: InferenceRequest,
    private readonly includeUsage: boolean,
    private readonly onDone: (end: AnswerEnd) => void,
  ) {}

  whole(answer: WholeAnswer): void {
    const { requestId, stream } = this.request;
    const body = answer.header.errorCode ? undefined : this.rendered(answer);
    const told = body || answer.header.errorCode ? answer : unreadable(answer);
    if (!body) this.error(told);
    else {
      const headers = answerHeaders(requestId, answer);
      headers.push(...cacheKeyHeader(this.request));
      headers.push('content-type', stream ? 'text/event-stream; charset=utf-8' : 'application/json');
      headers.push('content-length', String(body.length));
      this.response.writeHead(200, headers);
      this.response.end(body);
    }
    this.onDone(told);
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    const headers = openingHeaders(this.request.requestId, tier, head, decision);
    headers.push(...cacheKeyHeader(this.request));
    headers.push(
      'content-type',
      'text/event-stream; charset=utf-8',
      'cache-control',
      'no-cache',
      'x-accel-buffering',
      'no',
    );
    this.response.writeHead(200, headers);
    this.tail = createStreamTail();
  }

  chunk(bytes: Buffer): void {
    const passed = this.tail?.push(bytes) ?? bytes;
    if (passed.length === 0) return;
    this.response.write(passed);
    if (this.response.writableLength > SLOW_CLIENT_MAX_BYTES) this.response.destroy();
  }

  end(end: AnswerEnd): void {
    const kept = this.tail?.finish();
    if (end.header.errorCode) this.response.end(encodeEvent(errorBody(end.header.errorCode, undefined)));
    else {
      if (kept && kept.rest.length > 0) this.response.write(kept.rest);
      this.response.end(this.lastEvents(kept?.usageChunk, end));
    }
    this.onDone(end);
  }

  /** Usage (where asked for) with the costs beside it, else the costs as a comment, which every client passes over. */
  private lastEvents(usageChunk: Record<string, unknown> | undefined, end: AnswerEnd): string {
    const costs = costsOf(end);
    const told = {
      request_id: this.request.requestId,
      cost_usd: costs.cost,
      baseline_usd: costs.baseline,
      saved_usd: costs.saved,
      cache: end.tier,
      model_used: end.header.modelUsed,
    };
    if (this.includeUsage && usageChunk) return encodeEvent({ ...usageChunk, costlane: told }) + DONE_EVENT;
    return `: costlane ${JSON.stringify(told)}\n\n${DONE_EVENT}`;
  }

  /** Undefined for what cannot be brought into the form that was asked for: bytes of a provider that are no chat completion. */
  private rendered(answer: WholeAnswer): Buffer | undefined {
    try {
      return this.request.stream ? this.asStream(answer) : asDocument(answer);
    } catch {
      return undefined;
    }
  }

  private asStream(answer: WholeAnswer): Buffer {
    const events =
      answer.form === 'sse'
        ? answer.body
        : streamCompletion(JSON.parse(answer.body.toString('utf8')) as ChatCompletion, true);
    const tail = createStreamTail();
    const passed = tail.push(events);
    const { usageChunk, rest } = tail.finish();
    return Buffer.concat([passed, rest, Buffer.from(this.lastEvents(usageChunk, answer))]);
  }

  private error(answer: WholeAnswer): void {
    const { message, field, upstream } = JSON.parse(answer.body.toString('utf8')) as ErrorBody;
    const code = answer.header.errorCode ?? 'internal';
    const known = toOpenAiError(new CostlaneError(code, message, { field, retryAfterMs: answer.header.retryAfterMs }));
    // A request that the provider turned down is told in the provider's own words: clients react to its codes.
    const { status, headers } = known;
    const body = isErrorObject(upstream) ? upstream : known.body;
    if (this.response.headersSent) {
      this.response.end(encodeEvent(body));
      return;
    }
    const all = openingHeaders(this.request.requestId, answer.tier, answer.header, answer.decision);
    for (const [name, value] of Object.entries(headers)) all.push(name, value);
    const bytes = Buffer.from(JSON.stringify(body));
    all.push('content-type', 'application/json', 'content-length', String(bytes.length));
    this.response.writeHead(status, all);
    this.response.end(bytes);
  }
}

function unreadable(answer: WholeAnswer): WholeAnswer {
  const message = 'The provider answered something that is not a chat completion.';
  const header: WholeAnswer['header'] = { ...answer.header, errorCode: 'upstream_malformed' };
  return { ...answer, header, body: Buffer.from(JSON.stringify({ message } satisfies ErrorBody)) };
}

interface ErrorBody {
  message: string;
  field?: string;
  upstream?: unknown;
}

const isErrorObject = (value: unknown): value is { error: object } =>
  typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'object';

const asDocument = (answer: WholeAnswer): Buffer =>
  answer.form === 'json' ? answer.body : Buffer.from(JSON.stringify(assembleCompletion(answer.body)));

function errorBody(code: string, message: string | undefined) {
  const known = isErrorCode(code) ? code : 'internal';
  return toOpenAiError(new CostlaneError(known, message ?? 'The answer was interrupted before it was complete.')).body;
}
