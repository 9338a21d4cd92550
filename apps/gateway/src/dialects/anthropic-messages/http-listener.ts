import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, type RouteDecision } from '@costlane/domain';
import type { AnswerEnd, AnswerHead, AnswerListener, WholeAnswer } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import {
  DOCUMENT_HEADERS,
  errorIn,
  interruption,
  STREAM_HEADERS,
  streamHeaders,
  toldCosts,
  unreadableAnswer,
  writeError,
  writePart,
  writeWhole,
} from '../write-answer';
import { chatWriter, nativeWriter, type AnswerWriter, type StreamWriter } from './answer-writers';
import { toAnthropicError } from './anthropic-error';
import { encodeMessageEvent } from './message';
import { isObject } from './refuse-field';

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
    const told = body || answer.header.errorCode ? answer : unreadableAnswer(answer, UNREADABLE);
    if (!body) this.error(told);
    else writeWhole(this.response, this.request, answer, body, this.own(this.request.stream));
    this.onDone(told);
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    this.response.writeHead(200, streamHeaders(this.request, head, tier, decision, this.own(true)));
    this.stream = this.writer.stream(head.modelUsed);
  }

  chunk(bytes: Buffer): void {
    if (this.isUnreadable || !this.stream) return;
    try {
      writePart(this.response, this.stream.push(bytes));
    } catch {
      this.isUnreadable = true;
    }
  }

  end(end: AnswerEnd): void {
    const { errorCode } = end.header;
    if (errorCode) {
      this.endWithError(interruption(errorCode));
      return this.onDone(end);
    }
    const rest = this.lastEvents(end);
    if (rest === undefined) this.endWithError(new CostlaneError('upstream_malformed', UNREADABLE));
    else this.response.end(rest);
    this.onDone(rest === undefined ? { ...end, header: { ...end.header, errorCode: 'upstream_malformed' } } : end);
  }

  /** Anthropic's clients read the request's name from a header of their own. */
  private own(isStream: boolean): string[] {
    return ['request-id', this.request.requestId, ...(isStream ? STREAM_HEADERS : DOCUMENT_HEADERS)];
  }

  private lastEvents(end: AnswerEnd): string | undefined {
    if (this.isUnreadable) return undefined;
    try {
      return this.stream?.end(end.header.usage, toldCosts(this.request.requestId, end));
    } catch {
      return undefined;
    }
  }

  /** Undefined for what cannot be brought into the form that was asked for. */
  private rendered(answer: WholeAnswer): Buffer | undefined {
    try {
      const { stream, requestId } = this.request;
      return stream ? this.writer.events(answer, toldCosts(requestId, answer)) : this.writer.document(answer);
    } catch {
      return undefined;
    }
  }

  private error(answer: WholeAnswer): void {
    const { error, upstream } = errorIn(answer);
    if (this.response.headersSent) return this.endWithError(error, upstream);
    const { requestId } = this.request;
    writeError(this.response, requestId, answer, toAnthropicError(error, requestId, upstream), [
      'request-id',
      requestId,
    ]);
  }

  private endWithError(error: CostlaneError, upstream?: unknown): void {
    const { body } = toAnthropicError(error, this.request.requestId, isObject(upstream) ? upstream : undefined);
    this.response.end(encodeMessageEvent({ ...body }));
  }
}

const UNREADABLE = 'The provider answered something that cannot be told as a message.';
