import type { Job } from '@costlane/contracts';
import { Cancellation } from '@costlane/resilience';

/** A job under way in this worker. */
export interface Run {
  readonly job: Job;
  readonly cancellation: Cancellation;
  /** Where it was read from; absent while it came over the degraded road alone. */
  entry?: { stream: string; id: string };
  deliveredCharacters: number;
  hasNewProgress: boolean;
  /** Wake the provider's streams that were asked to pause. */
  readonly resume: (() => void)[];
}

export const newRun = (job: Job, entry: Run['entry']): Run => ({
  job,
  entry,
  cancellation: new Cancellation(),
  deliveredCharacters: 0,
  hasNewProgress: false,
  resume: [],
});
