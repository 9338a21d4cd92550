import { mergeAnthropicUsage, type TokenUsage } from '@costlane/domain';
import type { StreamScanner } from '../openai-compatible/answer-format';
import { isObject, parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import type { StreamFault } from '../openai-compatible/scan-sse';
import { SseBlocks } from '../openai-compatible/sse-blocks';
import { extractUsage } from './extract-usage';
import { convertError } from './map-error';
import { pieceLength } from './piece-length';
import { isPlainBlock, isWholeMessage, modelOf, type MessageFacts } from './read-message';
import { finishReasonOf } from './stop-reason';

/** An event longer than this is taken for a broken stream. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const EVENT_END = Buffer.from('\n\n');
const DATA = 'data:';
const NO_ARGUMENTS = '{}';
/** These say nothing of the answer yet. */
const leading = new Set<unknown>(['message_start', 'ping', 'error']);

/**
 * Follows the events of a streamed message that passes as it is, and gives back whole events only. Pieces of text, which are nearly all of
 * them, are not parsed.
 */
export class MessageEventScanner implements StreamScanner {
  readonly facts: MessageFacts = { characters: 0, isPlain: true };
  readonly finishReasons: string[] = [];
  /** `message_stop` has come. */
  isDone = false;
  fault: StreamFault | undefined;
  /** The message's beginning, until the first block: a stream that fails before can still be asked for again. */
  private held: Buffer[] = [];
  private hasContent = false;
  private usageJson: JsonObject | undefined;
  private readonly blocks = new SseBlocks();

  get usage(): TokenUsage | undefined {
    return this.facts.usage?.usage;
  }

  get serviceTier(): string | undefined {
    return this.facts.usage?.serviceTier;
  }

  get modelUsed(): string | undefined {
    return this.facts.modelUsed;
  }

  get characters(): number {
    return this.facts.characters;
  }

  get isWhole(): boolean {
    return this.isDone && this.fault === undefined && isWholeMessage(this.facts);
  }

  push(bytes: Buffer): Buffer | undefined {
    if (this.fault) return undefined;
    const block = this.blocks.push(bytes);
    if (block) return this.release(this.scan(block));
    if (this.blocks.pendingBytes > MAX_EVENT_BYTES) this.fault = { kind: 'malformed' };
    return undefined;
  }

  finish(): Buffer | undefined {
    const rest = this.blocks.rest();
    if (rest.length === 0 || this.fault) return undefined;
    const events = this.release(this.scan(Buffer.concat([rest, EVENT_END])));
    // A last event that was cut is a stream that broke off, which its missing end shows better than a fault does.
    if ((this.fault as StreamFault | undefined)?.kind === 'malformed') this.fault = undefined;
    return events;
  }

  private release(events: Buffer | undefined): Buffer | undefined {
    if (!events || (this.hasContent && this.held.length === 0)) return events;
    this.held.push(events);
    if (!this.hasContent) return undefined;
    const all = Buffer.concat(this.held);
    this.held = [];
    return all;
  }

  /** Looks at the lines of whole events; gives back the events, cut before the one at fault. */
  private scan(block: Buffer): Buffer | undefined {
    const text = block.toString('latin1');
    let eventStart = 0;
    for (let at = 0; at < text.length;) {
      const lineFeed = text.indexOf('\n', at);
      const next = lineFeed < 0 ? text.length : lineFeed + 1;
      const end = text[next - 2] === '\r' ? next - 2 : next - 1;
      if (end <= at) eventStart = next;
      else if (text.startsWith(DATA, at)) {
        this.takeData(text, at + DATA.length, end);
        if (this.fault) return eventStart > 0 ? block.subarray(0, eventStart) : undefined;
      }
      at = next;
    }
    return block;
  }

  private takeData(text: string, start: number, end: number): void {
    const length = pieceLength(text, start, end);
    if (length !== undefined) {
      this.hasContent = true;
      this.facts.characters += length;
      return;
    }
    const event = parseObject(text.slice(start, end));
    if (event) this.takeEvent(event, text.slice(start, end));
    else this.fault = { kind: 'malformed' };
  }

  private takeEvent(event: JsonObject, data: string): void {
    this.hasContent ||= !leading.has(event['type']);
    switch (event['type']) {
      case 'message_start':
        if (isObject(event['message'])) this.begin(event['message']);
        break;
      case 'content_block_start':
        if (isObject(event['content_block'])) this.beginBlock(event['content_block']);
        break;
      case 'content_block_delta':
        if (isObject(event['delta'])) this.facts.characters += deltaLength(event['delta']);
        break;
      case 'message_delta':
        this.takeTotals(event);
        break;
      case 'message_stop':
        this.isDone = true;
        break;
      case 'error': {
        // The text came as Latin-1: its bytes are those of the provider.
        const words = Buffer.from(data, 'latin1').toString('utf8');
        this.fault = { kind: 'error', body: Buffer.from(JSON.stringify(convertError(words) ?? {})) };
      }
    }
  }

  private begin(message: JsonObject): void {
    this.facts.modelUsed = modelOf(message);
    this.takeUsage(message['usage']);
  }

  private beginBlock({ type }: JsonObject): void {
    this.facts.isPlain &&= isPlainBlock(type);
    // A call without arguments has no pieces, and says something all the same.
    if (type === 'tool_use') this.facts.characters += NO_ARGUMENTS.length;
  }

  private takeTotals({ delta, usage }: JsonObject): void {
    this.takeUsage(usage);
    const reason = isObject(delta) ? textOf(delta['stop_reason']) : undefined;
    if (reason === undefined) return;
    this.facts.stopReason = reason;
    this.finishReasons.push(finishReasonOf(reason));
  }

  private takeUsage(usage: unknown): void {
    this.usageJson = mergeAnthropicUsage(this.usageJson, usage);
    this.facts.usage = extractUsage(this.usageJson);
  }
}

const deltaLength = (delta: JsonObject): number =>
  (textOf(delta['text']) ?? textOf(delta['thinking']) ?? textOf(delta['partial_json']) ?? '').length;
