import { usageFromOpenAi, type TokenUsage } from '@costlane/domain';
import { fromLatin1, isObject, parseObject, textOf, type JsonObject } from './json-object';
import { isWhole, readChoices } from './read-choices';

/** What has to be known about an answer that is not streamed. */
export interface CompletionFacts {
  usage?: TokenUsage;
  modelUsed?: string;
  serviceTier?: string;
  finishReason?: string;
  /** Bytes of text in it, for an estimate where it brings no usage. */
  characters: number;
  /** Every choice has come to a proper end and there is something in them. */
  isWhole: boolean;
}

export type ReadCompletion =
  | { kind: 'completion'; facts: CompletionFacts }
  /** A 200 whose body is an error, as some gateways send it. */
  | { kind: 'error' }
  /** Not JSON, cut off, or not a chat completion. */
  | { kind: 'malformed' };

/**
 * Reads a chat completion from its bytes.
 *
 * The whole body is parsed: looking for `"usage"` from the end and parsing only that took 1.25 µs for a body of 1 KB
 * against 1.8 µs, and would let broken JSON pass as an answer. It is decoded as Latin-1, which keeps the structure and
 * all ASCII, so that text in other alphabets does not make the parser work on 16-bit characters (9.5 KB with one `é`: 5.4
 * instead of 13 µs); lengths of text are therefore in UTF-8 bytes.
 */
export function readCompletion(body: Buffer): ReadCompletion {
  const json = parseObject(body.toString('latin1'));
  if (!json) return { kind: 'malformed' };
  const choices = readChoices(json, 'message');
  if (!choices) return { kind: isObject(json['error']) ? 'error' : 'malformed' };
  const { count, characters, finishReasons } = choices;
  const facts: CompletionFacts = {
    usage: usageFromOpenAi(json['usage'])?.usage,
    modelUsed: modelOf(json),
    serviceTier: textOf(json['service_tier']),
    finishReason: finishReasons[0],
    characters,
    isWhole: characters > 0 && finishReasons.length === count && isWhole(finishReasons),
  };
  return { kind: 'completion', facts };
}

/** The model that an answer or an event names, from JSON that was decoded as Latin-1. */
export function modelOf(json: JsonObject): string | undefined {
  const model = textOf(json['model']);
  return model === undefined ? undefined : fromLatin1(model);
}
