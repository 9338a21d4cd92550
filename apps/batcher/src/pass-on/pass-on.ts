import type { StreamNames } from '@costlane/contracts';
import { createJobMover, createTickQueue, type MovableCall } from '@costlane/lanes';
import type { Logger, Redis } from '@costlane/platform';
import type { LaneWork } from '../work/lane-work';
import { sharedFields } from '../work/shared-entry';

/** A call that is to be made, or a piece of work that goes back to its lane. */
export interface PassedCall {
  works: readonly LaneWork[];
  /** `lane`: to its end, for another batcher. */
  to: 'dispatch' | 'lane';
}

export interface PassOn {
  pass(call: PassedCall): void;
  /** Pieces of work that Redis has not taken yet. */
  inHand(): number;
  /** Stops trying again where Redis does not take them: they stay this consumer's, and are claimed once it is gone. */
  giveUp(): void;
  idle(): Promise<void>;
}

export interface PassOnOptions {
  redis: Redis;
  names: StreamNames;
  logger: Logger;
  /** Calls have been moved, or found to be gone: `depths` tells how many entries there are in each stream that was written to. */
  onMoved: (
    calls: readonly PassedCall[],
    moved: { jobs: number; apart: number; depths: ReadonlyMap<string, number> },
  ) => void;
}

const RETRY_MS = 100;
/** A script call blocks Redis for everybody: more calls wait for the next one. */
const MAX_CALLS = 128;

/** Moves calls from lanes to dispatch streams in the order they came, all of a tick in one step. */
export function createPassOn({ redis, names, logger, onMoved }: PassOnOptions): PassOn {
  const move = createJobMover({ redis });
  let inHand = 0;
  let hasGivenUp = false;
  const queue = createTickQueue<PassedCall>(async (batch) => {
    const calls = batch.map((call) => movable(call, names));
    // What is not moved stays this consumer's and is tried again: nothing is lost, a move that happened unseen is passed over.
    while (!hasGivenUp) {
      try {
        const moved = await move(calls);
        for (const { works } of batch) inHand -= works.length;
        onMoved(batch, moved);
        return;
      } catch (err) {
        logger.debug({ err, calls: calls.length }, 'calls could not be moved on; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }, MAX_CALLS);
  return {
    pass(call) {
      inHand += call.works.length;
      queue.push(call);
    },
    inHand: () => inHand,
    giveUp: () => void (hasGivenUp = true),
    idle: () => queue.idle(),
  };
}

function movable({ works, to }: PassedCall, names: StreamNames): MovableCall {
  const [leader] = works;
  const entries = works.map(({ entry }) => entry);
  const target = to === 'lane' ? (leader?.entry.stream ?? '') : names.dispatch(leader?.provider ?? '');
  return entries.length === 1 ? { target, entries } : { target, entries, merged: sharedFields(works) };
}
