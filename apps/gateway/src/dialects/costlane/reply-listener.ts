import type { CacheTier } from '@costlane/contracts';
import { CostlaneError, type RouteDecision } from '@costlane/domain';
import type { AnswerEnd, AnswerHead, AnswerListener, WholeAnswer } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import { DeltaReader } from './delta-reader';
import { renderReply } from './render-reply';
import type { InferenceReply } from './reply-schema';
import { textOfAnswer } from './text-of-answer';

/** Where a door of our own writes an answer to. `done` or `fail` comes once, last. */
export interface ReplySink {
  /** A streamed answer begins; not called for one that is there as a whole. */
  begin(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void;
  delta(text: string): void;
  done(reply: InferenceReply, end: AnswerEnd): void;
  fail(error: CostlaneError, end: AnswerEnd): void;
}

/** Turns a provider's answer, stream or document, into text and a reply of our own. */
export class ReplyListener implements AnswerListener {
  private readonly startedAt = performance.now();
  private readonly reader = new DeltaReader();
  private text = '';
  private isUnreadable = false;

  constructor(
    private readonly request: InferenceRequest,
    private readonly decision: RouteDecision,
    private readonly sink: ReplySink,
    private readonly onDone: (end: AnswerEnd) => void,
  ) {}

  whole(answer: WholeAnswer): void {
    if (answer.header.errorCode) this.failed(errorOf(answer), answer);
    else this.finish(answer, () => textOfAnswer(answer));
  }

  head(head: AnswerHead, tier: CacheTier, decision?: RouteDecision): void {
    this.sink.begin(head, tier, decision);
  }

  chunk(bytes: Buffer): void {
    if (this.isUnreadable) return;
    try {
      this.pass(this.reader.push(bytes));
    } catch {
      // The rest of the stream says nothing that can be shown; its end tells the client.
      this.isUnreadable = true;
    }
  }

  end(end: AnswerEnd): void {
    if (end.header.errorCode) {
      this.failed(new CostlaneError(end.header.errorCode, 'The answer was interrupted before it was complete.'), end);
    } else if (this.isUnreadable) this.failed(unreadable(), end);
    else this.finish(end, () => this.reader.finish());
  }

  private finish(end: AnswerEnd, readRest: () => string): void {
    try {
      this.pass(readRest());
    } catch {
      this.failed(unreadable(), end);
      return;
    }
    const { requestId } = this.request;
    const latencyMs = performance.now() - this.startedAt;
    this.sink.done(renderReply({ requestId, text: this.text, end, decision: this.decision, latencyMs }), end);
    this.onDone(end);
  }

  private pass(text: string): void {
    if (text === '') return;
    this.text += text;
    if (this.request.stream) this.sink.delta(text);
  }

  private failed(error: CostlaneError, end: AnswerEnd): void {
    const failed = end.header.errorCode ? end : { ...end, header: { ...end.header, errorCode: error.code } };
    this.sink.fail(error, failed);
    this.onDone(failed);
  }
}

const unreadable = (): CostlaneError =>
  new CostlaneError('upstream_malformed', 'The provider answered something that is not a chat completion.');

function errorOf({ header, body }: WholeAnswer): CostlaneError {
  const { message, field } = JSON.parse(body.toString('utf8')) as { message: string; field?: string };
  return new CostlaneError(header.errorCode ?? 'internal', message, { field, retryAfterMs: header.retryAfterMs });
}
