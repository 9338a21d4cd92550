import type { TokenUsage } from '@costlane/domain';
import type { JsonObject } from '../openai-compatible/json-object';

/** What an answer used, for us and for the client. */
export interface ExtractedUsage {
  readonly usage: TokenUsage;
  /** In OpenAI's words, where what caches had to do with is part of the prompt. */
  readonly openAi: JsonObject;
  readonly serviceTier?: string;
}

/** How an answer, or what there is of it, stands. */
export interface AnswerState {
  readonly usage?: ExtractedUsage;
  /** The answer came to a good end, and all of it has been translated: it may be given again. */
  readonly isWhole: boolean;
  /** Prompt and answer did not fit; some providers say so in a good answer, and charge for it. */
  readonly isOverflown: boolean;
}

/** A whole answer, translated. */
export interface TranslatedReply extends AnswerState {
  /** The chat completion. */
  readonly body: JsonObject;
}

/** An error answer in OpenAI's shape, with what its provider says in the body and others in status and headers. */
export interface TranslatedError {
  readonly body: JsonObject;
  /** The status that it would have at OpenAI, where that is another one. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** The provider says that it is at fault, but it may be the request: not to be sent again, and no sign of an outage. */
  readonly isPerhapsTheRequest?: boolean;
}

/** Turns the events of one streamed answer into chunks of a chat completion, one by one. */
export interface EventTranslator extends AnswerState {
  /** The usage is of the whole answer, and not of its beginning. */
  readonly isUsageFinal: boolean;
  /** Characters of text, thinking and arguments so far. */
  readonly characters: number;
  /** The chunks that an event becomes, as server-sent events; empty for those that say nothing to the client. */
  convert(event: JsonObject): string;
  /** What is left to be said when the stream has ended as it should; for formats without an event for that. */
  endOfStream?(): string;
}

/** The way back of one call, from a provider's dialect into OpenAI's. */
export interface AnswerTranslator {
  readonly events: EventTranslator;
  /** The headers of a good answer, where some of them tell what its body does not. */
  onHeaders?(headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** Undefined for what is no answer. */
  convertReply(json: JsonObject): TranslatedReply | undefined;
  /** Undefined for what is no error of this provider. */
  convertError(bodyText: string, status: number): TranslatedError | undefined;
}

export interface AnswerOptions {
  /** The stream is to end with an event that has the usage. */
  readonly includeUsage: boolean;
  readonly createdAtSeconds: number;
}
