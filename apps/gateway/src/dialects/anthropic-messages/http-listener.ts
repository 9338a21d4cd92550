import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, isErrorCode, type RouteDecision } from '@costlane/domain';
import type { AnswerEnd, AnswerHead, AnswerListener, WholeAnswer } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import { answerHeaders, cacheKeyHeader, costsOf, openingHeaders } from '../../doors/answer-headers';
import { chatWriter, nativeWriter, type AnswerWriter, type StreamWriter } from './answer-writers';
import { toAnthropicError } from './anthropic-error';
import { encodeMessageEvent } from './message';
import { isObject, type JsonObject } from './refuse-field';

/** A client that reads slower than this far behind is cut off: its bytes would fill the gateway's memory. */
const SLOW_CLIENT_MAX_BYTES = 16 * 1024 * 1024;
const STREAM_TYPE = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache'];

/** Writes an answer in Anthropic's shapes to the raw response. On streams the costs come with the last event, `message_stop`. */
export class MessageHttpListener implements AnswerListener {
  private readonly writer: AnswerWriter;
  private stream: StreamWriter | undefined;
  /** The rest of the stream says nothing that can be told; its end tells the client. */
  private isUnreadable = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly request: InferenceRequest,
    showThinking: boolean,
    private readonly onDone: (end: AnswerEnd) => void,
  ) {
    this.writer = request.dialect === 'anthropic.messages' ? nativeWriter : chatWriter(showThinking);
  }

  whole(answer: WholeAnswer): void {
    const body = answer.header.errorCode ? undefined : this.rendered(answer);
    const told = body || answer.header.errorCode ? answer : unreadable(answer);
    if (!body) this.error(told);
    else {
      const { requestId, stream } = this.request;
      const headers = [...answerHeaders(requestId, answer), ...cacheKeyHeader(this.request), 'request-id', requestId];
      headers.push(...(stream ? STREAM_TYPE : ['content-type', 'application/json']));
      headers.push('content-length', String(body.length));
      this.response.writeHead(200, headers);
      this.response.end(body);
    }
    this.onDone(told);
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    const { requestId } = this.request;
    const headers = openingHeaders(requestId, tier, head, decision);
    headers.push(...cacheKeyHeader(this.request), 'request-id', requestId, ...STREAM_TYPE, 'x-accel-buffering', 'no');
    this.response.writeHead(200, headers);
    this.stream = this.writer.stream(head.modelUsed);
  }

  chunk(bytes: Buffer): void {
    if (this.isUnreadable || !this.stream) return;
    try {
      const passed = this.stream.push(bytes);
      if (passed.length === 0) return;
      this.response.write(passed);
    } catch {
      this.isUnreadable = true;
    }
    if (this.response.writableLength > SLOW_CLIENT_MAX_BYTES) this.response.destroy();
  }

  end(end: AnswerEnd): void {
    const { errorCode } = end.header;
    if (errorCode) {
      const code = isErrorCode(errorCode) ? errorCode : 'internal';
      this.endWithError(new CostlaneError(code, 'The answer was interrupted before it was complete.'));
      return this.onDone(end);
    }
    const rest = this.lastEvents(end);
    if (rest === undefined) this.endWithError(new CostlaneError('upstream_malformed', UNREADABLE));
    else this.response.end(rest);
    this.onDone(rest === undefined ? { ...end, header: { ...end.header, errorCode: 'upstream_malformed' } } : end);
  }

  private lastEvents(end: AnswerEnd): string | undefined {
    if (this.isUnreadable) return undefined;
    try {
      return this.stream?.end(end.header.usage, this.told(end));
    } catch {
      return undefined;
    }
  }

  private told(end: AnswerEnd): JsonObject {
    const { cost, baseline, saved } = costsOf(end);
    return {
      request_id: this.request.requestId,
      cost_usd: cost,
      baseline_usd: baseline,
      saved_usd: saved,
      cache: end.tier,
      model_used: end.header.modelUsed,
    };
  }

  /** Undefined for what cannot be brought into the form that was asked for. */
  private rendered(answer: WholeAnswer): Buffer | undefined {
    try {
      return this.request.stream ? this.writer.events(answer, this.told(answer)) : this.writer.document(answer);
    } catch {
      return undefined;
    }
  }

  private error(answer: WholeAnswer): void {
    const { message, field, upstream } = JSON.parse(answer.body.toString('utf8')) as ErrorBody;
    const code = answer.header.errorCode ?? 'internal';
    const error = new CostlaneError(code, message, { field, retryAfterMs: answer.header.retryAfterMs });
    const { requestId } = this.request;
    if (this.response.headersSent) return this.endWithError(error, upstream);
    const { status, headers, body } = toAnthropicError(error, requestId, upstream);
    const all = [...openingHeaders(requestId, answer.tier, answer.header, answer.decision), 'request-id', requestId];
    for (const [name, value] of Object.entries(headers)) all.push(name, value);
    const bytes = Buffer.from(JSON.stringify(body));
    all.push('content-type', 'application/json', 'content-length', String(bytes.length));
    this.response.writeHead(status, all);
    this.response.end(bytes);
  }

  private endWithError(error: CostlaneError, upstream?: unknown): void {
    const { body } = toAnthropicError(error, this.request.requestId, isObject(upstream) ? upstream : undefined);
    this.response.end(encodeMessageEvent({ ...body }));
  }
}

interface ErrorBody {
  message: string;
  field?: string;
  upstream?: unknown;
}

const UNREADABLE = 'The provider answered something that cannot be told as a message.';

function unreadable(answer: WholeAnswer): WholeAnswer {
  const header: WholeAnswer['header'] = { ...answer.header, errorCode: 'upstream_malformed' };
  return { ...answer, header, body: Buffer.from(JSON.stringify({ message: UNREADABLE } satisfies ErrorBody)) };
}
