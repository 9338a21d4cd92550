import type { CompletionFacts, ReadCompletion } from '../openai-compatible/extract-usage';
import { fromLatin1, isObject, parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import type { ExtractedUsage } from '../translation/translator';
import { extractUsage } from './extract-usage';
import { finishReasonOf, isOverflow, isWholeStop } from './stop-reason';

/** What has to be known of a message, whole or streamed, that passes as it is. */
export interface MessageFacts {
  usage?: ExtractedUsage;
  modelUsed?: string;
  stopReason?: string;
  /** Bytes of text, thinking and arguments. */
  characters: number;
  /** Nothing in it that depends on more than the request (results of Anthropic's own tools). */
  isPlain: boolean;
}

/** Blocks that another answer to the same request could have as well. */
const plainBlocks = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use']);

export const isPlainBlock = (type: unknown): boolean => typeof type === 'string' && plainBlocks.has(type);

/** The message is whole, said something and may be given again to the same request. */
export const isWholeMessage = ({ stopReason, characters, isPlain }: MessageFacts): boolean =>
  isPlain && characters > 0 && isWholeStop(stopReason);

export const isOverflown = ({ stopReason }: MessageFacts): boolean => isOverflow(stopReason);

/** Facts of a message; undefined when it is none. The bytes are taken as Latin-1: lengths of text are in UTF-8 bytes. */
export function messageFacts(json: JsonObject): MessageFacts | undefined {
  const { type, content } = json;
  if (type !== 'message' || !Array.isArray(content)) return undefined;
  const facts: MessageFacts = {
    usage: extractUsage(json['usage']),
    modelUsed: modelOf(json),
    stopReason: textOf(json['stop_reason']),
    characters: 0,
    isPlain: true,
  };
  for (const block of content as unknown[]) {
    if (!isObject(block)) continue;
    facts.characters += charactersOf(block);
    facts.isPlain &&= isPlainBlock(block['type']);
  }
  return facts;
}

/** The model that a message names, from JSON that was decoded as Latin-1. */
export function modelOf(message: JsonObject): string | undefined {
  const model = textOf(message['model']);
  return model === undefined ? undefined : fromLatin1(model);
}

function charactersOf(block: JsonObject): number {
  const text = textOf(block['text']) ?? textOf(block['thinking']);
  if (text !== undefined) return text.length;
  return block['type'] === 'tool_use' ? JSON.stringify(block['input'] ?? {}).length : 0;
}

/** The body of an answer, and its facts where it is a message. */
export function readMessage(body: Buffer): { read: ReadCompletion; facts?: MessageFacts } {
  const json = parseObject(body.toString('latin1'));
  if (!json) return { read: { kind: 'malformed' } };
  const facts = messageFacts(json);
  if (!facts) return { read: { kind: isObject(json['error']) ? 'error' : 'malformed' } };
  return { read: { kind: 'completion', facts: completionFacts(facts) }, facts };
}

/** In the words of chat completions, so that records have one set of them. */
function completionFacts(facts: MessageFacts): CompletionFacts {
  const { usage, modelUsed, stopReason, characters } = facts;
  return {
    usage: usage?.usage,
    modelUsed,
    serviceTier: usage?.serviceTier,
    finishReason: stopReason === undefined ? undefined : finishReasonOf(stopReason),
    characters,
    isWhole: isWholeMessage(facts),
  };
}
