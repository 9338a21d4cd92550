import { usageFromOpenAi, type TokenUsage } from '@costlane/domain';
import { EventFrame } from './event-frame';
import { modelOf } from './extract-usage';
import { isObject, parseObject, textOf, type JsonObject } from './json-object';
import { isWhole, readChoices } from './read-choices';
import { SseBlocks } from './sse-blocks';

/** Why a stream cannot go on: an event that is no JSON (or no event), or an error that the provider sent as one. */
export type StreamFault = { kind: 'malformed' } | { kind: 'error'; body: Buffer };

/** An event longer than this is taken for a broken stream. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const DATA = 'data:';
const DONE = '[DONE]';
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const EVENT_END = Buffer.from('\n\n');

/**
 * Follows a streamed chat completion through its raw bytes and gives back whole events only. Events that differ from a
 * parsed one in their piece of text only are not parsed ({@link EventFrame}); whatever else comes (the finish, usage, an
 * error, an unknown shape) is.
 */
export class SseScanner {
  usage: TokenUsage | undefined;
  modelUsed: string | undefined;
  serviceTier: string | undefined;
  /** `[DONE]` has come. */
  isDone = false;
  fault: StreamFault | undefined;
  readonly finishReasons: string[] = [];
  private readonly blocks = new SseBlocks();
  private readonly frame = new EventFrame();
  private parsedCharacters = 0;

  /** Bytes of text in the choices so far. */
  get characters(): number {
    return this.parsedCharacters + this.frame.characters;
  }

  /** The answer is whole and said something. */
  get isWhole(): boolean {
    return this.isDone && this.fault === undefined && this.characters > 0 && isWhole(this.finishReasons);
  }

  /** Takes bytes as they come; gives back the events that they complete, up to the first fault. */
  push(bytes: Buffer): Buffer | undefined {
    if (this.fault) return undefined;
    const block = this.blocks.push(bytes);
    if (block) return this.scan(block);
    if (this.blocks.pendingBytes > MAX_EVENT_BYTES) this.fault = { kind: 'malformed' };
    return undefined;
  }

  /** At the end of the stream: its last event, where only the blank line after it is missing. What is cut is dropped. */
  finish(): Buffer | undefined {
    const rest = this.blocks.rest();
    if (rest.length === 0 || this.fault) return undefined;
    const events = this.scan(Buffer.concat([rest, EVENT_END]));
    // A last event that was cut is a stream that broke off, which its missing end shows better than a fault does.
    if (this.isMalformed()) this.fault = undefined;
    return events;
  }

  private isMalformed(): boolean {
    return this.fault?.kind === 'malformed';
  }

  /** Looks at the lines of whole events; gives back the events, cut before the one at fault. */
  private scan(block: Buffer): Buffer | undefined {
    const text = block.toString('latin1');
    let eventStart = 0;
    for (let at = 0; at < text.length;) {
      const skippedTo = this.frame.skip(block, at);
      if (skippedTo > at) {
        at = skippedTo;
        eventStart = skippedTo;
        continue;
      }
      const lineFeed = text.indexOf('\n', at);
      const next = lineFeed < 0 ? text.length : lineFeed + 1;
      const end = text.charCodeAt(next - 2) === CARRIAGE_RETURN ? next - 2 : next - 1;
      if (end <= at) {
        eventStart = next;
      } else if (text.startsWith(DATA, at)) {
        this.takeLine(block, text.slice(at, next), { at, end });
        if (this.fault) return eventStart > 0 ? block.subarray(0, eventStart) : undefined;
      }
      at = next;
    }
    return block;
  }

  /** Looks at a line of data, given with its end of line; `end` is the offset of that in the block. */
  private takeLine(block: Buffer, line: string, { at, end }: { at: number; end: number }): void {
    const start = line.charCodeAt(DATA.length) === SPACE ? DATA.length + 1 : DATA.length;
    const data = line.slice(start, end - at);
    if (data.trim() === DONE) {
      this.isDone = true;
      return;
    }
    const json = parseObject(data);
    if (!json) this.fault = { kind: 'malformed' };
    else if (isObject(json['error']) || json['object'] === 'error') {
      this.fault = { kind: 'error', body: block.subarray(at + start, end) };
    } else this.takeEvent(json, line);
  }

  private takeEvent(json: JsonObject, line: string): void {
    this.modelUsed = modelOf(json) ?? this.modelUsed;
    this.serviceTier = textOf(json['service_tier']) ?? this.serviceTier;
    this.usage = usageFromOpenAi(json['usage'])?.usage ?? this.usage;
    const choices = readChoices(json, 'delta');
    if (!choices) return;
    this.parsedCharacters += choices.characters;
    this.finishReasons.push(...choices.finishReasons);
    // Only an event that says nothing but its piece of text may stand for others.
    const isPlain = choices.count === 1 && choices.finishReasons.length === 0 && !isObject(json['usage']);
    if (isPlain && choices.characters > 0) this.frame.learn(line);
  }
}
