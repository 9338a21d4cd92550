import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, type RouteDecision } from '@costlane/domain';
import { toOpenAiError } from '@costlane/platform';
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
import type { AnswerWriter, StreamWriter } from './answer-writer';
import { openAiAnswer } from './openai-error';

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
    const told = body || answer.header.errorCode ? answer : unreadableAnswer(answer, this.unreadableMessage());
    if (!body) this.error(told);
    else {
      const own = this.request.stream ? STREAM_HEADERS : DOCUMENT_HEADERS;
      writeWhole(this.response, this.request, answer, body, own);
    }
    this.onDone(told);
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    this.response.writeHead(200, streamHeaders(this.request, head, tier, decision, STREAM_HEADERS));
    this.stream = this.writer.stream();
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
    const rest = end.header.errorCode ? undefined : this.lastEvents(end);
    const errorCode = end.header.errorCode ?? 'upstream_malformed';
    if (rest !== undefined) this.response.end(rest);
    else this.response.end(this.stream?.fail(toOpenAiError(this.failure(errorCode)).body.error));
    this.onDone(rest === undefined ? { ...end, header: { ...end.header, errorCode } } : end);
  }

  private lastEvents(end: AnswerEnd): string | undefined {
    if (this.isUnreadable) return undefined;
    try {
      return this.stream?.end(toldCosts(this.request.requestId, end));
    } catch {
      return undefined;
    }
  }

  private failure(code: string): CostlaneError {
    return code === 'upstream_malformed' ? new CostlaneError(code, this.unreadableMessage()) : interruption(code);
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
    writeError(this.response, this.request.requestId, answer, openAiAnswer(error, upstream));
  }

  private unreadableMessage(): string {
    return `The provider answered something that is not ${this.writer.answerName}.`;
  }
}
