import { CostlaneError } from '@costlane/domain';
import type { CallFailure } from './call-failure';
import type { CallOptions, SubmitOutcome } from './provider-batches';

/** 200 MB at 3 Mbit/s. */
const DEFAULT_SUBMIT_MS = 10 * 60_000;

export const submitDeadlineMs = ({ deadlineAtMs }: CallOptions): number =>
  deadlineAtMs ?? Date.now() + DEFAULT_SUBMIT_MS;

/** A batch that has perhaps been taken is never one to be sent again, whatever the failure itself says. */
export function failedSubmit(failure: CallFailure, isPerhapsSubmitted: boolean): SubmitOutcome {
  const { error, retryAfterMs, isRetryable } = failure;
  return { ok: false, error, retryAfterMs, isRetryable: isRetryable && !isPerhapsSubmitted, isPerhapsSubmitted };
}

/** An answer without the id that it is all about: the batch may be there. */
export function withoutId(provider: string): SubmitOutcome {
  const error = new CostlaneError('upstream_malformed', `${provider} took a batch and did not say its id.`);
  return failedSubmit({ error, isRetryable: false, mayHaveArrived: true }, true);
}
