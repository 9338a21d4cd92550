import { batchLanes, type BatchLane, type LaneSettingsByLane } from './lanes';

/** A lane's weight grows by age up to this, so that the shares keep their order. */
const maxAgeFactor = 2;

/** Waits of each lane's oldest work that may be served, in milliseconds; undefined: it has none. */
export type LaneWaits = Readonly<Record<BatchLane, number | undefined>>;

export interface LaneShare {
  /** The lane whose turn it is. */
  next(waits: LaneWaits): BatchLane | undefined;
  /** The lane was served so many tokens. */
  charge(lane: BatchLane, tokens: number, waitMs: number): void;
}

/** What a lane's tokens count for, at this age of its oldest work. */
export const agedWeight = (weight: number, agingMs: number, waitMs: number): number =>
  weight * Math.min(maxAgeFactor, 1 + Math.max(0, waitMs) / agingMs);

/**
 * Weighted shares of the served tokens, by start-time fair queueing as in {@link FairOrder}: a lane that uses less than its share is served as soon as there is a
 * place, equals in order of precedence, and none is starved. The longer a lane's work has waited, the less its tokens count.
 */
export function createLaneShare(settings: LaneSettingsByLane): LaneShare {
  let virtual = 0;
  const finish: Record<BatchLane, number> = { express: 0, standard: 0, batch: 0 };
  return {
    next(waits) {
      let first: BatchLane | undefined;
      let start = Infinity;
      for (const lane of batchLanes) {
        const begins = Math.max(virtual, finish[lane]);
        if (waits[lane] === undefined || begins >= start) continue;
        first = lane;
        start = begins;
      }
      return first;
    },
    charge(lane, tokens, waitMs) {
      virtual = Math.max(virtual, finish[lane]);
      const { weight, agingMs } = settings[lane];
      finish[lane] = virtual + tokens / agedWeight(weight, agingMs, waitMs);
    },
  };
}
