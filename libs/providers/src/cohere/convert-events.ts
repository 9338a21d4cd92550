import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { ChunkWriter, errorEvent } from '../translation/chunk-writer';
import type { AnswerOptions, EventTranslator, ExtractedUsage } from '../translation/translator';
import { ArgumentPieces } from './call-arguments';
import { convertLogprobs } from './convert-logprobs';
import { extractUsage } from './extract-usage';
import { finishReasonOf, isFailedFinish, isWholeFinish } from './finish-reason';
import { finishError } from './map-error';

/** These say nothing to a client of OpenAI's, and belong to an answer that is whole without them. */
const silentEvents = new Set(['content-end', 'citation-start', 'citation-end', 'debug']);

/**
 * Turns the events of one streamed answer into chunks of a chat completion, one by one ("Streaming Responses"): the message begins,
 * its content, the plan of calls and the calls come in pieces, and its end has the reason and the usage.
 */
export class EventConverter implements EventTranslator {
  characters = 0;
  usage: ExtractedUsage | undefined;
  isUsageFinal = false;
  isWhole = false;
  readonly isOverflown = false;
  private isTranslated = true;
  private hasBegun = false;
  private readonly calls = new Map<unknown, { readonly index: number; readonly pieces: ArgumentPieces }>();
  private readonly writer: ChunkWriter;

  constructor(
    options: AnswerOptions,
    private readonly model: string,
  ) {
    this.writer = new ChunkWriter(options);
  }

  convert(event: JsonObject): string {
    const type = textOf(event['type']) ?? '';
    const delta = isObject(event['delta']) ? event['delta'] : {};
    const message = isObject(delta['message']) ? delta['message'] : {};
    if (!this.hasBegun) this.begin(event);
    switch (type) {
      case 'message-start':
        return '';
      case 'content-start':
      case 'content-delta':
        return this.content(isObject(message['content']) ? message['content'] : {}, event['logprobs']);
      case 'tool-plan-delta':
        return this.reasoning(textOf(message['tool_plan']) ?? '');
      case 'tool-call-start':
        return this.beginCall(event['index'], isObject(message['tool_calls']) ? message['tool_calls'] : {});
      case 'tool-call-delta':
        return this.continueCall(event['index'], isObject(message['tool_calls']) ? message['tool_calls'] : {});
      case 'tool-call-end':
        return this.endCall(event['index']);
      case 'message-end':
        return this.end(delta);
      default:
        return this.other(type, event);
    }
  }

  private begin(event: JsonObject): void {
    this.hasBegun = true;
    this.writer.begin({ id: event['id'], model: this.model });
  }

  private content(content: JsonObject, logprobs: unknown): string {
    const thinking = textOf(content['thinking']) ?? '';
    const text = textOf(content['text']) ?? '';
    const known = content['type'] === undefined || content['type'] === 'text' || content['type'] === 'thinking';
    if (!known) this.isTranslated = false;
    this.characters += text.length;
    const converted = logprobs === undefined || logprobs === null ? undefined : convertLogprobs(logprobs);
    if (text === '') return this.reasoning(thinking);
    return (
      this.reasoning(thinking) +
      (converted ? this.writer.chunk({ content: text }, null, converted) : this.writer.text(text))
    );
  }

  private reasoning(piece: string): string {
    this.characters += piece.length;
    return piece === '' ? '' : this.writer.chunk({ reasoning_content: piece });
  }

  private beginCall(position: unknown, call: JsonObject): string {
    const index = this.calls.size;
    this.calls.set(position, { index, pieces: new ArgumentPieces() });
    const called = isObject(call['function']) ? call['function'] : {};
    const first = { name: called['name'], arguments: '' };
    const begun = this.writer.chunk({ tool_calls: [{ index, id: call['id'], type: 'function', function: first }] });
    return begun + this.continueCall(position, call);
  }

  private continueCall(position: unknown, call: JsonObject): string {
    const known = this.calls.get(position);
    const called = isObject(call['function']) ? call['function'] : {};
    const piece = textOf(called['arguments']) ?? '';
    if (!known) {
      this.isTranslated &&= piece === '';
      return '';
    }
    return this.argumentPiece(known.index, known.pieces.push(piece));
  }

  private endCall(position: unknown): string {
    const known = this.calls.get(position);
    return known ? this.argumentPiece(known.index, known.pieces.end()) : '';
  }

  private argumentPiece(index: number, piece: string): string {
    this.characters += piece.length;
    return piece === '' ? '' : this.writer.chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }

  private end(delta: JsonObject): string {
    const reason = textOf(delta['finish_reason']);
    this.usage = extractUsage(delta['usage']);
    this.isUsageFinal = this.usage !== undefined;
    if (isFailedFinish(reason)) return errorEvent(finishError(reason, delta['error']));
    this.isWhole = this.isTranslated && isWholeFinish(reason);
    const rest = [...this.calls.values()].map(({ index, pieces }) => this.argumentPiece(index, pieces.end())).join('');
    return rest + this.writer.chunk({}, finishReasonOf(reason)) + this.writer.end(this.usage?.openAi);
  }

  /** An error that comes as an event has a message and no type that is known. */
  private other(type: string, event: JsonObject): string {
    const message = textOf(event['message']);
    if (message !== undefined) return errorEvent(finishError('ERROR', message));
    if (!silentEvents.has(type)) this.isTranslated = false;
    return '';
  }
}
