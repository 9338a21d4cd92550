import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, isErrorCode, type ErrorCode, type RouteDecision } from '@costlane/domain';
import { toOpenAiError } from '@costlane/platform';
import type { AnswerEnd, AnswerHead, AnswerListener, WholeAnswer } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import { answerHeaders, cacheKeyHeader, costsOf, openingHeaders } from '../../doors/answer-headers';
import type { AnswerWriter, StreamWriter, ToldCosts } from './answer-writer';

/** A client that reads slower than this far behind is cut off: its bytes would fill the gateway's memory. */
const SLOW_CLIENT_MAX_BYTES = 16 * 1024 * 1024;
const STREAM_TYPE = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache'];

/** Writes an answer in one of OpenAI's dialects to the raw response, errors in OpenAI's shape. */
export class OpenAiHttpListener implements AnswerListener {
  private stream: StreamWriter | undefined;
  /** What came cannot be told; the end of the stream tells the client. */
  private isUnreadable = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly request: InferenceRequest,
    private readonly writer: AnswerWriter,
    private readonly onDone: (end: AnswerEnd) => void,
  ) {}

  whole(answer: WholeAnswer): void {
    const body = answer.header.errorCode ? undefined : this.rendered(answer);
    const told = body || answer.header.errorCode ? answer : this.unreadable(answer);
    if (!body) this.error(told);
    else {
      const { requestId, stream } = this.request;
      const headers = [...answerHeaders(requestId, answer), ...cacheKeyHeader(this.request)];
      headers.push(...(stream ? STREAM_TYPE : ['content-type', 'application/json']));
      headers.push('content-length', String(body.length));
      this.response.writeHead(200, headers);
      this.response.end(body);
    }
    this.onDone(told);
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    const headers = openingHeaders(this.request.requestId, tier, head, decision);
    headers.push(...cacheKeyHeader(this.request), ...STREAM_TYPE, 'x-accel-buffering', 'no');
    this.response.writeHead(200, headers);
    this.stream = this.writer.stream();
  }

  chunk(bytes: Buffer): void {
    if (this.isUnreadable || !this.stream) return;
    try {
      const passed = this.stream.push(bytes);
      if (passed.length > 0) this.response.write(passed);
    } catch {
      this.isUnreadable = true;
    }
    if (this.response.writableLength > SLOW_CLIENT_MAX_BYTES) this.response.destroy();
  }

  end(end: AnswerEnd): void {
    const rest = end.header.errorCode ? undefined : this.lastEvents(end);
    const errorCode = end.header.errorCode ?? 'upstream_malformed';
    if (rest !== undefined) this.response.end(rest);
    else this.response.end(this.stream?.fail(errorOf(errorCode, this.interruption(errorCode)).body.error));
    this.onDone(rest === undefined ? { ...end, header: { ...end.header, errorCode } } : end);
  }

  private lastEvents(end: AnswerEnd): string | undefined {
    if (this.isUnreadable) return undefined;
    try {
      return this.stream?.end(this.told(end));
    } catch {
      return undefined;
    }
  }

  private interruption(code: ErrorCode): string {
    if (code === 'upstream_malformed') return this.unreadableMessage();
    return 'The answer was interrupted before it was complete.';
  }

  private told(end: AnswerEnd): ToldCosts {
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
    const { header } = answer;
    const known = errorOf(header.errorCode, message, { field, retryAfterMs: header.retryAfterMs });
    // A request that the provider turned down is told in the provider's own words: clients react to its codes.
    const body = isErrorObject(upstream) ? upstream : known.body;
    const all = openingHeaders(this.request.requestId, answer.tier, header, answer.decision);
    for (const [name, value] of Object.entries(known.headers)) all.push(name, value);
    const bytes = Buffer.from(JSON.stringify(body));
    all.push('content-type', 'application/json', 'content-length', String(bytes.length));
    this.response.writeHead(known.status, all);
    this.response.end(bytes);
  }

  private unreadableMessage(): string {
    return `The provider answered something that is not ${this.writer.answerName}.`;
  }

  private unreadable(answer: WholeAnswer): WholeAnswer {
    const header: WholeAnswer['header'] = { ...answer.header, errorCode: 'upstream_malformed' };
    const body: ErrorBody = { message: this.unreadableMessage() };
    return { ...answer, header, body: Buffer.from(JSON.stringify(body)) };
  }
}

interface ErrorBody {
  message: string;
  field?: string;
  upstream?: unknown;
}

function errorOf(
  code: string | undefined,
  message: string,
  details: { field?: string; retryAfterMs?: number } = {},
): ReturnType<typeof toOpenAiError> {
  return toOpenAiError(
    new CostlaneError(code !== undefined && isErrorCode(code) ? code : 'internal', message, details),
  );
}

const isErrorObject = (value: unknown): value is { error: object } =>
  typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'object';
