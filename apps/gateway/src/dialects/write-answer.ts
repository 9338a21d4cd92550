import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, isErrorCode, type ErrorCode, type RouteDecision } from '@costlane/domain';
import type { AnswerEnd, AnswerHead, WholeAnswer } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';
import { answerHeaders, costsOf, openingHeaders, requestHeaders } from '../doors/answer-headers';
import type { ToldCosts } from './openai-answers/answer-writer';

/** A client that reads slower than this far behind is cut off: its bytes would fill the gateway's memory. */
const SLOW_CLIENT_MAX_BYTES = 16 * 1024 * 1024;

/** Headers of what is sent, name and value in turn. */
export const DOCUMENT_HEADERS: readonly string[] = ['content-type', 'application/json'];
/** Of a stream that is sent at once. */
export const KEPT_STREAM_HEADERS: readonly string[] = ['content-type', 'text/event-stream; charset=utf-8'];
/** Of a stream that comes bit by bit. */
export const STREAM_HEADERS: readonly string[] = [...KEPT_STREAM_HEADERS, 'cache-control', 'no-cache'];

/** Of a request what its answer's headers name. */
type Asked = Pick<InferenceRequest, 'requestId' | 'useCache' | 'fingerprint' | 'budgets' | 'caller' | 'featureName'>;

/**
 * Sends a good answer that is there as a whole.
 * @param own headers of the dialect's own, the content type among them
 */
export function writeWhole(
  response: ServerResponse,
  request: Asked,
  answer: AnswerEnd,
  body: Buffer,
  own: readonly string[],
): void {
  const headers = answerHeaders(request.requestId, answer);
  headers.push(...requestHeaders(request));
  headers.push(...own);
  headers.push('content-length', String(body.length));
  response.writeHead(200, headers);
  response.end(body);
}

/** Headers of a stream that begins; no proxy on the way is to hold its events back. `own` as in {@link writeWhole}. */
export function streamHeaders(
  request: Asked,
  head: AnswerHead,
  tier: CacheTier,
  decision: RouteDecision | undefined,
  own: readonly string[],
): string[] {
  const headers = openingHeaders(request.requestId, tier, head, decision);
  headers.push(...requestHeaders(request));
  headers.push(...own);
  headers.push('x-accel-buffering', 'no');
  return headers;
}

/** Sends what there is of a stream by now, which may be nothing. */
export function writePart(response: ServerResponse, part: Buffer | string): void {
  if (part.length === 0) return;
  response.write(part);
  if (response.writableLength > SLOW_CLIENT_MAX_BYTES) response.destroy();
}

/** Sends an error, put into the dialect's shape, in place of an answer. `own`: headers of the dialect beside the error's. */
export function writeError(
  response: ServerResponse,
  requestId: string,
  answer: AnswerEnd,
  error: { status: number; headers: Record<string, string>; body: object },
  own: readonly string[] = [],
): void {
  const all = openingHeaders(requestId, answer.tier, answer.header, answer.decision);
  all.push(...own);
  for (const [name, value] of Object.entries(error.headers)) all.push(name, value);
  const bytes = Buffer.from(JSON.stringify(error.body));
  all.push(...DOCUMENT_HEADERS, 'content-length', String(bytes.length));
  response.writeHead(error.status, all);
  response.end(bytes);
}

/** What an answer cost, for the last event of a stream: its headers went out too early to tell. */
export function toldCosts(requestId: string, end: AnswerEnd) {
  const { cost, baseline, saved } = costsOf(end);
  return {
    request_id: requestId,
    cost_usd: cost,
    baseline_usd: baseline,
    saved_usd: saved,
    cache: end.tier,
    model_used: end.header.modelUsed,
  } satisfies ToldCosts;
}

interface ErrorBody {
  message: string;
  field?: string;
  upstream?: unknown;
}

/** The error that an answer is, and what the provider itself said where its client is to read that. */
export function errorIn({ header, body }: WholeAnswer): { error: CostlaneError; upstream: unknown } {
  const { message, field, upstream } = JSON.parse(body.toString('utf8')) as ErrorBody;
  const { errorCode, retryAfterMs } = header;
  return { error: new CostlaneError(knownCode(errorCode), message, { field, retryAfterMs }), upstream };
}

/** An answer whose bytes cannot be brought into the form that was asked for, as the error that says so. */
export function unreadableAnswer(answer: WholeAnswer, message: string): WholeAnswer {
  const header: WholeAnswer['header'] = { ...answer.header, errorCode: 'upstream_malformed' };
  return { ...answer, header, body: Buffer.from(JSON.stringify({ message } satisfies ErrorBody)) };
}

/** For the client of a stream that broke off. */
export const interruption = (code: string): CostlaneError =>
  new CostlaneError(knownCode(code), 'The answer was interrupted before it was complete.');

/** A worker of another version may know codes that this gateway does not. */
const knownCode = (code: string | undefined): ErrorCode =>
  code !== undefined && isErrorCode(code) ? code : 'internal';
