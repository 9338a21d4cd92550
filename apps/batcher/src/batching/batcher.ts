import { priorities, type Priority } from '@costlane/contracts';
import {
  createBatchScheduler,
  SlotMap,
  type BatchDecision,
  type BatchScheduler,
  type TargetCapacity,
  type TargetState,
} from '@costlane/domain';
import type { ReceivedJob } from '@costlane/lanes';
import { LRUCache } from 'lru-cache';
import { createPassOn, type PassedCall, type PassOn } from '../pass-on/pass-on';
import { HeldBytes } from '../work/held-bytes';
import { byArrival, LaneWork, workId, type VectorOf } from '../work/lane-work';
import type { Refusal } from './refusal-error';
import { createRefuser, type Refuser } from './refuse';
import type { BatcherOptions } from './batcher-options';
import { createSuspects, type Suspects } from './clear-suspects';
import { putAside } from './put-aside';
import { createWakeTimer } from './wake-timer';

/** An entry that comes round more often than this ends its batchers: it is put aside for people to look at. */
const MAX_DELIVERIES = 4;
/** Jobs on their way to Redis beyond which none are read. */
const MAX_UNSETTLED = 4_096;
/** As the scheduler's own: from here on places are to spare. */
const IDLE_SHARE = 0.2;
/** Requests that one call answers at the most: its entry has the headers of all of them. */
const MAX_SHARED = 256;
const CANCELLED_KEPT = 20_000;
const CANCELLED_LIFETIME_MS = 60_000;
const DRAIN_TIMEOUT_MS = 5_000;
/** Where there is no telling when there will be room. */
const FULL_RETRY_MS = 2_000;

export interface Batcher {
  take(received: ReceivedJob, fields: Buffer[]): void;
  /** Nobody waits for this request any more. */
  cancel(requestId: string): void;
  /** Places may have become free. */
  wake(): void;
  /** How many more jobs may be read. */
  room(): number;
  /** Jobs that are read and not settled. */
  inHand(): number;
  waiting(): Readonly<Record<Priority, number>>;
  /** By provider. */
  waitingByProvider(): Readonly<Record<string, number>>;
  targets(): TargetState[];
  /** Gives what waits back to the lanes, and settles the rest. */
  stop(): Promise<void>;
}

/** Reads ahead, decides by the scheduler, and moves, refuses or gives back. Every entry is settled by one script call, or stays this consumer's in its lane. */
export function createBatcher(options: BatcherOptions): Batcher {
  return new ReadAhead(options);
}

class ReadAhead implements Batcher {
  private readonly scheduler: BatchScheduler<LaneWork>;
  private readonly passOn: PassOn;
  private readonly refuser: Refuser;
  private readonly bytes: HeldBytes;
  private readonly suspects: Suspects;
  private readonly waitingById = new SlotMap<LaneWork>();
  private readonly waitingByRequest = new SlotMap<LaneWork>();
  private readonly cancelled = new LRUCache<string, true>({
    max: CANCELLED_KEPT,
    ttl: CANCELLED_LIFETIME_MS,
    ttlResolution: 1_000,
  });
  private readonly vectorOf: VectorOf | undefined;
  private readonly laneOf: ReadonlyMap<string, Priority>;
  /** Targets with places to spare: there an answer is not worth the time that comparing questions takes, but for batch work. */
  private readonly idle = new Set<string>();
  private readonly timer = createWakeTimer(() => this.decide());
  private isDecisionDue = false;
  private isStopped = false;

  constructor(private readonly options: BatcherOptions) {
    const { redis, names, logger, batcherId, sharing } = options;
    this.laneOf = new Map(priorities.map((lane) => [names.lane(lane), lane]));
    this.vectorOf =
      sharing && ((work) => (work.lane !== 'batch' && this.idle.has(work.target) ? undefined : sharing.vectorOf(work)));
    const isWaiting = (work: LaneWork): boolean => this.waitingById.get(work.id) === work;
    this.suspects = createSuspects({ redis, batcherId, logger, isWaiting, clearAfterMs: options.clearAfterMs });
    this.bytes = new HeldBytes(options.maxWaitingBytes);
    this.scheduler = createBatchScheduler<LaneWork>({
      settings: options.settings,
      random: Math.random,
      maxWaiting: options.maxWaiting,
      intervalMs: options.intervalMs,
      epsilon: sharing?.epsilon,
      isSame: sharing && ((asked, other) => sharing.isSame(asked, other)),
    });
    this.passOn = createPassOn({ redis, names, logger, onMoved: (calls, moved) => this.moved(calls, moved) });
    this.refuser = createRefuser({
      redis,
      names,
      batcherId,
      logger,
      metrics: options.metrics,
      onTaken: () => options.onRoom(),
    });
  }

  take({ entry, job, deliveries }: ReceivedJob, fields: Buffer[]): void {
    const lane = this.laneOf.get(entry.stream);
    if (this.isStopped || lane === undefined) return;
    const { header } = job;
    const nowMs = Date.now();
    if (deliveries > MAX_DELIVERIES) {
      putAside(this.options, entry, header.requestId, 'it ended several batchers');
      return this.refuser.refuse({ entry, header, lane }, 'poison');
    }
    if (this.cancelled.has(header.requestId)) return this.refuser.refuse({ entry, header, lane }, 'cancelled');
    const known = this.waitingById.get(workId(header));
    if (known) {
      // Published twice: the entry that came first stands for the request. Read twice: nothing new.
      if (known.entry.id !== entry.id || known.entry.stream !== entry.stream) this.refuser.letGo(entry);
      return;
    }
    const cameAtMs = Number.parseInt(entry.id, 10) + (this.options.clockAheadMs?.() ?? 0);
    const work = new LaneWork(lane, { ...entry, fields }, job, nowMs, this.vectorOf, cameAtMs);
    if (!this.bytes.take(work)) return this.refuser.refuse({ entry, header, lane }, 'full', FULL_RETRY_MS);
    const verdict = this.scheduler.offer(work, nowMs);
    if (!verdict.isAccepted) {
      this.bytes.give(work);
      return this.refuser.refuse({ entry, header, lane }, verdict.reason, verdict.retryAfterMs);
    }
    this.waitingById.set(work.id, work);
    this.waitingByRequest.set(work.requestId, work);
    if (deliveries > 1) this.suspects.note(work);
    this.wake();
  }

  cancel(requestId: string): void {
    const work = this.waitingByRequest.get(requestId);
    if (!work) this.cancelled.set(requestId, true);
    else if (this.scheduler.remove(work.id)) this.refuseWaiting(work, 'cancelled');
  }

  wake(): void {
    if (this.isDecisionDue || this.isStopped || this.waitingById.size === 0) return;
    this.isDecisionDue = true;
    // After everything that was read in one go.
    queueMicrotask(() => this.decide());
  }

  room(): number {
    return this.isStopped ? 0 : MAX_UNSETTLED - this.passOn.inHand() - this.refuser.inHand();
  }

  inHand(): number {
    return this.waitingById.size + this.passOn.inHand() + this.refuser.inHand();
  }

  waiting(): Readonly<Record<Priority, number>> {
    const { scheduler } = this;
    return {
      express: scheduler.waiting('express'),
      standard: scheduler.waiting('standard'),
      batch: scheduler.waiting('batch'),
    };
  }

  waitingByProvider(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { target, waiting } of this.scheduler.targets()) {
      const provider = target.slice(0, target.indexOf('/'));
      sums[provider] = (sums[provider] ?? 0) + waiting;
    }
    return sums;
  }

  targets(): TargetState[] {
    return this.scheduler.targets();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.timer.clear();
    this.suspects.stop();
    for (const work of this.waitingById.values().sort(byArrival)) {
      this.scheduler.remove(work.id);
      this.forget(work);
      this.passOn.pass({ works: [work], to: 'lane' });
    }
    const giveUp = setTimeout(() => {
      this.passOn.giveUp();
      this.refuser.giveUp();
    }, this.options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS);
    await Promise.all([this.passOn.idle(), this.refuser.idle()]);
    clearTimeout(giveUp);
  }

  private decide(): void {
    this.isDecisionDue = false;
    if (this.isStopped) return;
    const nowMs = Date.now();
    this.options.sharing?.beginDecision();
    const placesOf = this.options.places.view();
    this.idle.clear();
    const capacityOf = (target: string): TargetCapacity => {
      const capacity = placesOf(target, providerOf(target));
      if (capacity.freePlaces > capacity.places * IDLE_SHARE) this.idle.add(target);
      return capacity;
    };
    const decision = this.scheduler.decide(nowMs, capacityOf);
    this.dispatch(decision, nowMs);
    for (const work of decision.drop) this.refuseWaiting(work, 'deadline');
    for (const { work, retryAfterMs } of decision.shed) this.refuseWaiting(work, 'shed', retryAfterMs);
    this.timer.set(decision.wakeAtMs);
    if (this.waitingById.size > 0) this.options.onPressed();
  }

  private dispatch({ dispatch }: BatchDecision<LaneWork>, nowMs: number): void {
    const { metrics, places, onDispatched } = this.options;
    for (const { lane, target, calls } of dispatch) {
      const most = places.mayShare(providerOf(target)) ? MAX_SHARED : 1;
      const parts = calls.flatMap(({ works }) => partsOf(works, most));
      metrics.grouped(lane, parts);
      for (const { works } of parts) {
        places.dispatched(providerOf(target), target, lane);
        this.passOn.pass({ works, to: 'dispatch' });
        for (const work of works) {
          this.forget(work);
          metrics.waited(lane, Math.max(0, nowMs - work.arrivedAtMs) / 1_000);
          onDispatched?.(work, nowMs);
        }
      }
    }
  }

  private moved(
    calls: readonly PassedCall[],
    moved: Parameters<Parameters<typeof createPassOn>[0]['onMoved']>[1],
  ): void {
    const { metrics, places, names } = this.options;
    if (calls.every(({ to }) => to === 'dispatch')) metrics.moved(moved.jobs);
    const counts = new Map<string, number>();
    for (const { works, to } of calls) {
      const provider = works[0]?.provider;
      if (to === 'dispatch' && provider !== undefined) counts.set(provider, (counts.get(provider) ?? 0) + 1);
    }
    for (const [provider, count] of counts) {
      places.moved(provider, count);
      const depth = moved.depths.get(names.dispatch(provider));
      if (depth !== undefined) places.noteJobs(provider, depth);
    }
    this.options.onRoom();
    this.wake();
  }

  /** It waits no longer. Should its entry come again before Redis has taken what is done with it, doing it twice does it once. */
  private forget(work: LaneWork): void {
    this.waitingById.delete(work.id);
    this.waitingByRequest.delete(work.requestId);
    this.bytes.give(work);
  }

  private refuseWaiting(work: LaneWork, reason: Refusal, retryAfterMs?: number): void {
    this.forget(work);
    this.refuser.refuse({ entry: work.entry, header: work.decode().header, lane: work.lane }, reason, retryAfterMs);
  }
}

function partsOf(works: readonly LaneWork[], most: number): { works: readonly LaneWork[] }[] {
  if (works.length <= most) return [{ works }];
  return Array.from({ length: Math.ceil(works.length / most) }, (_, at) => ({
    works: works.slice(at * most, (at + 1) * most),
  }));
}

const providerOf = (target: string): string => target.slice(0, target.indexOf('/'));
