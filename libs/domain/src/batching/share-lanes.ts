import type { BatchLane, LaneSettingsByLane } from './lanes';

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

/** A lane may be served so many calls ahead of its share against the lanes behind it: its bursts do not wait, and over time it has no more than the share. */
const burstCalls = 64;
/** Weight of the newest call in the mean of their tokens. */
const newestShare = 0.05;

/**
 * Weighted shares of the served tokens, by start-time fair queueing as in {@link FairOrder}, on two levels: express against the others, and standard against batch in what is theirs. A lane that
 * uses less than its share is served as soon as there is a place, equals in order of precedence, and none is starved. The longer a lane's work has waited, the less its tokens count.
 */
export function createLaneShare(settings: LaneSettingsByLane): LaneShare {
  const { express, standard, batch } = settings;
  let meanTokens = 0;
  /** Of the lanes beside express that have work. */
  let othersWeight = standard.weight;
  const amongOthers = new TwoShares(() => (burstCalls * meanTokens) / standard.weight);
  const amongAll = new TwoShares(() => (burstCalls * meanTokens) / express.weight);
  return {
    next(waits) {
      const other = amongOthers.next(waits.standard !== undefined, waits.batch !== undefined);
      if (other !== undefined)
        othersWeight =
          (waits.standard === undefined ? 0 : standard.weight) + (waits.batch === undefined ? 0 : batch.weight);
      const first = amongAll.next(waits.express !== undefined, other !== undefined);
      if (first === undefined) return undefined;
      if (first === 'first') return 'express';
      return other === 'first' ? 'standard' : 'batch';
    },
    charge(lane, tokens, waitMs) {
      const { weight, agingMs } = settings[lane];
      const cost = tokens / agedWeight(weight, agingMs, waitMs);
      meanTokens = meanTokens === 0 ? tokens : meanTokens + newestShare * (tokens - meanTokens);
      if (lane === 'express') return amongAll.charge('first', cost);
      amongAll.charge('second', (cost * weight) / othersWeight);
      amongOthers.charge(lane === 'standard' ? 'first' : 'second', cost);
    },
  };
}

type Side = 'first' | 'second';

/** Two that share, of whom the first may be ahead by a lead. */
class TwoShares {
  private virtual = 0;
  private readonly start = { first: 0, second: 0 };
  private readonly isWaiting = { first: false, second: false };

  constructor(private readonly lead: () => number) {}

  /** Whose turn it is. */
  next(isFirstWaiting: boolean, isSecondWaiting: boolean): Side | undefined {
    this.see('first', isFirstWaiting);
    this.see('second', isSecondWaiting);
    if (!isFirstWaiting && !isSecondWaiting) return undefined;
    const { first, second } = this.start;
    // Not where the one that goes first begins: who is served ahead of its turn takes none of the other's.
    const least = Math.min(isFirstWaiting ? first : Infinity, isSecondWaiting ? second : Infinity);
    this.virtual = Math.max(this.virtual, least);
    if (!isFirstWaiting) return 'second';
    return !isSecondWaiting || first - this.lead() <= second ? 'first' : 'second';
  }

  charge(side: Side, cost: number): void {
    this.start[side] += cost;
  }

  private see(side: Side, isWaiting: boolean): void {
    if (isWaiting && !this.isWaiting[side]) this.start[side] = Math.max(this.virtual, this.start[side]);
    this.isWaiting[side] = isWaiting;
  }
}
