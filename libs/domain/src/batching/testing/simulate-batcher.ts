import type { BatchScheduler } from '../create-batch-scheduler';
import { IndexedHeap } from '../indexed-heap';
import { batchLanes, type BatchLane } from '../lanes';
import { SimulatedProvider, type ProviderModel, type SimulatedCall } from './simulated-provider';
import type { SimulatedWork } from './simulated-work';

export type Ending = 'answered' | 'dropped' | 'shed' | 'refused';

export interface Outcome {
  readonly work: SimulatedWork;
  readonly ending: Ending;
  /** From arrival to dispatch, or to the end where it was not dispatched. */
  readonly waitMs: number;
  /** From arrival to the answer. */
  readonly latencyMs: number;
  readonly retryAfterMs: number;
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
}

export interface SimulationOptions {
  /** In order of arrival. */
  readonly works: readonly SimulatedWork[];
  readonly providers: Readonly<Record<string, ProviderModel>>;
  readonly scheduler: Pick<BatchScheduler<SimulatedWork>, 'offer' | 'decide' | 'waiting'>;
  /** Spans in which no target has places. */
  readonly outages?: readonly { readonly fromMs: number; readonly toMs: number }[];
}

interface InFlight {
  heapIndex: number;
  endsAtMs: number;
  provider: SimulatedProvider;
}

/**
 * Runs a scheduler on a virtual clock: arrivals, ends of calls and the times at which it asked to be woken. Throws where it breaks what must always hold: places are never exceeded, work ends
 * once, calls are shared within one tenant and target only, nothing is begun that cannot be done in time, and it neither spins nor leaves anything behind.
 */
export function simulateBatcher(options: SimulationOptions): Run {
  return new Simulation(options).run();
}

class Simulation {
  private nowMs = 0;
  private next = 0;
  private wakeAtMs = Infinity;
  private readonly ended = new Set<string>();
  private readonly inFlight = new IndexedHeap<InFlight>((a, b) => a.endsAtMs < b.endsAtMs);
  private readonly providers = new Map<string, SimulatedProvider>();
  private readonly servedAtMs: Record<BatchLane, number> = { express: 0, standard: 0, batch: 0 };
  private readonly groupIds = new Set<number>();
  private readonly result = {
    outcomes: [] as Outcome[],
    calls: [] as CallRecord[],
    groups: 0,
    longestGapMs: { express: 0, standard: 0, batch: 0 },
    decisions: 0,
  };

  constructor(private readonly options: SimulationOptions) {
    for (const [target, model] of Object.entries(options.providers))
      this.providers.set(target, new SimulatedProvider(model));
  }

  run(): Run {
    for (;;) {
      const timeMs = this.nextTimeMs();
      if (timeMs === Infinity) break;
      this.check(timeMs >= this.nowMs, 'time goes back');
      this.nowMs = timeMs;
      this.endCalls();
      this.offerArrivals();
      this.decide();
    }
    this.check(this.ended.size === this.options.works.length, 'work was left behind');
    return this.result;
  }

  private nextTimeMs(): number {
    const arrivalMs = this.options.works[this.next]?.arrivedAtMs ?? Infinity;
    const endMs = this.inFlight.first()?.endsAtMs ?? Infinity;
    const outages = this.options.outages?.filter(({ toMs }) => toMs > this.nowMs) ?? [];
    const backMs = outages.reduce((first, { toMs }) => Math.min(first, toMs), Infinity);
    return Math.min(arrivalMs, endMs, this.wakeAtMs, backMs);
  }

  private endCalls(): void {
    for (let call = this.inFlight.first(); call && call.endsAtMs <= this.nowMs; call = this.inFlight.first()) {
      this.inFlight.remove(call);
      call.provider.inFlight--;
    }
  }

  private offerArrivals(): void {
    const { works, scheduler } = this.options;
    for (let work = works[this.next]; work && work.arrivedAtMs <= this.nowMs; work = works[this.next]) {
      this.next++;
      if (scheduler.waiting(work.lane) === 0) this.servedAtMs[work.lane] = this.nowMs;
      const verdict = scheduler.offer(work, this.nowMs);
      if (!verdict.isAccepted) this.end(work, 'refused', this.nowMs, verdict.retryAfterMs);
    }
  }

  private decide(): void {
    const { scheduler } = this.options;
    this.result.decisions++;
    const decision = scheduler.decide(this.nowMs, (target) => this.capacityOf(target));
    this.check(decision.wakeAtMs > this.nowMs, 'it wants to be woken now, again and again');
    this.wakeAtMs = decision.wakeAtMs;
    for (const { groupId, calls, tenantId, target, lane } of decision.dispatch) {
      this.groupIds.add(groupId);
      this.result.groups = this.groupIds.size;
      for (const { works } of calls) {
        const isOfGroup = (work: SimulatedWork): boolean =>
          work.tenantId === tenantId && work.target === target && work.lane === lane;
        this.check(works.every(isOfGroup), 'a call crosses tenants, targets or lanes');
        this.begin(works);
      }
    }
    for (const work of decision.drop) this.end(work, 'dropped', this.nowMs);
    for (const { work, retryAfterMs } of decision.shed) this.end(work, 'shed', this.nowMs, retryAfterMs);
    for (const lane of batchLanes) if (scheduler.waiting(lane) === 0) this.servedAtMs[lane] = this.nowMs;
  }

  private begin(works: readonly SimulatedWork[]): void {
    const [asked] = works;
    const provider = this.providers.get(asked?.target ?? '');
    if (!asked || !provider) throw new Error('a call has no work or no provider');
    const call = provider.call(asked, this.nowMs);
    this.check(provider.inFlight <= provider.model.places, 'more calls than places');
    this.inFlight.push({ heapIndex: -1, endsAtMs: call.endsAtMs, provider });
    this.result.calls.push({ ...call, works, startedAtMs: this.nowMs });
    const gapMs = this.nowMs - this.servedAtMs[asked.lane];
    this.result.longestGapMs[asked.lane] = Math.max(this.result.longestGapMs[asked.lane], gapMs);
    this.servedAtMs[asked.lane] = this.nowMs;
    for (const work of works) {
      this.check(work.deadlineAtMs - work.serviceMs >= this.nowMs, 'work was begun that cannot be done in time');
      const isSame = work.fingerprint === asked.fingerprint || work.meaning === asked.meaning;
      this.check(work === asked || isSame, 'a call is shared by work of different meanings');
      this.end(work, 'answered', call.endsAtMs);
    }
  }

  private end(work: SimulatedWork, ending: Ending, endsAtMs: number, retryAfterMs = 0): void {
    this.check(!this.ended.has(work.id), `work ${work.id} ends twice`);
    this.ended.add(work.id);
    const waitMs = this.nowMs - work.arrivedAtMs;
    this.result.outcomes.push({ work, ending, waitMs, latencyMs: endsAtMs - work.arrivedAtMs, retryAfterMs });
  }

  private capacityOf(target: string): { freePlaces: number; places: number } {
    const provider = this.providers.get(target);
    const isOut = this.options.outages?.some(({ fromMs, toMs }) => fromMs <= this.nowMs && this.nowMs < toMs);
    if (!provider || isOut) return { freePlaces: 0, places: 0 };
    return { freePlaces: provider.model.places - provider.inFlight, places: provider.model.places };
  }

  private check(isTrue: boolean, what: string): void {
    if (!isTrue) throw new Error(`at ${this.nowMs} ms: ${what}`);
  }
}
