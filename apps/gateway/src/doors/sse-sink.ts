import type { CacheTier } from '@costlane/contracts';
import type { ServerResponse } from 'node:http';
import type { CostlaneError, RouteDecision } from '@costlane/domain';
import type { AnswerEnd, AnswerHead } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';
import type { ReplySink } from '../dialects/costlane/reply-listener';
import type { InferenceReply } from '../dialects/costlane/reply-schema';
import { answerHeaders, openingHeaders, requestHeaders } from './answer-headers';
import { errorEvent } from './error-event';
import { writeRefusal } from './write-reply';

/** A client that reads slower than this far behind is cut off: its bytes would fill the gateway's memory. */
const SLOW_CLIENT_MAX_BYTES = 16 * 1024 * 1024;
const STREAM_HEADERS = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache',
  'x-accel-buffering',
  'no',
];

/** Server-sent events `{"type":"delta"|"done"|"error", …}`. What fails before the stream began is an ordinary error reply. */
export class SseSink implements ReplySink {
  /** Deltas of an answer that is there as a whole: its headers, costs included, come first. */
  private early = '';

  constructor(
    private readonly response: ServerResponse,
    private readonly request: InferenceRequest,
  ) {}

  begin(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    const headers = openingHeaders(this.request.requestId, tier, head, decision);
    this.response.writeHead(200, [...headers, ...requestHeaders(this.request), ...STREAM_HEADERS]);
    this.response.flushHeaders();
  }

  delta(text: string): void {
    const event = encode({ type: 'delta', text });
    if (!this.response.headersSent) this.early += event;
    else if (!this.response.destroyed) {
      this.response.write(event);
      if (this.response.writableLength > SLOW_CLIENT_MAX_BYTES) this.response.destroy();
    }
  }

  done(reply: InferenceReply, end: AnswerEnd): void {
    if (!this.response.headersSent) {
      const headers = [...answerHeaders(this.request.requestId, end), ...requestHeaders(this.request)];
      this.response.writeHead(200, [...headers, ...STREAM_HEADERS]);
    }
    this.response.end(this.early + encode({ type: 'done', ...reply }));
  }

  fail(error: CostlaneError, end: AnswerEnd): void {
    const { requestId } = this.request;
    if (this.response.headersSent) this.response.end(encode(errorEvent(error, requestId)));
    else writeRefusal(this.response, openingHeaders(requestId, end.tier, end.header, end.decision), error);
  }
}

const encode = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
