import type { ServerResponse } from 'node:http';
import type { CacheTier } from '@costlane/contracts';
import type { RouteDecision } from '@costlane/domain';
import { toOpenAiError } from '@costlane/platform';
import type { AnswerEnd, AnswerHead, AnswerListener, WholeAnswer } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import { openAiAnswer } from '../openai-answers/openai-error';
import {
  DOCUMENT_HEADERS,
  errorIn,
  interruption,
  KEPT_STREAM_HEADERS,
  STREAM_HEADERS,
  streamHeaders,
  toldCosts,
  unreadableAnswer,
  writeError,
  writePart,
  writeWhole,
} from '../write-answer';
import { assembleCompletion } from './assemble-completion';
import { DONE_EVENT, encodeEvent, type ChatCompletion } from './chunks';
import { streamCompletion } from './stream-completion';
import { createStreamTail, type StreamTail } from './stream-tail';

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
    const body = answer.header.errorCode ? undefined : this.rendered(answer);
    const told = body || answer.header.errorCode ? answer : unreadableAnswer(answer, UNREADABLE);
    if (!body) this.error(told);
    else {
      const own = this.request.stream ? KEPT_STREAM_HEADERS : DOCUMENT_HEADERS;
      writeWhole(this.response, this.request, answer, body, own);
    }
    this.onDone(told);
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    this.response.writeHead(200, streamHeaders(this.request, head, tier, decision, STREAM_HEADERS));
    this.tail = createStreamTail();
  }

  chunk(bytes: Buffer): void {
    writePart(this.response, this.tail?.push(bytes) ?? bytes);
  }

  end(end: AnswerEnd): void {
    const kept = this.tail?.finish();
    const { errorCode } = end.header;
    if (errorCode) this.response.end(encodeEvent(toOpenAiError(interruption(errorCode)).body));
    else {
      if (kept && kept.rest.length > 0) this.response.write(kept.rest);
      this.response.end(this.lastEvents(kept?.usageChunk, end));
    }
    this.onDone(end);
  }

  /** Usage (where asked for) with the costs beside it, else the costs as a comment, which every client passes over. */
  private lastEvents(usageChunk: Record<string, unknown> | undefined, end: AnswerEnd): string {
    const told = toldCosts(this.request.requestId, end);
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
    const { error, upstream } = errorIn(answer);
    const shaped = openAiAnswer(error, upstream);
    if (this.response.headersSent) this.response.end(encodeEvent(shaped.body));
    else writeError(this.response, this.request.requestId, answer, shaped);
  }
}

const UNREADABLE = 'The provider answered something that is not a chat completion.';

const asDocument = (answer: WholeAnswer): Buffer =>
  answer.form === 'json' ? answer.body : Buffer.from(JSON.stringify(assembleCompletion(answer.body)));
