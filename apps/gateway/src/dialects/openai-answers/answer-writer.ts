import type { OpenAiErrorBody } from '@costlane/platform';
import type { WholeAnswer } from '../../core/answer';

/** What a client is told of an answer's cost where headers come too early: on streams, with the last event. */
export interface ToldCosts {
  request_id: string;
  cost_usd: string;
  baseline_usd: string;
  saved_usd: string;
  cache: string;
  model_used: string;
}

/** A streamed answer on its way to the client. All but `fail` throw on what cannot be told. */
export interface StreamWriter {
  /** What is to be sent now; may be empty. */
  push(bytes: Buffer): Buffer | string;
  /** What is left to be sent at a good end; the costs go with the last event. */
  end(told: ToldCosts): string;
  /** The last event of a stream that broke off. */
  fail(error: OpenAiErrorBody['error']): string;
}

/** How answers are put into one of OpenAI's dialects. All of it throws on bytes that are no answer. */
export interface AnswerWriter {
  /** What the answer should have been, for the client of a provider that answered something else: `a response`. */
  readonly answerName: string;
  document(answer: WholeAnswer): Buffer;
  /** An answer that is there as a whole, as a stream. */
  events(answer: WholeAnswer, told: ToldCosts): Buffer;
  stream(): StreamWriter;
}
