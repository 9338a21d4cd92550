import { usageFromOpenAi, type TokenUsage } from '@costlane/domain';
import { readEnvelope } from './extract-usage';
import { isObject, parseObject, type JsonObject } from './json-object';
import { isWhole, readChoices } from './read-choices';
import { SseBlocks } from './sse-blocks';

/** Why a stream cannot go on: an event that is no JSON (or no event), or an error that the provider sent as one. */
export type StreamFault = { kind: 'malformed' } | { kind: 'error'; body: Buffer };

/** An event longer than this is taken for a broken stream. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const DONE = '[DONE]';
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EVENT_END = Buffer.from('\n\n');

/**
 * Follows a streamed chat completion through its raw bytes and gives back whole events only.
 *
 * An event is parsed unless its text before and after the piece of content equals, byte for byte, that of one that has
 * been parsed (the frame): within a stream only the piece differs, so few events are. Whatever else comes (the finish,
 * usage, an error, an unknown shape) differs in its frame and is therefore parsed.
 */
export class SseScanner {
  usage: TokenUsage | undefined;
  modelUsed: string | undefined;
  serviceTier: string | undefined;
  /** `[DONE]` has come. */
  isDone = false;
  /** Bytes of text in the choices so far. */
  characters = 0;
  fault: StreamFault | undefined;
  readonly finishReasons: string[] = [];
  private readonly blocks = new SseBlocks();
  private frameHead = '';
  private frameTail = '';

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
      const lineFeed = text.indexOf('\n', at);
      const next = lineFeed < 0 ? text.length : lineFeed + 1;
      const end = text.charCodeAt(next - 2) === CARRIAGE_RETURN ? next - 2 : next - 1;
      if (end <= at) {
        eventStart = next;
      } else if (text.startsWith('data:', at)) {
        const start = text.charCodeAt(at + 5) === SPACE ? at + 6 : at + 5;
        const faultKind = this.takeData(text, start, end);
        if (faultKind) {
          this.fault =
            faultKind === 'error' ? { kind: faultKind, body: block.subarray(start, end) } : { kind: faultKind };
          return eventStart > 0 ? block.subarray(0, eventStart) : undefined;
        }
      }
      at = next;
    }
    return block;
  }

  /** Looks at the data of one event; says what is wrong with it, if anything is. */
  private takeData(text: string, start: number, end: number): StreamFault['kind'] | undefined {
    if (this.isFramed(text, start, end)) {
      this.characters += end - start - this.frameHead.length - this.frameTail.length;
      return undefined;
    }
    const data = text.slice(start, end);
    if (data.trim() === DONE) {
      this.isDone = true;
      return undefined;
    }
    const json = parseObject(data);
    return json ? this.takeEvent(json, data) : 'malformed';
  }

  /** Whether the event is a known frame around a piece of text that has nothing in it that JSON escapes. */
  private isFramed(text: string, start: number, end: number): boolean {
    const { frameHead, frameTail } = this;
    if (frameHead === '' || !text.startsWith(frameHead, start) || !text.endsWith(frameTail, end)) return false;
    const closing = end - frameTail.length;
    let at = start + frameHead.length;
    if (at > closing) return false;
    for (; at < closing; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH || code < SPACE) return false;
    }
    return true;
  }

  private takeEvent(json: JsonObject, data: string): StreamFault['kind'] | undefined {
    if (isObject(json['error']) || json['object'] === 'error') return 'error';
    const { modelUsed, serviceTier } = readEnvelope(json);
    this.modelUsed = modelUsed ?? this.modelUsed;
    this.serviceTier = serviceTier ?? this.serviceTier;
    this.usage = usageFromOpenAi(json['usage'])?.usage ?? this.usage;
    const choices = readChoices(json, 'delta');
    if (!choices) return undefined;
    this.characters += choices.characters;
    this.finishReasons.push(...choices.finishReasons);
    // Only an event that says nothing but its piece of text may stand for others.
    const isPlain = choices.count === 1 && choices.finishReasons.length === 0 && !isObject(json['usage']);
    if (isPlain && choices.characters > 0) this.learnFrame(data);
    return undefined;
  }

  /** Keeps what surrounds the piece of text: from the start to its opening quote, and from its closing quote to the end. */
  private learnFrame(data: string): void {
    this.frameHead = '';
    const delta = keyEnd(data, '"delta"', 0);
    const opening = delta < 0 ? -1 : textStart(data, delta);
    if (opening < 0) return;
    const closing = closingQuote(data, opening);
    if (closing < 0) return;
    this.frameHead = data.slice(0, opening);
    this.frameTail = data.slice(closing);
  }
}

/** Keys of a delta whose value is a piece of text. */
const textKeys = ['"content"', '"arguments"', '"reasoning_content"', '"reasoning"'];

/** Offset of the first text in a delta that is not empty, after its opening quote; -1 when there is none. */
function textStart(data: string, from: number): number {
  for (const key of textKeys) {
    const opening = keyEnd(data, key, from);
    if (opening >= 0 && data.charCodeAt(opening) === QUOTE && data.charCodeAt(opening + 1) !== QUOTE)
      return opening + 1;
  }
  return -1;
}

/**
 * Offset of the value of a key. In valid JSON the key's text with both its quotes bare cannot lie within a string, where
 * quotes are escaped: `"content"` in an answer's text is `\"content\"`.
 */
function keyEnd(data: string, key: string, from: number): number {
  for (let at = data.indexOf(key, from); at >= 0; at = data.indexOf(key, at + 1)) {
    if (data.charCodeAt(at - 1) === BACKSLASH) continue;
    let next = skipSpace(data, at + key.length);
    if (data[next] === ':') {
      next = skipSpace(data, next + 1);
      return next;
    }
  }
  return -1;
}

function skipSpace(data: string, from: number): number {
  let at = from;
  while (data.charCodeAt(at) === SPACE) at++;
  return at;
}

/** The quote that ends the string which begins at `from`: the first with an even number of backslashes before it. */
function closingQuote(data: string, from: number): number {
  for (let at = data.indexOf('"', from); at >= 0; at = data.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (data.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}
