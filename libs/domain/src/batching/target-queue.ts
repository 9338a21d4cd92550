import type { BatchWork } from './batch-work';
import { LaneQueue } from './lane-queue';
import { batchLanes, type BatchLane, type LaneSettingsByLane } from './lanes';
import { PlaceReserve } from './place-reserve';
import { createLaneShare, type LaneShare } from './share-lanes';
import { nextShedLevel, pressedRank, shedRanks, type LanePressure } from './shed-level';

/** A lane that has to make way for another one is not refused while less waits in it than this many times the places: its own share of them is still its own. */
const keptTurns = 1;
/** What waits longer than so many times the target in an overloaded queue was let in before the overload was seen, and is shed. */
const trimFactor = 2;

/** Places that several targets share: those of a provider's workers. Each dispatched call takes one, and one of the pool that it is part of. */
export interface PlacePool {
  readonly name: string;
  freePlaces: number;
  readonly parent?: PlacePool;
}

/** A provider's model as its places are now. */
export interface TargetCapacity {
  /** Calls that may be made at once. */
  readonly freePlaces: number;
  /** Places in all, taken ones included. */
  readonly places: number;
  /** Where several schedulers share its places: those that are free and others' to give, and all that there are. What is kept free is kept of all of them as well: of a small part that would be none. Absent: there are no others. */
  readonly others?: { readonly freePlaces: number; readonly allPlaces: number };
  /** Absent: the places are the target's own. Targets of one pool are given the same object within one decision. */
  readonly pool?: PlacePool;
  /** Nobody serves it at the moment. What waits then is no overload: nothing is shed until somebody is back. */
  readonly isAway?: boolean;
}

/** Everything that waits for one target, and the state of its control. */
export class TargetQueue<W extends BatchWork> {
  readonly lanes: Readonly<Record<BatchLane, LaneQueue<W>>>;
  readonly share: LaneShare;
  /** How many lanes are refused, batch first: 0 to 3. */
  shedLevel = 0;
  /** Nobody serves it, as far as is known. */
  isAway = false;
  /** When its control ran last, and when it had work last. */
  controlledAtMs: number;
  usedAtMs: number;
  private pressed = 0;
  /** As they were last seen. */
  private places = 1;
  private reserve: PlaceReserve;

  constructor(
    private readonly settings: LaneSettingsByLane,
    weightOf: (tenantId: string) => number,
    nowMs: number,
  ) {
    const lane = (name: BatchLane): LaneQueue<W> => new LaneQueue<W>(settings[name], weightOf);
    this.lanes = { express: lane('express'), standard: lane('standard'), batch: lane('batch') };
    this.share = createLaneShare(settings);
    this.reserve = new PlaceReserve(settings, nowMs);
    this.controlledAtMs = nowMs;
    this.usedAtMs = nowMs;
  }

  get waiting(): number {
    return batchLanes.reduce((sum, lane) => sum + this.lanes[lane].waiting, 0);
  }

  /** When the first held window closes. */
  get closesAtMs(): number {
    return batchLanes.reduce((first, lane) => Math.min(first, this.lanes[lane].closesAtMs), Infinity);
  }

  /** Places that a lane may take: what is kept free for others is not among them. */
  usablePlaces(lane: BatchLane, { freePlaces, places, others }: TargetCapacity, nowMs: number): number {
    const own = freePlaces - this.reserve.keptFrom(lane, places, nowMs);
    if (!others) return Math.max(0, own);
    const ofAll = freePlaces + others.freePlaces - this.reserve.keptFrom(lane, others.allPlaces, nowMs);
    return Math.max(0, Math.min(own, ofAll));
  }

  /** @param reserve of the places that it shares with others; absent: they are its own */
  noteCapacity({ places, isAway = false }: TargetCapacity, reserve = this.reserve): void {
    this.places = Math.max(1, places);
    this.reserve = reserve;
    this.isAway = isAway;
  }

  /** The lane of the highest precedence that has work which may be served. */
  highestLane(): BatchLane | undefined {
    return batchLanes.find((lane) => this.lanes[lane].nextArrivalMs() !== undefined);
  }

  /**
   * The lane that goes next, with the age of its next work; undefined: none may be served in the places that are left.
   *
   * @param highest the highest lane that has work for these places, here or at a target that shares them. What is kept is for work that is still to come: once some of that
   * lane waits for its turn among the lanes, the places are nobody's
   */
  nextLane(
    capacity: TargetCapacity,
    nowMs: number,
    highest = this.highestLane(),
  ): { lane: BatchLane; waitMs: number } | undefined {
    if (!highest || this.usablePlaces(highest, capacity, nowMs) === 0) return undefined;
    const waitOf = (lane: BatchLane): number | undefined => {
      const arrivedAtMs = this.lanes[lane].nextArrivalMs();
      return arrivedAtMs === undefined ? undefined : nowMs - arrivedAtMs;
    };
    const waits = { express: waitOf('express'), standard: waitOf('standard'), batch: waitOf('batch') };
    const lane = this.share.next(waits);
    return lane && { lane, waitMs: waits[lane] ?? 0 };
  }

  noteCall(lane: BatchLane, tokens: number, waitMs: number, nowMs: number): void {
    this.share.charge(lane, tokens, waitMs);
    this.reserve.noteCall(lane, waitMs, nowMs);
  }

  /** Whether new work of a tenant is refused for overload; how long it would wait, if so. */
  refusal(lane: BatchLane, tenantId: string, nowMs: number): { expectedWaitMs: number } | undefined {
    const rank = shedRanks[lane];
    if (this.isAway || this.shedLevel < rank) return undefined;
    const queue = this.lanes[lane];
    const expectedWaitMs = queue.expectedWaitMs(tenantId, this.tokensPerMs(lane, nowMs));
    const isOver = queue.flowOf(tenantId)?.wait.isOver === true && expectedWaitMs > queue.settings.shedWaitMs;
    const makesWay = rank < this.pressed && queue.waiting >= keptTurns * this.places;
    return isOver || makesWay ? { expectedWaitMs } : undefined;
  }

  /** Tokens a millisecond that a lane is served; where it was not of late, its weight's share of what the target serves. */
  tokensPerMs(lane: BatchLane, nowMs: number): number {
    const own = this.lanes[lane].served.perMs(nowMs);
    const all = batchLanes.reduce((sum, each) => sum + this.lanes[each].served.perMs(nowMs), 0);
    const weights = batchLanes.reduce((sum, each) => sum + this.settings[each].weight, 0);
    return Math.max(own, (all * this.settings[lane].weight) / weights);
  }

  /** Ends an interval: sets the level and gives what is shed of what waits. */
  endInterval(nowMs: number): { work: W; lane: BatchLane; expectedWaitMs: number }[] {
    this.controlledAtMs = nowMs;
    if (this.isAway) return [];
    const pressures = Object.fromEntries(
      batchLanes.map((lane): [BatchLane, LanePressure] => [lane, this.lanes[lane].endInterval(nowMs)]),
    ) as Record<BatchLane, LanePressure>;
    this.shedLevel = nextShedLevel(this.shedLevel, pressures);
    this.pressed = pressedRank(pressures);
    return batchLanes.flatMap((lane) => (this.shedLevel >= shedRanks[lane] ? this.trim(lane, nowMs) : []));
  }

  /** Takes the newest work out of overloaded queues until the rest is served soon. Nothing, where nothing was served that a rate could be told by. */
  private trim(lane: BatchLane, nowMs: number): { work: W; lane: BatchLane; expectedWaitMs: number }[] {
    const queue = this.lanes[lane];
    const tokensPerMs = this.tokensPerMs(lane, nowMs);
    const shed: { work: W; lane: BatchLane; expectedWaitMs: number }[] = [];
    if (!(tokensPerMs > 0)) return shed;
    for (const flow of queue.overloaded()) {
      for (;;) {
        const expectedWaitMs = queue.expectedWaitMs(flow.tenantId, tokensPerMs);
        const entry = flow.newest();
        if (!entry || flow.waiting < 2 || expectedWaitMs <= queue.settings.shedWaitMs * trimFactor) break;
        queue.remove(entry);
        shed.push({ work: entry.work, lane, expectedWaitMs });
      }
    }
    return shed;
  }
}
