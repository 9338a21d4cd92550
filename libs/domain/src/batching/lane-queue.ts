import type { BatchWork } from './batch-work';
import { windowClosesAtMs } from './close-window';
import { DecayedRate } from './decayed-rate';
import { FairOrder } from './fair-order';
import { IndexedHeap } from './indexed-heap';
import type { LaneSettings } from './lanes';
import type { LanePressure } from './shed-level';
import { TenantFlow, type FormedCall, type WaitingWork } from './tenant-flow';
import { createWindowSizer, type WindowSizer } from './window-sizer';

/** What is remembered of how fast a lane is served. Calls take seconds. */
const rateMemoryMs = 5_000;

/** One lane of one target: the tenants' flows, of which those wait whose window is open and the others stand in the fair order. */
export class LaneQueue<W extends BatchWork> {
  waiting = 0;
  waitingTokens = 0;
  readonly sizer: WindowSizer;
  /** Tokens served. */
  readonly served = new DecayedRate(rateMemoryMs);
  private wasOffered = false;
  private readonly flows = new Map<string, TenantFlow<W>>();
  private readonly held = new IndexedHeap<TenantFlow<W>>((a, b) => a.closesAtMs < b.closesAtMs);
  private readonly order = new FairOrder<TenantFlow<W>>((flow) => this.flows.delete(flow.tenantId));

  constructor(
    readonly settings: LaneSettings,
    private readonly weightOf: (tenantId: string) => number,
  ) {
    this.sizer = createWindowSizer(settings);
  }

  /** Tenants that are known: those who wait, and those who were served ahead of others. */
  get tenants(): number {
    return this.flows.size;
  }

  /** When the first held window closes. */
  get closesAtMs(): number {
    return this.held.first()?.closesAtMs ?? Infinity;
  }

  flowOf(tenantId: string): TenantFlow<W> | undefined {
    return this.flows.get(tenantId);
  }

  noteOffer(): void {
    this.wasOffered = true;
  }

  /** Puts work into its tenant's queue, and opens, keeps open or closes the window. */
  add(work: W, expectedCompany: number): WaitingWork<W> {
    const flow = this.flowFor(work.tenantId);
    const latestStartMs = work.deadlineAtMs - work.serviceMs;
    const entry: WaitingWork<W> = {
      work,
      flow,
      latestStartMs,
      heapIndex: -1,
      isGone: false,
      isListed: false,
      older: undefined,
      newer: undefined,
    };
    flow.add(entry);
    this.waiting++;
    this.waitingTokens += work.tokens;
    if (flow.state === 'ready') return entry;
    const { arrivedAtMs } = flow.oldest()?.work ?? work;
    const { maxWaitMs } = this.settings;
    const { waiting } = flow;
    const size = this.sizer.size();
    const closesAtMs = windowClosesAtMs({ arrivedAtMs, latestStartMs, waiting, size, maxWaitMs, expectedCompany });
    if (closesAtMs <= arrivedAtMs) this.makeReady(flow);
    else if (flow.state === 'idle') this.hold(flow, closesAtMs);
    return entry;
  }

  /** Closes the windows whose time is over by `nowMs`; all with Infinity. */
  closeWindows(nowMs: number): void {
    for (let flow = this.held.first(); flow && flow.closesAtMs <= nowMs; flow = this.held.first()) this.makeReady(flow);
  }

  /** Arrival of the work whose turn it is; undefined: none may be served. */
  nextArrivalMs(): number | undefined {
    return this.order.first()?.oldest()?.work.arrivedAtMs;
  }

  /** Takes the call whose turn it is, and charges its tenant for the one piece of work that is asked. */
  takeCall(
    maxSize: number,
    form: (window: WaitingWork<W>[]) => FormedCall<W>[],
    nowMs: number,
  ): FormedCall<W> | undefined {
    const flow = this.order.first();
    const call = flow?.nextCall(maxSize, form);
    const asked = call?.members[0]?.work;
    if (!flow || !call || !asked) return undefined;
    for (const { work } of call.members) {
      this.waiting--;
      this.waitingTokens -= work.tokens;
      this.sizer.observe(work.arrivedAtMs, nowMs);
      flow.wait.observe(nowMs - work.arrivedAtMs);
    }
    this.served.add(asked.tokens, nowMs);
    this.order.charge(flow, asked.tokens);
    if (flow.waiting === 0) this.rest(flow);
    return call;
  }

  /** Takes out work that is not served: dropped, shed or given up. */
  remove(entry: WaitingWork<W>): void {
    if (entry.isGone) return;
    const { flow, work } = entry;
    flow.take(entry);
    this.waiting--;
    this.waitingTokens -= work.tokens;
    if (flow.waiting === 0) this.rest(flow);
  }

  /**
   * How long new work of a tenant would wait: until the others have been served what it was ahead of them, and what it has waiting, with theirs in between.
   *
   * @param tokensPerMs at which the lane is served
   */
  expectedWaitMs(tenantId: string, tokensPerMs: number): number {
    const flow = this.flows.get(tenantId);
    if (!flow || this.waiting === 0) return 0;
    const others = Math.max(1, this.order.readyFlows + this.held.size);
    const turnsTokens = (this.order.lead(flow) * flow.weight + flow.waitingTokens) * others;
    return Math.min(this.waitingTokens, turnsTokens) / tokensPerMs;
  }

  /** Ends an interval of the control of waits: judges each queue, and moves the window's size. */
  endInterval(nowMs: number): LanePressure {
    let isOver = false;
    for (const flow of this.flows.values()) {
      const oldest = flow.oldest();
      const oldestWaitMs = oldest && nowMs - oldest.work.arrivedAtMs;
      flow.wait.endInterval(oldestWaitMs, this.settings.shedWaitMs);
      isOver ||= flow.wait.isOver;
    }
    this.sizer.adjust(nowMs);
    const isUsed = this.waiting > 0 || this.wasOffered;
    this.wasOffered = false;
    return { isOver, isUsed };
  }

  /** Flows that are overloaded. */
  *overloaded(): Generator<TenantFlow<W>> {
    for (const flow of this.flows.values()) if (flow.wait.isOver) yield flow;
  }

  private flowFor(tenantId: string): TenantFlow<W> {
    const known = this.flows.get(tenantId);
    if (known) return known;
    const flow = new TenantFlow<W>(tenantId, this.weightOf(tenantId));
    this.flows.set(tenantId, flow);
    return flow;
  }

  private hold(flow: TenantFlow<W>, closesAtMs: number): void {
    this.order.withdraw(flow);
    flow.state = 'held';
    flow.closesAtMs = closesAtMs;
    this.held.push(flow);
  }

  private makeReady(flow: TenantFlow<W>): void {
    if (flow.state === 'held') this.held.remove(flow);
    flow.state = 'ready';
    this.order.enter(flow);
  }

  private rest(flow: TenantFlow<W>): void {
    if (flow.state === 'held') this.held.remove(flow);
    flow.state = 'idle';
    this.order.leave(flow);
  }
}
