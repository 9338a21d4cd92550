import { DecayedRate } from './decayed-rate';
import type { BatchLane, LaneSettingsByLane } from './lanes';
import { MissBudget } from './miss-budget';
import { reservedPlaces } from './reserved-places';

const callMemoryMs = 10_000;
/** Share of a lane's work that may wait longer than its target while the others take all other places, and nothing is saved up. */
const missShare = 0.03;
/** What is kept for express work at the most; as much again where it has missed its target all the same. */
const mostForExpress = 0.125;
/** What batch work leaves to the others at the most. */
const mostForTargets = 0.25;

/** Places that a lane has to leave free. */
interface Kept {
  readonly standard: number;
  readonly batch: number;
}

/**
 * Places of a target that are kept free: for express work from all others, and from batch work for standard work as well. Only as many as it takes: a lane that has met its target for long
 * has misses to spare, and while it has, fewer are kept.
 */
export class PlaceReserve {
  private readonly all = new DecayedRate(callMemoryMs);
  private readonly express = new DecayedRate(callMemoryMs);
  private readonly targeted = new DecayedRate(callMemoryMs);
  private readonly budgets = { express: new MissBudget(), standard: new MissBudget() };
  /** As told last: it is asked several times for each call. */
  private toldAtMs = -1;
  private readonly told = new Map<number, Kept>();

  constructor(
    private readonly settings: LaneSettingsByLane,
    nowMs: number,
  ) {
    // Before anything is known express work is taken for a quarter of the calls, as if four had been seen.
    this.all.add(4, nowMs);
    this.express.add(1, nowMs);
    this.targeted.add(1, nowMs);
  }

  noteCall(lane: BatchLane, waitMs: number, nowMs: number): void {
    this.all.add(1, nowMs);
    if (lane === 'batch') return;
    this.targeted.add(1, nowMs);
    if (lane === 'express') this.express.add(1, nowMs);
    this.budgets[lane].note(waitMs > this.settings[lane].targetP95Ms);
  }

  /** Free places that a lane has to leave. Calls that are noted in the same moment do not change it. */
  keptFrom(lane: BatchLane, places: number, nowMs: number): number {
    if (lane === 'express') return 0;
    if (this.toldAtMs !== nowMs) this.told.clear();
    this.toldAtMs = nowMs;
    let kept = this.told.get(places);
    if (!kept) this.told.set(places, (kept = this.keptNow(places, nowMs)));
    return kept[lane];
  }

  private keptNow(places: number, nowMs: number): Kept {
    const mostShare = mostForExpress * (1 + this.budgets.express.debt);
    const standard = this.placesFor('express', mostShare, places, nowMs);
    const batch = Math.max(standard, this.placesFor('standard', mostForTargets, places, nowMs));
    return { standard, batch };
  }

  private placesFor(lane: 'express' | 'standard', mostShare: number, places: number, nowMs: number): number {
    const callsPerMs = this.all.perMs(nowMs);
    if (callsPerMs === 0) return 0;
    return reservedPlaces({
      share: (lane === 'express' ? this.express : this.targeted).perMs(nowMs) / callsPerMs,
      callsPerMs,
      places,
      targetMs: this.settings[lane].targetP95Ms,
      missShare: missShare / (1 - this.budgets[lane].spare),
      mostShare,
    });
  }
}
