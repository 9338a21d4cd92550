import type { Dispatcher } from 'undici';
import { fromLatin1, parseObject, type JsonObject } from '../openai-compatible/json-object';
import { SseBlocks } from '../openai-compatible/sse-blocks';
import { overflowError } from './overflow-error';
import type { AnswerTranslator, ExtractedUsage, TranslatedError, TranslatedReply } from './translator';

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** The call that the translated answer goes to: it follows deadline, signal and sink, and settles. */
export interface TranslatedCall {
  onRequestStart(controller: Controller): void;
  onResponseStart(controller: Controller, status: number, headers: Headers): void;
  onResponseData(controller: Controller, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(controller: Controller, error: Error): void;
}

export interface HandlerOptions {
  readonly isStream: boolean;
  readonly maxResponseBytes: number;
}

const DATA = 'data:';
const DONE = '[DONE]';

/**
 * Stands between the connection and a call of OpenAI's dialect and turns what the provider answers into that dialect: events
 * of a stream as they come, everything else when it is whole. What it cannot read goes on as it came, so that the call finds
 * it malformed. Afterwards it knows what only the provider's own words told.
 */
export class TranslatingHandler implements Dispatcher.DispatchHandler {
  private readonly blocks = new SseBlocks();
  private reply: TranslatedReply | undefined;
  private error: TranslatedError | undefined;
  private status = 0;
  /** Of an error answer: its head waits for its body, which may say what others say in status and headers. */
  private heldHeaders: Headers | undefined;
  private chunks: Buffer[] = [];
  private size = 0;

  constructor(
    private readonly call: TranslatedCall,
    private readonly translator: AnswerTranslator,
    private readonly options: HandlerOptions,
  ) {}

  /** What the answer, or what there is of it, is said to have used. */
  get usage(): ExtractedUsage | undefined {
    return (this.reply ?? this.translator.events).usage;
  }

  /** The usage is of the whole answer, and not of its beginning. */
  get isUsageFinal(): boolean {
    return this.reply !== undefined || this.translator.events.isUsageFinal;
  }

  /** Characters of a stream's text so far. */
  get characters(): number {
    return this.translator.events.characters;
  }

  get isOverflown(): boolean {
    return (this.reply ?? this.translator.events).isOverflown;
  }

  /** The answer came to a good end, and all of it has been translated. */
  get isWhole(): boolean {
    return (this.reply ?? this.translator.events).isWhole;
  }

  get isPerhapsTheRequest(): boolean {
    return this.error?.isPerhapsTheRequest === true;
  }

  onRequestStart(controller: Controller): void {
    this.call.onRequestStart(controller);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    this.status = status;
    if (this.isSuccess()) this.translator.onHeaders?.(headers);
    if (status >= 300) this.heldHeaders = headers;
    else this.call.onResponseStart(controller, status, headers);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.isStreaming()) {
      const block = this.blocks.push(chunk);
      if (block) this.pass(controller, this.translateEvents(block));
      return;
    }
    this.size += chunk.length;
    this.chunks.push(chunk);
    // An answer that is too large is turned down by the call, which counts it.
    if (this.size > this.options.maxResponseBytes) this.passAsItCame(controller);
  }

  onResponseEnd(controller: Controller): void {
    if (this.isStreaming()) this.endEvents(controller);
    else if (this.chunks.length > 0) this.translateBody(controller);
    this.releaseHead(controller);
    this.call.onResponseEnd();
  }

  onResponseError(controller: Controller, error: Error): void {
    this.releaseHead(controller);
    this.call.onResponseError(controller, error);
  }

  private isSuccess(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  private isStreaming(): boolean {
    return this.options.isStream && this.isSuccess();
  }

  private releaseHead(controller: Controller): void {
    const { heldHeaders, error } = this;
    if (!heldHeaders) return;
    this.heldHeaders = undefined;
    const wait = error?.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(error.retryAfterMs) };
    this.call.onResponseStart(controller, error?.status ?? this.status, { ...wait, ...heldHeaders });
  }

  private translateBody(controller: Controller): void {
    const json = this.convertBody(Buffer.concat(this.chunks).toString('utf8'));
    if (!json) return this.passAsItCame(controller);
    this.chunks = [];
    this.releaseHead(controller);
    this.call.onResponseData(controller, Buffer.from(JSON.stringify(json)));
  }

  private convertBody(text: string): JsonObject | undefined {
    if (this.isSuccess()) {
      const json = parseObject(text);
      this.reply = json && this.translator.convertReply(json);
      if (this.isOverflown) return { error: overflowError('the answer did not fit any more.') };
      if (this.reply) return this.reply.body;
    }
    this.error = this.translator.convertError(text, this.status);
    return this.error?.body;
  }

  private passAsItCame(controller: Controller): void {
    this.releaseHead(controller);
    const { chunks } = this;
    this.chunks = [];
    for (const chunk of chunks) this.call.onResponseData(controller, chunk);
  }

  /** The last event may want its blank line only; one that was cut is dropped, and the call sees that the end is missing. */
  private endEvents(controller: Controller): void {
    const { events } = this.translator;
    const rest = this.blocks.rest().toString('latin1');
    const last = rest.split('\n').find((line) => line.startsWith(DATA));
    const event = last === undefined ? undefined : parseObject(fromLatin1(last.slice(DATA.length)));
    if (event) this.pass(controller, events.convert(event));
    // What was cut off may have been more of the answer.
    if (events.endOfStream && (event || last === undefined)) this.pass(controller, events.endOfStream());
  }

  private translateEvents(block: Buffer): string {
    const text = block.toString('utf8');
    let translated = '';
    for (let at = 0; at < text.length;) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed;
      if (text.startsWith(DATA, at)) {
        const event = parseObject(text.slice(at + DATA.length, end));
        if (event) translated += this.translator.events.convert(event);
        // Some servers of another dialect end their streams in OpenAI's way besides; the translation has its own end.
        else if (text.slice(at + DATA.length, end).trim() !== DONE) {
          // The call finds it malformed as well, and ends.
          return `${translated}${text.slice(at, end)}\n\n`;
        }
      }
      at = end + 1;
    }
    return translated;
  }

  private pass(controller: Controller, events: string): void {
    if (events !== '') this.call.onResponseData(controller, Buffer.from(events));
  }
}
