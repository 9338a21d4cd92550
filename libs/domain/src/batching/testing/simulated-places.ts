import type { TargetCapacity } from '../target-queue';
import { SimulatedProvider, type ProviderModel, type SimulatedCall } from './simulated-provider';
import type { SimulatedWork } from './simulated-work';

/** Spans in which no target has places. */
export type Outages = readonly { readonly fromMs: number; readonly toMs: number }[];

/** A call that a scheduler made and that is about to begin. */
export interface PlannedCall {
  readonly works: readonly SimulatedWork[];
  readonly asked: SimulatedWork;
}

/** A target's provider, and the calls that wait for a place of it because several schedulers gave the same one away. */
class Target {
  readonly provider: SimulatedProvider;
  readonly stream: PlannedCall[] = [];

  constructor(readonly model: ProviderModel) {
    this.provider = new SimulatedProvider(model);
  }

  get busy(): number {
    return this.provider.inFlight + this.stream.length;
  }
}

/** What one of several schedulers knows of the places: a while old, but for what it did itself. Until it looks again it takes its part of what was free, and no more. */
interface View {
  seenAtMs: number;
  /** Of what was free of a target's places, what is left of the scheduler's part. */
  readonly left: Map<string, number>;
  /** What was the others' part. */
  readonly others: Map<string, number>;
}

/**
 * The places of all targets. A single scheduler sees them as they are. Several see them once in a while, as batchers measure the dispatch streams, and each
 * takes its part of what is free, rounded up, since a place that nobody takes would be lost.
 */
export class SimulatedPlaces {
  /** The most calls that waited for a place of their target after they were dispatched. */
  longestStream = 0;
  private readonly targets: ReadonlyMap<string, Target>;
  private readonly views: readonly View[];

  constructor(
    providers: Readonly<Record<string, ProviderModel>>,
    schedulers: number,
    private readonly viewMs: number,
    private readonly outages: Outages,
  ) {
    this.targets = new Map(Object.entries(providers).map(([target, model]) => [target, new Target(model)]));
    this.views = Array.from({ length: schedulers }, () => ({
      seenAtMs: -Infinity,
      left: new Map(),
      others: new Map(),
    }));
  }

  /** When a scheduler looks at the places again. */
  looksAtMs(scheduler: number): number {
    return this.views.length === 1 ? Infinity : (this.views[scheduler]?.seenAtMs ?? 0) + this.viewMs;
  }

  /** When the next outage that is not over ends. */
  backAtMs(nowMs: number): number {
    return this.outages.reduce((first, { toMs }) => (toMs > nowMs ? Math.min(first, toMs) : first), Infinity);
  }

  capacityOf(scheduler: number, name: string, nowMs: number): TargetCapacity {
    const target = this.targets.get(name);
    this.look(scheduler, nowMs);
    const isOut = this.outages.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
    if (!target || isOut) return { freePlaces: 0, places: 0 };
    const { places } = target.model;
    if (this.views.length === 1) return { freePlaces: Math.max(0, places - target.busy), places };
    const view = this.views[scheduler];
    const others = { freePlaces: view?.others.get(name) ?? 0, allPlaces: places };
    return { freePlaces: Math.max(0, view?.left.get(name) ?? 0), places: this.partOf(places), others };
  }

  /** Begins a call, or has it wait for a place; gives the call where it begins. */
  begin(scheduler: number, call: PlannedCall, nowMs: number): SimulatedCall | undefined {
    const target = this.of(call);
    const { left } = this.views[scheduler] ?? { left: undefined };
    left?.set(call.asked.target, (left.get(call.asked.target) ?? 0) - 1);
    if (target.provider.inFlight < target.model.places) return target.provider.call(call.asked, nowMs);
    target.stream.push(call);
    this.longestStream = Math.max(this.longestStream, target.stream.length);
    return undefined;
  }

  /** A call ended; gives the one that takes its place. */
  end(name: string, nowMs: number): { planned: PlannedCall; call: SimulatedCall } | undefined {
    const target = this.targets.get(name);
    if (!target) return undefined;
    target.provider.inFlight--;
    const planned = target.stream.shift();
    return planned && { planned, call: target.provider.call(planned.asked, nowMs) };
  }

  private look(scheduler: number, nowMs: number): void {
    const view = this.views[scheduler];
    if (!view || nowMs < view.seenAtMs + this.viewMs) return;
    for (const [name, { busy, model }] of this.targets) {
      const part = this.partOf(model.places - busy);
      view.left.set(name, part);
      view.others.set(name, Math.max(0, model.places - busy - part));
    }
    view.seenAtMs = nowMs;
  }

  private partOf(places: number): number {
    return Math.ceil(Math.max(0, places) / this.views.length);
  }

  private of({ asked }: PlannedCall): Target {
    const target = this.targets.get(asked.target);
    if (!target) throw new Error(`there is no provider for ${asked.target}`);
    return target;
  }
}
