import type { ProviderRequest } from '../provider';
import type { ModelState } from './model-state';

/** Of fewer answers nothing can be told about what is usual. */
const MIN_SAMPLES = 20;
const QUANTILE = 0.995;
/** What takes longer than this many times the longest usual time is not going to come. */
const TIMES_OF_USUAL = 2;
/** Nobody is given up earlier, however quick a model has been: the beginning of a stream, and a whole answer. */
const LEAST_MS = { stream: 5_000, document: 10_000 };
/** A provider that had less time is not to blame for missing it. */
const FAIR_WAIT_MS = 10_000;
/** A model that wants to be left alone for longer, or has a queue that takes longer, is passed over where another may answer. */
export const PASS_OVER_MS = 500;

/** How long an attempt is waited for. */
export interface Patience {
  readonly waitMs: number;
  /** Whose answer has not come by then has a problem: it was not the caller's hurry. */
  readonly isFair: boolean;
}

/**
 * How long to wait for the first event of a stream, or for another answer, before another model is asked: twice what hardly any request to this
 * model has taken lately, and an equal share of the time left, for each of those that may be asked, at most. Undefined where there is no other model: then there is the deadline.
 */
export function patienceFor(
  { othersLeft = 0, stream, deadlineAtMs }: ProviderRequest,
  state: Pick<ModelState, 'firstToken' | 'wholeAnswer'>,
  nowMs: number,
): Patience | undefined {
  if (othersLeft <= 0) return undefined;
  const seen = stream ? state.firstToken : state.wholeAnswer;
  const usualMs = seen.count < MIN_SAMPLES ? Infinity : (seen.quantileMs(QUANTILE) ?? Infinity);
  const enoughMs = Math.max(TIMES_OF_USUAL * usualMs, stream ? LEAST_MS.stream : LEAST_MS.document);
  const shareMs = Math.max(0, (deadlineAtMs - nowMs) / (othersLeft + 1));
  return { waitMs: Math.min(enoughMs, shareMs), isFair: enoughMs <= shareMs || shareMs >= FAIR_WAIT_MS };
}
