import { CostlaneError, err, ok } from '@costlane/domain';
import type { Result } from '@costlane/domain';
import type { Logger } from './logger';
import type { Redis } from './redis';

export interface RedisBreakerOptions {
  redis: Pick<Redis, 'status' | 'ping' | 'on'>;
  /** An operation without an answer in this time fails and opens the breaker; exact to 20 ms. Default 50. */
  timeoutMs?: number;
  /** How often Redis is asked for a sign of life while the breaker is open; default 200. */
  probeIntervalMs?: number;
  logger?: Logger;
}

export interface RedisBreaker {
  /** True while Redis does not answer: {@link run} then fails without asking it. */
  readonly isOpen: boolean;
  /**
   * Runs Redis commands with the breaker's limit. A failed result says that no answer came in time: a write may still have happened
   * or happen later. Never rejects.
   */
  run<T>(operation: () => Promise<T>): Promise<Result<T, CostlaneError>>;
  onOpen(listener: () => void): void;
  onClose(listener: () => void): void;
  /** Stops the timers; for the end of the process. */
  dispose(): void;
}

type Settle = (result: Result<never, CostlaneError>) => void;

/** An operation that is under way, linked to its neighbours so that it can leave from anywhere and nothing finished is kept. */
class Operation {
  previous: Operation = this;
  next: Operation = this;

  constructor(
    readonly dueTick: number,
    readonly settle: Settle | undefined,
  ) {}

  /** Joins the ring of `head` as its last member. */
  join(head: Operation): void {
    this.previous = head.previous;
    this.next = head;
    head.previous.next = this;
    head.previous = this;
  }

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }
}

/**
 * Time is counted in turns of one coarse interval instead of a timer per operation. It also stands still while this process itself is
 * blocked, so that a long garbage collection is not taken for a dead Redis.
 */
const TICK_MS = 10;
/** The interval is stopped after a second without operations: an idle process is not woken. */
const IDLE_TICKS = 100;
const REPLY_ERROR_LOG_MS = 10_000;

/** Circuit breaker of one Redis connection, cheap enough for every request. */
export function createRedisBreaker(options: RedisBreakerOptions): RedisBreaker {
  return new TickingBreaker(options);
}

class TickingBreaker implements RedisBreaker {
  isOpen: boolean;
  private readonly redis: RedisBreakerOptions['redis'];
  private readonly logger: Logger | undefined;
  private readonly timeoutTicks: number;
  private readonly probeIntervalMs: number;
  private readonly openListeners: (() => void)[] = [];
  private readonly closeListeners: (() => void)[] = [];
  // A ring in the order of their deadlines, since all have the same limit; this member is its beginning and end.
  private readonly operations = new Operation(Infinity, undefined);
  private tick = 0;
  private idleTicks = 0;
  private interval: NodeJS.Timeout | undefined;
  private probeTimer: NodeJS.Timeout | undefined;
  private isProbing = false;
  private lastReplyErrorAtMs = -Infinity;

  constructor({ redis, logger, timeoutMs = 50, probeIntervalMs = 200 }: RedisBreakerOptions) {
    this.redis = redis;
    this.logger = logger;
    this.timeoutTicks = Math.ceil(timeoutMs / TICK_MS) + 1;
    this.probeIntervalMs = probeIntervalMs;
    this.isOpen = redis.status !== 'ready';
    redis.on('ready', () => this.probe());
    redis.on('close', () => this.open('the connection was lost'));
    if (this.isOpen) this.scheduleProbe();
  }

  run<T>(operation: () => Promise<T>): Promise<Result<T, CostlaneError>> {
    if (this.isOpen) return unavailable;
    if (this.redis.status !== 'ready') {
      this.open(`the connection is ${this.redis.status}`);
      return unavailable;
    }
    return new Promise((resolve) => {
      const entry = new Operation(this.tick + this.timeoutTicks, resolve);
      entry.join(this.operations);
      if (this.interval === undefined) this.startTicking();
      try {
        operation().then(
          (value) => {
            entry.leave();
            resolve(ok(value));
          },
          (error: unknown) => this.failed(entry, error),
        );
      } catch (error) {
        this.failed(entry, error);
      }
    });
  }

  onOpen(listener: () => void): void {
    this.openListeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.closeListeners.push(listener);
  }

  dispose(): void {
    clearInterval(this.interval);
    clearTimeout(this.probeTimer);
  }

  private startTicking(): void {
    this.idleTicks = 0;
    this.interval = setInterval(() => this.onTick(), TICK_MS);
    this.interval.unref();
  }

  private onTick(): void {
    this.tick += 1;
    const oldest = this.operations.next;
    if (oldest === this.operations) {
      this.onIdleTick();
      return;
    }
    this.idleTicks = 0;
    if (oldest.dueTick <= this.tick) this.open('a command was not answered in time');
  }

  private onIdleTick(): void {
    this.idleTicks += 1;
    if (this.idleTicks < IDLE_TICKS) return;
    clearInterval(this.interval);
    this.interval = undefined;
  }

  private failed(entry: Operation, error: unknown): void {
    entry.leave();
    entry.settle?.(err(this.toUnavailable(error)));
  }

  /** Answers come in order: what waits behind a late command is late, too, and fails with it. */
  private open(reason: string): void {
    if (!this.isOpen) {
      this.isOpen = true;
      this.logger?.warn({ reason }, 'redis breaker opened');
      for (const listener of this.openListeners) listener();
      this.scheduleProbe();
    }
    const { operations } = this;
    while (operations.next !== operations) {
      const waiting = operations.next;
      waiting.leave();
      waiting.settle?.(unavailableResult);
    }
  }

  private scheduleProbe(): void {
    clearTimeout(this.probeTimer);
    this.probeTimer = setTimeout(() => this.probe(), this.probeIntervalMs);
    this.probeTimer.unref();
  }

  /** One PING at a time; its answer closes the breaker however late it comes. */
  private probe(): void {
    if (!this.isOpen) return;
    this.scheduleProbe();
    if (this.isProbing || this.redis.status !== 'ready') return;
    this.isProbing = true;
    this.redis.ping().then(
      () => {
        this.isProbing = false;
        this.close();
      },
      () => {
        this.isProbing = false;
      },
    );
  }

  private close(): void {
    if (!this.isOpen) return;
    clearTimeout(this.probeTimer);
    this.isOpen = false;
    this.logger?.info('redis breaker closed');
    for (const listener of this.closeListeners) listener();
  }

  /** An error reply (out of memory, read only, loading) does not open the breaker, yet nobody is served by it. */
  private toUnavailable(error: unknown): CostlaneError {
    if (
      error instanceof Error &&
      error.name === 'ReplyError' &&
      Date.now() - this.lastReplyErrorAtMs > REPLY_ERROR_LOG_MS
    ) {
      this.lastReplyErrorAtMs = Date.now();
      this.logger?.warn({ reason: error.message }, 'redis answered with an error');
    }
    return new CostlaneError('unavailable', UNAVAILABLE_MESSAGE, { cause: error });
  }
}

const UNAVAILABLE_MESSAGE = 'Redis does not answer.';
// Shared: while the breaker is open a failure costs nothing.
const unavailableResult = err(new CostlaneError('unavailable', UNAVAILABLE_MESSAGE));
const unavailable = Promise.resolve(unavailableResult);
