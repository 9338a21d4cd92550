import type { BatchDecision, BatchScheduler } from '../create-batch-scheduler';
import { IndexedHeap } from '../indexed-heap';
import { batchLanes, type BatchLane } from '../lanes';
import { SimulatedPlaces, type Outages, type PlannedCall } from './simulated-places';
import type { ProviderModel, SimulatedCall } from './simulated-provider';
import type { SimulatedWork } from './simulated-work';

export type Ending = 'answered' | 'dropped' | 'shed' | 'refused';

export interface Outcome {
  readonly work: SimulatedWork;
  readonly ending: Ending;
  /** From arrival, of the last try, to the begin of the call, or to the end where none began. */
  readonly waitMs: number;
  /** From the first arrival to the answer. */
  readonly latencyMs: number;
  readonly retryAfterMs: number;
  /** How often it was offered. */
  readonly tries: number;
}

export interface CallRecord extends SimulatedCall {
  readonly works: readonly SimulatedWork[];
  readonly startedAtMs: number;
}

export interface Run {
  readonly outcomes: Outcome[];
  readonly calls: CallRecord[];
  readonly groups: number;
  /** Longest time in which a lane had work that waited and none of it was dispatched. */
  readonly longestGapMs: Record<BatchLane, number>;
  readonly decisions: number;
  /** The most calls that waited for a place after they were dispatched; 0 with a single scheduler. */
  readonly longestStream: number;
}

export type SimulatedScheduler = Pick<BatchScheduler<SimulatedWork>, 'offer' | 'decide' | 'waiting'>;

export interface SimulationOptions {
  /** In order of arrival. */
  readonly works: readonly SimulatedWork[];
  readonly providers: Readonly<Record<string, ProviderModel>>;
  /** Several take turns at the work that arrives, and share the places. */
  readonly scheduler: SimulatedScheduler | readonly SimulatedScheduler[];
  /** How old what several know of the places becomes. Default 20. */
  readonly viewMs?: number;
  readonly outages?: Outages;
  /** How often a caller that is refused comes back when it was told to. Default 0. */
  readonly retries?: number;
}

interface InFlight {
  heapIndex: number;
  readonly endsAtMs: number;
  readonly target: string;
}

interface Try {
  heapIndex: number;
  readonly atMs: number;
  readonly work: SimulatedWork;
  readonly nth: number;
}

/**
 * Runs schedulers on a virtual clock: arrivals, ends of calls and the times at which they asked to be woken. Throws where one breaks what must always hold: places are never exceeded, work ends
 * once, calls are shared within one tenant and target only, nothing is begun that cannot be done in time, and it neither spins nor leaves anything behind.
 */
export function simulateBatcher(options: SimulationOptions): Run {
  return new Simulation(options).run();
}

class Simulation {
  private nowMs = 0;
  private next = 0;
  private turn = 0;
  private steps = 0;
  private readonly maxSteps: number;
  private readonly schedulers: readonly SimulatedScheduler[];
  private readonly wakesAtMs: number[];
  private readonly places: SimulatedPlaces;
  private readonly ended = new Set<string>();
  private readonly originals = new Map<string, { work: SimulatedWork; tries: number }>();
  private readonly inFlight = new IndexedHeap<InFlight>((a, b) => a.endsAtMs < b.endsAtMs);
  private readonly comingBack = new IndexedHeap<Try>((a, b) => a.atMs < b.atMs);
  private readonly servedAtMs: Record<BatchLane, number> = { express: 0, standard: 0, batch: 0 };
  private readonly lastGroups: number[] = [];
  private groups = 0;
  private readonly result = {
    outcomes: [] as Outcome[],
    calls: [] as CallRecord[],
    longestGapMs: { express: 0, standard: 0, batch: 0 },
    decisions: 0,
  };

  constructor(private readonly options: SimulationOptions) {
    const { scheduler, providers, works, viewMs = 20, outages = [] } = options;
    this.maxSteps = 1_000_000 + 10_000 * works.length;
    this.schedulers = 'offer' in scheduler ? [scheduler] : scheduler;
    this.wakesAtMs = this.schedulers.map(() => Infinity);
    this.places = new SimulatedPlaces(providers, this.schedulers.length, viewMs, outages);
  }

  run(): Run {
    for (;;) {
      const timeMs = this.nextTimeMs();
      if (timeMs === Infinity) break;
      this.check(timeMs >= this.nowMs, 'time goes back');
      this.check(this.steps++ < this.maxSteps, 'it does not come to an end');
      this.nowMs = timeMs;
      this.endCalls();
      this.offerArrivals();
      // Nobody is always the first to decide.
      const first = this.turn++ % this.schedulers.length;
      this.schedulers.forEach((_, at) => this.decide((first + at) % this.schedulers.length));
      for (const lane of batchLanes) if (this.waiting(lane) === 0) this.servedAtMs[lane] = this.nowMs;
    }
    this.check(this.ended.size === this.options.works.length, 'work was left behind');
    return { ...this.result, groups: this.groups, longestStream: this.places.longestStream };
  }

  private nextTimeMs(): number {
    const arrivalMs = this.options.works[this.next]?.arrivedAtMs ?? Infinity;
    const triedMs = this.comingBack.first()?.atMs ?? Infinity;
    const endMs = this.inFlight.first()?.endsAtMs ?? Infinity;
    const wakes = this.schedulers.map((scheduler, at) => {
      const isWaiting = batchLanes.some((lane) => scheduler.waiting(lane) > 0);
      const looksAtMs = isWaiting ? Math.max(this.nowMs, this.places.looksAtMs(at)) : Infinity;
      return Math.min(this.wakesAtMs[at] ?? Infinity, looksAtMs);
    });
    return Math.min(arrivalMs, triedMs, endMs, this.places.backAtMs(this.nowMs), ...wakes);
  }

  private endCalls(): void {
    for (let call = this.inFlight.first(); call && call.endsAtMs <= this.nowMs; call = this.inFlight.first()) {
      this.inFlight.remove(call);
      const next = this.places.end(call.target, this.nowMs);
      if (next) this.started(next.planned, next.call);
    }
  }

  private offerArrivals(): void {
    const { works } = this.options;
    for (let work = works[this.next]; work && work.arrivedAtMs <= this.nowMs; work = works[this.next]) {
      this.originals.set(work.id, { work, tries: 1 });
      this.offer(work, this.next++);
    }
    for (let back = this.comingBack.first(); back && back.atMs <= this.nowMs; back = this.comingBack.first()) {
      this.comingBack.remove(back);
      this.offer(back.work, back.nth);
    }
  }

  private offer(work: SimulatedWork, nth: number): void {
    if (this.waiting(work.lane) === 0) this.servedAtMs[work.lane] = this.nowMs;
    const verdict = this.schedulers[nth % this.schedulers.length]?.offer(work, this.nowMs);
    if (verdict?.isAccepted === false) this.refuse(work, 'refused', verdict.retryAfterMs);
  }

  private decide(at: number): void {
    this.result.decisions++;
    const decision = this.schedulers[at]?.decide(this.nowMs, (target) =>
      this.places.capacityOf(at, target, this.nowMs),
    );
    if (!decision) return;
    this.check(decision.wakeAtMs > this.nowMs, 'it wants to be woken now, again and again');
    this.wakesAtMs[at] = decision.wakeAtMs;
    this.dispatch(decision.dispatch, at);
    for (const work of decision.drop) this.end(work, 'dropped', this.nowMs);
    for (const { work, retryAfterMs } of decision.shed) this.refuse(work, 'shed', retryAfterMs);
  }

  private dispatch(groups: BatchDecision<SimulatedWork>['dispatch'], at: number): void {
    for (const { groupId, calls, tenantId, target, lane } of groups) {
      if (groupId > (this.lastGroups[at] ?? 0)) this.groups++;
      this.lastGroups[at] = Math.max(groupId, this.lastGroups[at] ?? 0);
      for (const { works } of calls) {
        const isOfGroup = (work: SimulatedWork): boolean =>
          work.tenantId === tenantId && work.target === target && work.lane === lane;
        this.check(works.every(isOfGroup), 'a call crosses tenants, targets or lanes');
        for (const work of works)
          this.check(work.deadlineAtMs - work.serviceMs >= this.nowMs, 'work was begun that cannot be done in time');
        const [asked] = works;
        if (!asked) throw new Error('a call has no work');
        const call = this.places.begin(at, { works, asked }, this.nowMs);
        this.check(call !== undefined || this.schedulers.length > 1, 'more calls than places');
        if (call) this.started({ works, asked }, call);
      }
    }
  }

  private started({ works, asked }: PlannedCall, call: SimulatedCall): void {
    this.inFlight.push({ heapIndex: -1, endsAtMs: call.endsAtMs, target: asked.target });
    const originals = works.map((work) => this.originals.get(work.id)?.work ?? work);
    this.result.calls.push({ ...call, works: originals, startedAtMs: this.nowMs });
    const gapMs = this.nowMs - this.servedAtMs[asked.lane];
    this.result.longestGapMs[asked.lane] = Math.max(this.result.longestGapMs[asked.lane], gapMs);
    this.servedAtMs[asked.lane] = this.nowMs;
    for (const work of works) {
      const isSame = work.fingerprint === asked.fingerprint || work.meaning === asked.meaning;
      this.check(work === asked || isSame, 'a call is shared by work of different meanings');
      this.end(work, 'answered', call.endsAtMs);
    }
  }

  /** Its caller comes back, or gives up. */
  private refuse(work: SimulatedWork, ending: 'refused' | 'shed', retryAfterMs: number): void {
    const known = this.originals.get(work.id);
    const { retries = 0 } = this.options;
    if (!known || retryAfterMs === 0 || known.tries > retries) return this.end(work, ending, this.nowMs, retryAfterMs);
    const atMs = this.nowMs + retryAfterMs;
    const again = { ...work, id: `${known.work.id}~${known.tries}`, arrivedAtMs: atMs };
    this.originals.delete(work.id);
    this.originals.set(again.id, { work: known.work, tries: known.tries + 1 });
    this.comingBack.push({ heapIndex: -1, atMs, work: again, nth: this.turn });
  }

  private end(work: SimulatedWork, ending: Ending, endsAtMs: number, retryAfterMs = 0): void {
    const known = this.originals.get(work.id);
    if (!known) throw new Error(`at ${this.nowMs} ms: work ${work.id} ends twice`);
    this.originals.delete(work.id);
    this.ended.add(known.work.id);
    const latencyMs = endsAtMs - known.work.arrivedAtMs;
    const waitMs = this.nowMs - work.arrivedAtMs;
    this.result.outcomes.push({ work: known.work, ending, waitMs, latencyMs, retryAfterMs, tries: known.tries });
  }

  private waiting(lane: BatchLane): number {
    return this.schedulers.reduce((sum, scheduler) => sum + scheduler.waiting(lane), 0);
  }

  private check(isTrue: boolean, what: string): void {
    if (!isTrue) throw new Error(`at ${this.nowMs} ms: ${what}`);
  }
}
