import type { Dispatcher } from 'undici';
import { fromLatin1, parseObject, type JsonObject } from '../openai-compatible/json-object';
import { SseBlocks } from '../openai-compatible/sse-blocks';
import { EventConverter } from './convert-events';
import { convertReply, type ConvertedReply } from './convert-reply';
import type { ExtractedUsage } from './extract-usage';
import { convertError, overflowError } from './map-error';
import { isOverflow, isWholeStop } from './stop-reason';

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

export interface TranslationOptions {
  readonly isStream: boolean;
  readonly includeUsage: boolean;
  readonly maxResponseBytes: number;
  readonly createdAtSeconds: number;
}

const DATA = 'data:';

/**
 * Stands between the connection and a call of OpenAI's dialect and turns what Anthropic answers into that dialect: events of
 * a stream as they come, everything else when it is whole. What it cannot read goes on as it came, so that the call finds
 * it malformed. Afterwards it knows what only Anthropic's words told.
 */
export class TranslatingHandler implements Dispatcher.DispatchHandler {
  private readonly events: EventConverter;
  private readonly blocks = new SseBlocks();
  private reply: ConvertedReply | undefined;
  private status = 0;
  private chunks: Buffer[] = [];
  private size = 0;

  constructor(
    private readonly call: TranslatedCall,
    private readonly options: TranslationOptions,
  ) {
    this.events = new EventConverter(options);
  }

  /** What the answer, or what there is of it, is said to have used. */
  get usage(): ExtractedUsage | undefined {
    return this.reply?.usage ?? this.events.usage;
  }

  /** The usage is of the whole answer, and not of its beginning. */
  get isUsageFinal(): boolean {
    return this.reply !== undefined || this.events.stopReason !== undefined;
  }

  /** Characters of a stream's text so far. */
  get characters(): number {
    return this.events.characters;
  }

  get isOverflown(): boolean {
    return isOverflow(this.reply?.stopReason ?? this.events.stopReason);
  }

  /** The answer came to a good end, and all of it has been translated. */
  get isWhole(): boolean {
    const source = this.reply ?? this.events;
    return source.isTranslated && isWholeStop(source.stopReason);
  }

  onRequestStart(controller: Controller): void {
    this.call.onRequestStart(controller);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    this.status = status;
    this.call.onResponseStart(controller, status, headers);
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
    this.call.onResponseEnd();
  }

  onResponseError(controller: Controller, error: Error): void {
    this.call.onResponseError(controller, error);
  }

  private isStreaming(): boolean {
    return this.options.isStream && this.status >= 200 && this.status < 300;
  }

  private translateBody(controller: Controller): void {
    const json = this.convertBody(Buffer.concat(this.chunks).toString('utf8'));
    if (!json) return this.passAsItCame(controller);
    this.chunks = [];
    this.call.onResponseData(controller, Buffer.from(JSON.stringify(json)));
  }

  private convertBody(text: string): JsonObject | undefined {
    if (this.status < 200 || this.status >= 300) return convertError(text);
    const message = parseObject(text);
    this.reply = message && convertReply(message, this.options.createdAtSeconds);
    if (this.isOverflown) return { error: overflowError('the answer did not fit any more.') };
    return this.reply?.body ?? convertError(text);
  }

  private passAsItCame(controller: Controller): void {
    const { chunks } = this;
    this.chunks = [];
    for (const chunk of chunks) this.call.onResponseData(controller, chunk);
  }

  /** The last event may want its blank line only; one that was cut is dropped, and the call sees that the end is missing. */
  private endEvents(controller: Controller): void {
    const rest = this.blocks.rest().toString('latin1');
    const last = rest.split('\n').find((line) => line.startsWith(DATA));
    const event = last === undefined ? undefined : parseObject(fromLatin1(last.slice(DATA.length)));
    if (event) this.pass(controller, this.events.convert(event));
  }

  private translateEvents(block: Buffer): string {
    const text = block.toString('utf8');
    let translated = '';
    for (let at = 0; at < text.length;) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed;
      if (text.startsWith(DATA, at)) {
        const event = parseObject(text.slice(at + DATA.length, end));
        // The call finds it malformed as well, and ends.
        if (!event) return `${translated}${text.slice(at, end)}\n\n`;
        translated += this.events.convert(event);
      }
      at = end + 1;
    }
    return translated;
  }

  private pass(controller: Controller, events: string): void {
    if (events !== '') this.call.onResponseData(controller, Buffer.from(events));
  }
}
