import type { TokenUsage } from '@costlane/domain';
import { readCompletion, type ReadCompletion } from './extract-usage';
import { SseScanner, type StreamFault } from './scan-sse';

/** Follows a streamed answer through its raw bytes, gives back whole events only, and finds what has to be known of the answer. */
export interface StreamScanner {
  readonly usage: TokenUsage | undefined;
  readonly modelUsed: string | undefined;
  readonly serviceTier: string | undefined;
  /** The event that ends a stream has come. */
  readonly isDone: boolean;
  readonly fault: StreamFault | undefined;
  /** One for each part of the answer that has come to its end. */
  readonly finishReasons: readonly string[];
  /** Bytes of text so far. */
  readonly characters: number;
  /** The answer is whole and said something. */
  readonly isWhole: boolean;
  /** Takes bytes as they come; gives back the events that they complete, up to the first fault. */
  push(bytes: Buffer): Buffer | undefined;
  /** At the end of the stream: its last event, where only the blank line after it is missing. */
  finish(): Buffer | undefined;
}

/** How the answers of one wire dialect are read. */
export interface AnswerFormat {
  readBody(body: Buffer): ReadCompletion;
  /** Absent: the dialect has no streams. */
  createScanner?(): StreamScanner;
}

/** Chat completions. */
export const chatFormat: AnswerFormat = { readBody: readCompletion, createScanner: () => new SseScanner() };
