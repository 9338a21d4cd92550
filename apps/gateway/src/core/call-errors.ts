import { CostlaneError } from '@costlane/domain';

export const deadlinePassed = (): CostlaneError =>
  new CostlaneError('deadline_exceeded', 'The deadline passed before the answer was complete.');

/** A stream that cannot be completed for a client who has seen a part of it. */
export const interrupted = (): CostlaneError =>
  new CostlaneError('stream_interrupted', 'The answer was interrupted before it was complete; please ask again.');
