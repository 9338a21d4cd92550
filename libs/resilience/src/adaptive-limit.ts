import type { CancelSignal } from './cancellation';
import { DeadlineSweep, type Deadlined } from './deadline-sweep';

/** How a call ended, as far as the limit goes. `limited`: the provider said that it was asked too much (429, 529). */
export type LimitVerdict = 'success' | 'limited' | 'neutral';

/** Leave for one call, to be handed back through `release`. */
export interface Permit {
  readonly isGranted: true;
  /** Which of the limit's values the call was let in under: many calls that are turned down together lower it once. */
  readonly epoch: number;
}

export interface LimitRefusal {
  readonly isGranted: false;
  readonly reason: 'full' | 'blocked' | 'deadline' | 'cancelled';
  /** When it may be worth another try. */
  readonly retryAfterMs: number;
}

export interface AdaptiveLimitOptions {
  /** Calls in flight at the start. Default 256. */
  initialLimit?: number;
  /** Default 1,024. The least is 1. */
  maxLimit?: number;
  /** Calls that may wait. Default 128: each holds a place in the worker, which others need. */
  maxQueue?: number;
  /** No call waits longer, whatever its deadline. Default 30,000. */
  maxWaitMs?: number;
  /** What the deadlines of waiting calls are watched by; shared, so that there is one timer for all. */
  sweep?: DeadlineSweep;
  now?: () => number;
}

/** A limit is lowered to this share of itself. */
const DECREASE = 0.7;
/**
 * A round of successes adds this share of what the limit was lowered to, but one at the least: it is back where it was after 14 rounds
 * at any size. Answers take long, and so do rounds.
 */
const INCREASE = 1 / 32;
/** What a caller is told who finds the queue full and nothing else is known. */
const FULL_RETRY_MS = 1_000;
/** Longest span that `setTimeout` knows. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * How many calls to one model of one deployment may be in flight: a few more for each round of successes that used the limit, seven
 * tenths after a 429 or 529 (AIMD: Chiu and Jain 1989), and none at all before a `retry-after` is over. Until the first of these it grows
 * by one with each success (TCP's slow start: RFC 5681, 3.1). Neither latency nor the length of answers lowers it: long answers are no
 * overload. Calls over the limit wait in order of their coming.
 */
export class AdaptiveLimit {
  private readonly maxLimit: number;
  private readonly maxQueue: number;
  private readonly maxWaitMs: number;
  private readonly sweep: DeadlineSweep;
  private readonly now: () => number;
  private readonly waiting = new Set<Waiter>();
  /** What a round of successes adds; undefined until the limit has been lowered. */
  private perRound: number | undefined;
  private current: number;
  private running = 0;
  /** The same for all calls that are let in under one value: none is made per call. */
  private permit: Permit = { isGranted: true, epoch: 0 };
  private blockedUntilMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: AdaptiveLimitOptions = {}) {
    const { initialLimit = 256, maxLimit = 1_024, maxQueue = 128, maxWaitMs = 30_000, now = Date.now } = options;
    this.maxLimit = Math.max(1, maxLimit);
    this.maxQueue = maxQueue;
    this.maxWaitMs = maxWaitMs;
    this.now = now;
    this.sweep = options.sweep ?? new DeadlineSweep(20, now);
    this.current = Math.min(Math.max(1, initialLimit), this.maxLimit);
  }

  get limit(): number {
    return Math.floor(this.current);
  }

  get inFlight(): number {
    return this.running;
  }

  get queued(): number {
    return this.waiting.size;
  }

  /** How long no call may be made because the provider asked for it; 0 when it did not. */
  blockedForMs(nowMs: number): number {
    return Math.max(0, this.blockedUntilMs - nowMs);
  }

  /** Whether a call would be let through at once. */
  hasRoom(nowMs: number): boolean {
    return this.running < Math.floor(this.current) && nowMs >= this.blockedUntilMs && this.waiting.size === 0;
  }

  /** Lets a call through at once, or says no. Nobody is passed by: while others wait the answer is no. */
  tryAcquire(nowMs: number): Permit | undefined {
    if (!this.hasRoom(nowMs)) return undefined;
    this.running++;
    return this.permit;
  }

  /** Lets a call through when its turn comes. It is refused at once where that cannot be before its deadline, and when the queue is full. */
  acquire(deadlineAtMs: number, signal: CancelSignal): Permit | Promise<Permit | LimitRefusal> | LimitRefusal {
    const nowMs = this.now();
    const permit = this.tryAcquire(nowMs);
    if (permit) return permit;
    if (signal.aborted) return refusal('cancelled', 0);
    const blockedMs = this.blockedForMs(nowMs);
    const patienceMs = Math.min(deadlineAtMs - nowMs, this.maxWaitMs);
    if (blockedMs >= patienceMs) return refusal('blocked', blockedMs);
    if (this.waiting.size >= this.maxQueue) return refusal('full', Math.max(blockedMs, FULL_RETRY_MS));
    return new Promise((resolve) => {
      const waiter = new Waiter(nowMs + patienceMs, signal, resolve, (left) => this.leave(left));
      this.waiting.add(waiter);
      signal.addEventListener('abort', waiter);
      this.sweep.watch(waiter);
      this.wakeLater(nowMs);
    });
  }

  /**
   * Hands a permit back. With `limited` the limit falls, once for all calls that were let in under the same value, and with a
   * `retryAfterMs` nobody is let in before that time is over.
   */
  release(permit: Permit, verdict: LimitVerdict, retryAfterMs = 0): void {
    const wasUsed = this.running * 2 >= this.current;
    this.running--;
    if (verdict === 'limited') {
      if (permit.epoch === this.permit.epoch) {
        this.permit = { isGranted: true, epoch: permit.epoch + 1 };
        this.current = Math.max(1, Math.floor(this.current * DECREASE));
        this.perRound = Math.max(1, this.current * INCREASE);
      }
      if (retryAfterMs > 0) this.block(retryAfterMs);
    } else if (verdict === 'success' && wasUsed && this.current < this.maxLimit) {
      // A limit that is not used says nothing about what the provider bears.
      const more = this.perRound === undefined ? 1 : this.perRound / this.current;
      this.current = Math.min(this.maxLimit, this.current + more);
    }
    if (this.waiting.size > 0) this.serve();
  }

  private block(retryAfterMs: number): void {
    const nowMs = this.now();
    this.blockedUntilMs = Math.max(this.blockedUntilMs, nowMs + retryAfterMs);
    // Those whose time would be over by then hear it now.
    for (const waiter of this.waiting) {
      if (waiter.deadlineAtMs > this.blockedUntilMs) continue;
      this.leave(waiter);
      waiter.settle(refusal('blocked', this.blockedUntilMs - nowMs));
    }
  }

  private serve(): void {
    const nowMs = this.now();
    if (nowMs < this.blockedUntilMs) return this.wakeLater(nowMs);
    for (const waiter of this.waiting) {
      if (this.running >= Math.floor(this.current)) return;
      this.leave(waiter);
      this.running++;
      waiter.settle(this.permit);
    }
  }

  private leave(waiter: Waiter): void {
    this.waiting.delete(waiter);
    this.sweep.unwatch(waiter);
    waiter.signal.removeEventListener('abort', waiter);
    if (this.waiting.size > 0 || !this.timer) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Calls that wait for the end of a block have no call before them whose end would wake them. */
  private wakeLater(nowMs: number): void {
    const blockedMs = this.blockedForMs(nowMs);
    if (blockedMs === 0 || this.timer) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.serve();
      },
      Math.min(blockedMs, MAX_TIMER_MS),
    );
    this.timer.unref();
  }
}

class Waiter implements Deadlined {
  sweepIndex = -1;

  constructor(
    readonly deadlineAtMs: number,
    readonly signal: CancelSignal,
    readonly settle: (outcome: Permit | LimitRefusal) => void,
    private readonly leave: (waiter: Waiter) => void,
  ) {}

  onDeadline(): void {
    this.leave(this);
    this.settle(refusal('deadline', FULL_RETRY_MS));
  }

  /** The request's signal has been aborted. */
  handleEvent(): void {
    this.leave(this);
    this.settle(refusal('cancelled', 0));
  }
}

const refusal = (reason: LimitRefusal['reason'], retryAfterMs: number): LimitRefusal => ({
  isGranted: false,
  reason,
  retryAfterMs: Math.ceil(retryAfterMs),
});
