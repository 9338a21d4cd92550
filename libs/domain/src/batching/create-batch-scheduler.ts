import type { BatchWork, GroupedCall, WorkGroup } from './batch-work';
import { closeWindows, PlaceDispatcher, roomOf, type OpenTarget } from './dispatch-places';
import { formGroups, type GroupingOptions } from './form-groups';
import { HeldByLane } from './held-by-lane';
import { IndexedHeap } from './indexed-heap';
import { batchLanes, laneSettings, type BatchLane, type BatchSettings } from './lanes';
import { retryAfterMs } from './shed-level';
import { SimilarArrivals } from './similar-arrivals';
import { SlotMap } from './slot-map';
import { TargetQueue, type TargetCapacity } from './target-queue';
import type { FormedCall, WaitingWork } from './tenant-flow';

export interface BatchSchedulerOptions<W extends BatchWork> extends GroupingOptions<W> {
  readonly settings?: BatchSettings;
  /** From 0 to below 1: spreads the times after which refused callers come back. */
  readonly random: () => number;
  /** Pieces of work that may wait, over all targets. A tenant may hold as many as are still free, its lower lanes not counted, so that one lane alone takes half. Default 20,000. */
  readonly maxWaiting?: number;
  /** Waits are judged once in so long. Default 1,000: about as long as a call takes. */
  readonly intervalMs?: number;
  /** From this share of a target's places on, free ones are idle capacity, and no window is held. Default 0.2. */
  readonly idleShare?: number;
  /** A tenant's share against the others', above 0. Default 1 for each. */
  readonly weightOf?: (tenantId: string) => number;
}

/** `overload`: more is offered than is served; `full`: no memory is left for it; `deadline`: it could not be done in time. */
export type OfferVerdict =
  | { readonly isAccepted: true }
  | {
      readonly isAccepted: false;
      readonly reason: 'overload' | 'full' | 'deadline';
      /** For a `Retry-After`; 0 where another try would not help. */
      readonly retryAfterMs: number;
    };

export interface BatchDecision<W extends BatchWork> {
  readonly dispatch: WorkGroup<W>[];
  /** Work that cannot be done by its deadline any more. */
  readonly drop: W[];
  /** Work that was let in before an overload was seen, and would wait too long. */
  readonly shed: { readonly work: W; readonly retryAfterMs: number }[];
  /** When to decide again if nothing comes or ends before; Infinity: nothing waits for a time. */
  readonly wakeAtMs: number;
}

export interface BatchScheduler<W extends BatchWork> {
  /** Takes work in or refuses it. Work whose id already waits is taken as before. */
  offer(work: W, nowMs: number): OfferVerdict;
  /**
   * What is to be done now. Call it after offers, when places have become free, and at `wakeAtMs`. Dispatched calls are the caller's: they take places from then on.
   *
   * @param capacityOf places of a target now; asked once for each target that has work. Pools that targets share are counted down in place
   */
  decide(nowMs: number, capacityOf: (target: string) => TargetCapacity): BatchDecision<W>;
  /** Takes work out that nobody waits for any more. False where it does not wait. */
  remove(id: string): boolean;
  /** For gauges: what waits in a lane, over all targets. */
  waiting(lane: BatchLane): number;
  targets(): TargetState[];
}

/** For gauges and logs. */
export interface TargetState {
  readonly target: string;
  readonly waiting: number;
  /** How many lanes are refused, batch first. */
  readonly shedLevel: number;
  readonly tenants: number;
  /** How many pieces of work a window is held open for. */
  readonly windowSizes: Readonly<Record<BatchLane, number>>;
}

/** A target without work is forgotten after so long: what is known about its rates is old by then. */
const forgetTargetMs = 60_000;

/**
 * Puts windows, fairness, shedding and grouping together. No timer, no clock and no input or output of its own: the same calls give the same decisions.
 * A piece of work costs O(log n) for its deadline and its tenant's turn, and its part of forming a window of 64.
 */
export function createBatchScheduler<W extends BatchWork>(options: BatchSchedulerOptions<W>): BatchScheduler<W> {
  return new Scheduler(options);
}

class Scheduler<W extends BatchWork> implements BatchScheduler<W> {
  private readonly lanes;
  private readonly maxWaiting: number;
  private readonly intervalMs: number;
  private readonly idleShare: number;
  private readonly queues = new Map<string, TargetQueue<W>>();
  private readonly byId = new SlotMap<WaitingWork<W>>();
  private readonly held = new HeldByLane();
  private readonly deadlines = new IndexedHeap<WaitingWork<W>>((a, b) => a.latestStartMs < b.latestStartMs);
  private readonly similar = new SimilarArrivals();
  private readonly places: PlaceDispatcher<W>;
  private groups = 0;

  constructor(private readonly options: BatchSchedulerOptions<W>) {
    const { settings, maxWaiting = 20_000, intervalMs = 1_000, idleShare = 0.2 } = options;
    this.lanes = laneSettings(settings);
    this.places = new PlaceDispatcher(this.lanes);
    this.maxWaiting = maxWaiting;
    this.intervalMs = intervalMs;
    this.idleShare = idleShare;
  }

  offer(work: W, nowMs: number): OfferVerdict {
    if (this.byId.has(work.id)) return accepted;
    if (work.deadlineAtMs - work.serviceMs < nowMs) return { isAccepted: false, reason: 'deadline', retryAfterMs: 0 };
    if (!(work.tokens >= 1 && work.tokens < Infinity))
      throw new RangeError(`work ${work.id} has to be 1 token or more`);
    const queue = this.queueOf(work.target, nowMs);
    const lane = queue.lanes[work.lane];
    const { shedWaitMs } = this.lanes[work.lane];
    lane.noteOffer();
    // A tenant's share of a shared buffer: as much as is still free (Choudhury and Hahne 1998, "Dynamic Queue Length Thresholds").
    if (this.held.upTo(work.tenantId, work.lane) >= this.maxWaiting - this.byId.size) {
      const expectedMs = lane.expectedWaitMs(work.tenantId, queue.tokensPerMs(work.lane, nowMs));
      return this.refused('full', expectedMs, shedWaitMs);
    }
    const refusal = queue.refusal(work.lane, work.tenantId, nowMs);
    if (refusal) return this.refused('overload', refusal.expectedWaitMs, shedWaitMs);
    const entry = lane.add(work, this.expectedCompany(work, nowMs));
    queue.usedAtMs = nowMs;
    this.byId.set(work.id, entry);
    this.held.take(work.tenantId, work.lane, 1);
    this.deadlines.push(entry);
    return accepted;
  }

  decide(nowMs: number, capacityOf: (target: string) => TargetCapacity): BatchDecision<W> {
    const decision: BatchDecision<W> = { dispatch: [], drop: this.dropLate(nowMs), shed: [], wakeAtMs: Infinity };
    let wakeAtMs = Infinity;
    const open: OpenTarget<W>[] = [];
    for (const [target, queue] of this.queues) {
      if (nowMs >= queue.controlledAtMs + this.intervalMs) decision.shed.push(...this.control(queue, nowMs));
      if (queue.waiting > 0) {
        const capacity = capacityOf(target);
        queue.noteCapacity(capacity, this.places.reserveOf(capacity.pool, nowMs));
        open.push({ target, queue, capacity, freePlaces: capacity.freePlaces });
      } else {
        queue.isAway = false;
        if (queue.shedLevel === 0 && nowMs - queue.usedAtMs > forgetTargetMs) this.forgetTarget(target);
      }
    }
    this.dispatch(open, nowMs, decision.dispatch);
    for (const each of open) if (roomOf(each) > 0) wakeAtMs = Math.min(wakeAtMs, each.queue.closesAtMs);
    for (const queue of this.queues.values())
      if (queue.waiting > 0 || queue.shedLevel > 0)
        wakeAtMs = Math.min(wakeAtMs, queue.controlledAtMs + this.intervalMs);
    const latestStartMs = this.deadlines.first()?.latestStartMs ?? Infinity;
    // The last moment at which it can still begin is not over yet.
    return { ...decision, wakeAtMs: Math.max(nowMs, Math.min(wakeAtMs, latestStartMs + 1)) };
  }

  remove(id: string): boolean {
    const entry = this.byId.get(id);
    if (!entry) return false;
    this.takeOut(entry);
    return true;
  }

  waiting(lane: BatchLane): number {
    let sum = 0;
    for (const { lanes } of this.queues.values()) sum += lanes[lane].waiting;
    return sum;
  }

  targets(): TargetState[] {
    return [...this.queues].map(([target, { waiting, shedLevel, lanes }]) => ({
      target,
      waiting,
      shedLevel,
      tenants: batchLanes.reduce((sum, lane) => sum + lanes[lane].tenants, 0),
      windowSizes: {
        express: lanes.express.sizer.size(),
        standard: lanes.standard.sizer.size(),
        batch: lanes.batch.sizer.size(),
      },
    }));
  }

  /** Dispatches what may go. */
  private dispatch(targets: readonly OpenTarget<W>[], nowMs: number, out: WorkGroup<W>[]): void {
    const served = targets.filter((open) => roomOf(open) > 0);
    for (const open of served) closeWindows(open, this.idleShare, nowMs);
    const groups = new Map<number, GroupedCall<W>[]>();
    this.places.run(served, nowMs, ({ queue }, { lane, waitMs }) => {
      const call = queue.lanes[lane].takeCall(this.lanes.batch.maxSize, this.form, nowMs);
      const asked = call?.members[0]?.work;
      if (!call || !asked) return undefined;
      queue.noteCall(lane, asked.tokens, waitMs, nowMs);
      for (const entry of call.members) this.forget(entry);
      const works = call.members.map(({ work }) => work);
      const known = groups.get(call.group);
      if (known) known.push({ works });
      else {
        const calls = [{ works }];
        groups.set(call.group, calls);
        out.push({ groupId: call.group, lane, tenantId: asked.tenantId, target: asked.target, calls });
      }
      return asked.tokens;
    });
  }

  private readonly form = (window: WaitingWork<W>[]): FormedCall<W>[] => {
    const [first, second] = window;
    if (first && !second) return [{ members: [first], group: ++this.groups }];
    const entries = new Map(window.map((entry) => [entry.work.id, entry]));
    return formGroups(
      window.map(({ work }) => work),
      this.options,
    ).flatMap(({ calls }) => {
      const group = ++this.groups;
      return calls.map(({ works }) => ({
        group,
        members: works.flatMap(({ id }) => entries.get(id) ?? []),
      }));
    });
  };

  private control(queue: TargetQueue<W>, nowMs: number): BatchDecision<W>['shed'] {
    return queue.endInterval(nowMs).map(({ work, lane, expectedWaitMs }) => {
      const entry = this.byId.get(work.id);
      if (entry) this.forget(entry);
      return { work, retryAfterMs: retryAfterMs(expectedWaitMs, this.lanes[lane].shedWaitMs, this.options.random()) };
    });
  }

  private dropLate(nowMs: number): W[] {
    const dropped: W[] = [];
    for (let entry = this.deadlines.first(); entry && entry.latestStartMs < nowMs; entry = this.deadlines.first()) {
      this.takeOut(entry);
      dropped.push(entry.work);
    }
    return dropped;
  }

  private takeOut(entry: WaitingWork<W>): void {
    this.queues.get(entry.work.target)?.lanes[entry.work.lane].remove(entry);
    this.forget(entry);
  }

  /** What the scheduler itself knows of work that no longer waits. */
  private forget(entry: WaitingWork<W>): void {
    const { id, tenantId, lane } = entry.work;
    this.deadlines.remove(entry);
    this.byId.delete(id);
    this.held.give(tenantId, lane, 1);
  }

  private forgetTarget(target: string): void {
    this.queues.delete(target);
    this.places.forget(target);
  }

  private queueOf(target: string, nowMs: number): TargetQueue<W> {
    const known = this.queues.get(target);
    if (known) return known;
    const queue = new TargetQueue<W>(this.lanes, this.options.weightOf ?? (() => 1), nowMs);
    this.queues.set(target, queue);
    return queue;
  }

  /** Similar work that is likely to come while the window is open. */
  private expectedCompany(work: W, nowMs: number): number {
    const { maxWaitMs } = this.lanes[work.lane];
    const sign = work.prefix?.[0] ?? (work.vector ? 'vector' : work.fingerprint);
    if (sign === undefined) return 0;
    return this.similar.observe(`${work.lane}|${work.tenantId}|${work.target}|${sign}`, nowMs, maxWaitMs);
  }

  private refused(reason: 'overload' | 'full', expectedWaitMs: number, targetMs: number): OfferVerdict {
    return {
      isAccepted: false,
      reason,
      retryAfterMs: retryAfterMs(expectedWaitMs, targetMs, this.options.random()),
    };
  }
}

const accepted: OfferVerdict = { isAccepted: true };
