import { mergeAnthropicUsage } from '@costlane/domain';
import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { ChunkWriter, errorEvent } from '../translation/chunk-writer';
import { overflowError } from '../translation/overflow-error';
import type { AnswerOptions, EventTranslator, ExtractedUsage } from '../translation/translator';
import { extractUsage } from './extract-usage';
import { openAiError } from './map-error';
import { finishReasonOf, isOverflow, isWholeStop } from './stop-reason';

/** A block of the answer that is being sent. */
interface OpenBlock {
  readonly type: string;
  /** Position among the tool calls. */
  readonly call: number;
  /** A tool's arguments have begun. */
  hasArguments: boolean;
  /** As it began, with what has come since: thinking is given out whole. */
  readonly block: JsonObject;
}

/**
 * Turns the events of one streamed message into chunks of a chat completion, one by one. The first chunk waits for the
 * first content, so that a stream which fails before can still be asked for again.
 */
export class EventConverter implements EventTranslator {
  stopReason: string | undefined;
  /** `message_stop` has come. */
  isDone = false;
  /** Every block has a translation. */
  isTranslated = true;
  /** Characters of text, thinking and arguments so far. */
  characters = 0;
  /** The answer did not fit: the stream ends with an error. */
  isOverflown = false;
  private usageJson: JsonObject | undefined;
  private readonly writer: ChunkWriter;
  private calls = 0;
  private readonly open = new Map<unknown, OpenBlock>();

  constructor(options: AnswerOptions) {
    this.writer = new ChunkWriter(options);
  }

  /** What the events so far report; before the last of them the input is right and the output is not. */
  get usage(): ExtractedUsage | undefined {
    return extractUsage(this.usageJson);
  }

  get isUsageFinal(): boolean {
    return this.stopReason !== undefined;
  }

  get isWhole(): boolean {
    return this.isTranslated && isWholeStop(this.stopReason);
  }

  /** The chunks that an event becomes; empty for those that say nothing to the client (pings, and kinds yet to come). */
  convert(event: JsonObject): string {
    switch (event['type']) {
      case 'message_start':
        return this.begin(event['message']);
      case 'content_block_start':
        return this.startBlock(event['index'], event['content_block']);
      case 'content_block_delta':
        return this.continueBlock(event['index'], event['delta']);
      case 'content_block_stop':
        return this.endBlock(event['index']);
      case 'message_delta':
        return this.finish(event);
      case 'message_stop':
        return this.end();
      case 'error':
        return errorEvent(isObject(event['error']) ? openAiError(event['error']) : { message: '', type: 'api_error' });
      default:
        return '';
    }
  }

  private begin(message: unknown): string {
    if (!isObject(message)) return '';
    this.usageJson = mergeAnthropicUsage(this.usageJson, message['usage']);
    const { id, model } = message;
    this.writer.begin({ id, model, serviceTier: this.usage?.serviceTier });
    return '';
  }

  private startBlock(index: unknown, value: unknown): string {
    if (!isObject(value)) return '';
    const type = textOf(value['type']) ?? '';
    const isTool = type === 'tool_use';
    const open: OpenBlock = { type, call: isTool ? this.calls++ : -1, hasArguments: false, block: { ...value } };
    this.open.set(index, open);
    if (isTool) {
      const { id, name } = value;
      return this.writer.chunk({
        tool_calls: [{ index: open.call, id, type: 'function', function: { name, arguments: '' } }],
      });
    }
    if (type === 'text') return this.text(textOf(value['text']) ?? '');
    if (type !== 'thinking' && type !== 'redacted_thinking') this.isTranslated = false;
    return '';
  }

  private continueBlock(index: unknown, delta: unknown): string {
    const open = this.open.get(index);
    if (!open || !isObject(delta)) return '';
    switch (delta['type']) {
      case 'text_delta':
        return this.text(textOf(delta['text']) ?? '');
      case 'input_json_delta':
        return this.arguments(open, textOf(delta['partial_json']) ?? '');
      case 'thinking_delta':
        return this.thinking(open, textOf(delta['thinking']) ?? '');
      case 'signature_delta':
        open.block['signature'] = delta['signature'];
        return '';
      default:
        return '';
    }
  }

  private text(piece: string): string {
    if (piece === '') return '';
    this.characters += piece.length;
    return this.writer.text(piece);
  }

  private arguments(open: OpenBlock, piece: string): string {
    if (piece === '') return '';
    this.characters += piece.length;
    open.hasArguments = true;
    return this.writer.chunk({ tool_calls: [{ index: open.call, function: { arguments: piece } }] });
  }

  private thinking({ block }: OpenBlock, piece: string): string {
    if (piece === '') return '';
    this.characters += piece.length;
    block['thinking'] = (textOf(block['thinking']) ?? '') + piece;
    return this.writer.chunk({ reasoning_content: piece });
  }

  private endBlock(index: unknown): string {
    const open = this.open.get(index);
    if (!open) return '';
    this.open.delete(index);
    if (open.type === 'thinking' || open.type === 'redacted_thinking') {
      return this.writer.chunk({ thinking_blocks: [open.block] });
    }
    // A tool without arguments gets no pieces of them; clients want JSON all the same.
    if (open.type !== 'tool_use' || open.hasArguments) return '';
    return this.arguments(open, JSON.stringify(open.block['input'] ?? {}));
  }

  private finish(event: JsonObject): string {
    this.usageJson = mergeAnthropicUsage(this.usageJson, event['usage']);
    const reason = isObject(event['delta']) ? textOf(event['delta']['stop_reason']) : undefined;
    if (reason === undefined) return '';
    this.stopReason = reason;
    this.isOverflown = isOverflow(reason);
    return this.isOverflown ? '' : this.writer.chunk({}, finishReasonOf(reason));
  }

  private end(): string {
    this.isDone = true;
    if (this.isOverflown) return errorEvent(overflowError('the answer did not fit any more.'));
    return this.writer.end(this.usage?.openAi);
  }
}
