import { mergeGeminiUsage } from '@costlane/domain';
import { isObject, type JsonObject } from '../openai-compatible/json-object';
import { ChunkWriter, errorEvent } from '../translation/chunk-writer';
import type { AnswerOptions, EventTranslator, ExtractedUsage } from '../translation/translator';
import { extractUsage } from './extract-usage';
import { BLOCKED_PROMPT, finishReasonOf, isWholeFinish } from './finish-reason';
import { openAiError } from './map-error';
import { isPromptBlocked, readCandidate, readPart } from './read-part';
import { signatureContent } from './thought-signature';

/** What the headers of the answer have told. */
export interface AnswerHead {
  serviceTier?: string;
}

/**
 * Turns the events of one streamed answer into chunks of a chat completion, one by one. Each is an answer of its own with the
 * next parts; several may name a reason to end, so that the end is said when the stream has ended.
 */
export class EventConverter implements EventTranslator {
  characters = 0;
  readonly isOverflown = false;
  private finishReason: string | undefined;
  private isTranslated = true;
  private hasFailed = false;
  private calls = 0;
  private hasHead = false;
  private usageJson: JsonObject | undefined;
  private readonly writer: ChunkWriter;

  constructor(
    options: AnswerOptions,
    private readonly head: Readonly<AnswerHead>,
  ) {
    this.writer = new ChunkWriter(options);
  }

  /** What the events so far report; before the last of them the input is right and the output is not. */
  get usage(): ExtractedUsage | undefined {
    return extractUsage(this.usageJson, this.head.serviceTier);
  }

  get isUsageFinal(): boolean {
    return this.finishReason !== undefined;
  }

  get isWhole(): boolean {
    return this.isTranslated && isWholeFinish(this.finishReason);
  }

  convert(event: JsonObject): string {
    if (isObject(event['error'])) {
      this.hasFailed = true;
      return errorEvent(openAiError(event['error']));
    }
    this.usageJson = mergeGeminiUsage(this.usageJson, event['usageMetadata']);
    if (!this.hasHead) this.begin(event);
    const { parts, finishReason } = readCandidate(event);
    let chunks = '';
    for (const part of parts) chunks += this.part(part);
    this.finishReason = finishReason ?? (isPromptBlocked(event) ? BLOCKED_PROMPT : this.finishReason);
    return chunks;
  }

  /** A stream that ended without a reason was cut off, and is left without an end. */
  endOfStream(): string {
    if (this.finishReason === undefined || this.hasFailed) return '';
    const reason = finishReasonOf(this.finishReason, this.calls > 0);
    return this.writer.chunk({}, reason) + this.writer.end(this.usage?.openAi);
  }

  private begin(event: JsonObject): void {
    this.hasHead = true;
    this.writer.begin({
      id: event['responseId'],
      model: event['modelVersion'],
      serviceTier: this.usage?.serviceTier ?? this.head.serviceTier,
    });
  }

  private part(part: JsonObject): string {
    const read = readPart(part);
    switch (read.kind) {
      case 'text':
        return this.text(read.text) + (read.signature === undefined ? '' : this.sign(read.signature));
      case 'thought':
        this.characters += read.text.length;
        return read.text === '' ? '' : this.writer.chunk({ reasoning_content: read.text });
      case 'call':
        this.characters += read.call.function.arguments.length;
        return this.writer.chunk({ tool_calls: [{ index: this.calls++, ...read.call }] });
      default:
        this.isTranslated = false;
        return '';
    }
  }

  private text(piece: string): string {
    this.characters += piece.length;
    return piece === '' ? '' : this.writer.text(piece);
  }

  private sign(signature: string): string {
    return this.writer.chunk(signatureContent(signature));
  }
}
