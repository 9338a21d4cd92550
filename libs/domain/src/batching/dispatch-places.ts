import type { BatchWork } from './batch-work';
import { batchLanes, type BatchLane, type LaneSettingsByLane } from './lanes';
import { PlaceReserve } from './place-reserve';
import { createLaneShare, type LaneShare } from './share-lanes';
import type { PlacePool, TargetCapacity, TargetQueue } from './target-queue';

/** A target that has work, and what is left of its places within this decision. */
export interface OpenTarget<W extends BatchWork> {
  readonly target: string;
  readonly queue: TargetQueue<W>;
  readonly capacity: TargetCapacity;
  freePlaces: number;
}

/** The call that goes next at a target. */
export interface NextCall {
  readonly lane: BatchLane;
  readonly waitMs: number;
}

/** Takes the target's next call out of its queue; gives its tokens, undefined where there was none after all. */
export type TakeCall<W extends BatchWork> = (open: OpenTarget<W>, next: NextCall) => number | undefined;

/** Calls that may still begin at a target: as far as its own places go, and those that it shares. */
export function roomOf<W extends BatchWork>({ freePlaces, capacity }: OpenTarget<W>): number {
  let room = freePlaces;
  for (let pool = capacity.pool; pool; pool = pool.parent) room = Math.min(room, pool.freePlaces);
  return Math.max(0, room);
}

function occupy<W extends BatchWork>(open: OpenTarget<W>): void {
  open.freePlaces--;
  for (let pool = open.capacity.pool; pool; pool = pool.parent) pool.freePlaces--;
}

/**
 * Shares out places among targets. One that has its places for itself, or whose pool has enough for all, is served by its own order. Where targets of a pool want
 * more than there is, each place goes to the lane whose turn it is over all of them, by the lanes' weights, and in that lane to the target that was
 * served longest ago.
 */
export class PlaceDispatcher<W extends BatchWork> {
  private readonly shares = new Map<string, LaneShare>();
  private readonly reserves = new Map<string, PlaceReserve>();
  private readonly servedAt = new Map<string, number>();
  private turns = 0;

  constructor(private readonly settings: LaneSettingsByLane) {}

  run(targets: readonly OpenTarget<W>[], nowMs: number, take: TakeCall<W>): void {
    for (const group of byPool(targets)) {
      // Who was served last goes last, in pools that are parts of another one as well.
      group.sort((a, b) => this.servedAtOf(a) - this.servedAtOf(b));
      const { pool } = group[0]?.capacity ?? {};
      if (pool && group.length > 1 && isContested(pool, group)) this.share(pool, group, nowMs, take);
      else for (const open of group) this.serve(open, nowMs, take);
    }
  }

  /** The target is not known any more. */
  forget(target: string): void {
    this.servedAt.delete(target);
    if (this.servedAt.size > 0) return;
    this.shares.clear();
    this.reserves.clear();
  }

  /** What is kept free of a pool's places; undefined without one. */
  reserveOf(pool: PlacePool | undefined, nowMs: number): PlaceReserve | undefined {
    if (!pool) return undefined;
    let reserve = this.reserves.get(pool.name);
    if (!reserve) this.reserves.set(pool.name, (reserve = new PlaceReserve(this.settings, nowMs)));
    return reserve;
  }

  private serve(open: OpenTarget<W>, nowMs: number, take: TakeCall<W>): void {
    for (let room = roomOf(open); room > 0; room = roomOf(open)) {
      const next = open.queue.nextLane({ ...open.capacity, freePlaces: room }, nowMs);
      if (!next || this.take(open, next, take) === undefined) return;
    }
  }

  private share(pool: PlacePool, group: readonly OpenTarget<W>[], nowMs: number, take: TakeCall<W>): void {
    const share = this.shareOf(pool.name);
    for (;;) {
      const served = group.filter((open) => roomOf(open) > 0);
      const highest = batchLanes.find((lane) => served.some(({ queue }) => queue.highestLane() === lane));
      const waiting = served.flatMap((open) => {
        const capacity = { ...open.capacity, freePlaces: roomOf(open) };
        const next = open.queue.nextLane(capacity, nowMs, highest);
        return next ? [{ open, next }] : [];
      });
      if (waiting.length === 0) return;
      const lane = share.next(longestWaits(waiting));
      const chosen = waiting
        .filter(({ next }) => next.lane === lane)
        .reduce<(typeof waiting)[number] | undefined>(
          (best, each) => (best && this.servedAtOf(best.open) <= this.servedAtOf(each.open) ? best : each),
          undefined,
        );
      if (!chosen) return;
      const tokens = this.take(chosen.open, chosen.next, take);
      if (tokens === undefined) return;
      share.charge(chosen.next.lane, tokens, chosen.next.waitMs);
    }
  }

  private take(open: OpenTarget<W>, next: NextCall, take: TakeCall<W>): number | undefined {
    const tokens = take(open, next);
    if (tokens === undefined) return undefined;
    occupy(open);
    this.servedAt.set(open.target, ++this.turns);
    return tokens;
  }

  private servedAtOf({ target }: OpenTarget<W>): number {
    return this.servedAt.get(target) ?? 0;
  }

  private shareOf(pool: string): LaneShare {
    let share = this.shares.get(pool);
    if (!share) this.shares.set(pool, (share = createLaneShare(this.settings)));
    return share;
  }
}

function byPool<W extends BatchWork>(targets: readonly OpenTarget<W>[]): OpenTarget<W>[][] {
  const groups = new Map<string, OpenTarget<W>[]>();
  const alone: OpenTarget<W>[][] = [];
  for (const open of targets) {
    const name = open.capacity.pool?.name;
    const group = name === undefined ? undefined : groups.get(name);
    if (group) group.push(open);
    else if (name === undefined) alone.push([open]);
    else groups.set(name, [open]);
  }
  return [...alone, ...groups.values()];
}

function isContested<W extends BatchWork>(pool: PlacePool, group: readonly OpenTarget<W>[]): boolean {
  const wanted = group.reduce((sum, { queue, freePlaces }) => sum + Math.min(queue.waiting, freePlaces), 0);
  return wanted > pool.freePlaces;
}

function longestWaits(waiting: readonly { next: NextCall }[]): Record<BatchLane, number | undefined> {
  const waits: Record<BatchLane, number | undefined> = {
    express: undefined,
    standard: undefined,
    batch: undefined,
  };
  for (const { next } of waiting) waits[next.lane] = Math.max(waits[next.lane] ?? 0, next.waitMs);
  return waits;
}

/** Whether so much of a target's places is free that waiting for company would waste them. */
export const isIdle = (usablePlaces: number, { places }: TargetCapacity, idleShare: number): boolean =>
  usablePlaces >= Math.max(1, places * idleShare);

/** Closes the windows of a target whose time is over, and all of a lane that has idle places. */
export function closeWindows<W extends BatchWork>(open: OpenTarget<W>, idleShare: number, nowMs: number): void {
  const { queue, capacity } = open;
  const freePlaces = roomOf(open);
  for (const lane of batchLanes) {
    const usable = queue.usablePlaces(lane, { ...capacity, freePlaces }, nowMs);
    queue.lanes[lane].closeWindows(isIdle(usable, capacity, idleShare) ? Infinity : nowMs);
  }
}
