import { batchLanes, type BatchLane, type LaneSettingsByLane } from './lanes';

/** A lane's weight grows by age up to this, so that the shares keep their order. */
const maxAgeFactor = 1.5;

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

/** Express work may be served so many calls ahead of its share: its bursts do not wait, and over time it has no more than the share. */
const expressBurstCalls = 64;
/** Weight of the newest call in the mean of their tokens. */
const newestShare = 0.05;

/**
 * Weighted shares of the served tokens, by start-time fair queueing as in {@link FairOrder}: a lane that uses less than its share is served as soon as there is a
 * place, equals in order of precedence, and none is starved. The longer a lane's work has waited, the less its tokens count.
 */
export function createLaneShare(settings: LaneSettingsByLane): LaneShare {
  let virtual = 0;
  let meanTokens = 0;
  const start: Record<BatchLane, number> = { express: 0, standard: 0, batch: 0 };
  const isWaiting: Record<BatchLane, boolean> = { express: false, standard: false, batch: false };
  return {
    next(waits) {
      let first: BatchLane | undefined;
      let best = Infinity;
      let least = Infinity;
      for (const lane of batchLanes) {
        const wasWaiting = isWaiting[lane];
        isWaiting[lane] = waits[lane] !== undefined;
        if (!isWaiting[lane]) continue;
        if (!wasWaiting) start[lane] = Math.max(virtual, start[lane]);
        least = Math.min(least, start[lane]);
        const lead = lane === 'express' ? (expressBurstCalls * meanTokens) / settings.express.weight : 0;
        if (start[lane] - lead >= best) continue;
        first = lane;
        best = start[lane] - lead;
      }
      // Not where the lane that goes first begins: one that is served ahead of its turn takes none of the others'.
      if (first !== undefined) virtual = Math.max(virtual, least);
      return first;
    },
    charge(lane, tokens, waitMs) {
      const { weight, agingMs } = settings[lane];
      start[lane] += tokens / agedWeight(weight, agingMs, waitMs);
      meanTokens = meanTokens === 0 ? tokens : meanTokens + newestShare * (tokens - meanTokens);
    },
  };
}
