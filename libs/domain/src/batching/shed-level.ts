import { batchLanes, type BatchLane } from './lanes';

/** In the order in which lanes are refused: a lane is, when the level reaches its rank. */
export const shedRanks: Readonly<Record<BatchLane, number>> = { batch: 1, standard: 2, express: 3 };

/** A lane as an interval leaves it. */
export interface LanePressure {
  /** Some queue's smallest wait stayed above the lane's target. */
  readonly isOver: boolean;
  /** Something waits, or was offered in the interval: refusing it would help. */
  readonly isUsed: boolean;
}

/** The highest rank among the lanes that are over, 0 without one. */
export const pressedRank = (pressures: Readonly<Record<BatchLane, LanePressure>>): number =>
  batchLanes.reduce((most, lane) => (pressures[lane].isOver ? Math.max(most, shedRanks[lane]) : most), 0);

/**
 * The next level of shedding, after an interval: one lane more for as long as a lane is over, up to that lane, batch first and express last; one lane less once
 * it is no longer. Lanes that nobody uses are passed over.
 */
export function nextShedLevel(level: number, pressures: Readonly<Record<BatchLane, LanePressure>>): number {
  const pressed = pressedRank(pressures);
  if (level > pressed) return level - 1;
  let next = level;
  while (next < pressed) {
    next++;
    const lane = batchLanes.find((each) => shedRanks[each] === next);
    if (lane !== undefined && pressures[lane].isUsed) break;
  }
  return next;
}

/** One queue's waits, as CoDel looks at them. */
export class StandingWait {
  private smallestMs = Infinity;
  private over = false;

  /** The smallest wait of the last interval was above the target. */
  get isOver(): boolean {
    return this.over;
  }

  /** Work left the queue. */
  observe(waitMs: number): void {
    if (waitMs < this.smallestMs) this.smallestMs = waitMs;
  }

  /**
   * An interval ends. What counts is the smallest wait, since a burst that drains again is no overload (Nichols and Jacobson 2012, "Controlling Queue Delay"; for servers: Maurer 2015,
   * "Fail at Scale"). Where nothing left the queue, its oldest work tells once it has waited too long; else nothing is known, and it is judged as before.
   *
   * @param oldestWaitMs undefined for an empty queue
   */
  endInterval(oldestWaitMs: number | undefined, targetMs: number): void {
    if (this.smallestMs < Infinity) this.over = this.smallestMs > targetMs;
    else if (oldestWaitMs !== undefined && oldestWaitMs > targetMs) this.over = true;
    this.smallestMs = Infinity;
  }
}

const leastRetryMs = 1_000;
const mostRetryMs = 30_000;
/** Callers that were refused together do not come back together. */
const jitterShare = 0.25;

/**
 * After how long it is worth another try: when what waits will have been served down to the target, in whole seconds of 1 to 30, spread by up to a quarter.
 *
 * @param expectedWaitMs of new work, infinite where nothing is served
 * @param random from 0 to below 1
 */
export function retryAfterMs(expectedWaitMs: number, targetMs: number, random: number): number {
  const excessMs = Math.max(leastRetryMs, expectedWaitMs - targetMs);
  const spreadMs = Math.min(mostRetryMs, excessMs) * (1 + jitterShare * random);
  return Math.min(mostRetryMs, Math.ceil(spreadMs / 1_000) * 1_000);
}
