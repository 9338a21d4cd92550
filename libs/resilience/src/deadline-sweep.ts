/** Something that ends at a fixed time unless it is done before. */
export interface Deadlined {
  readonly deadlineAtMs: number;
  /** Called once, up to a sweep's interval late; the item has been removed by then. Must not throw. */
  onDeadline(): void;
}

/**
 * One coarse timer for all deadlines. Calls have deadlines of their own and nearly all finish before them: a timer for
 * each would cost two list operations in Node's timer heap per call, this costs two in a Set. The timer runs only while
 * something is watched, and does not keep the process alive.
 */
export class DeadlineSweep {
  private readonly watched = new Set<Deadlined>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intervalMs = 20,
    private readonly now: () => number = Date.now,
  ) {}

  watch(item: Deadlined): void {
    this.watched.add(item);
    if (this.timer === undefined) {
      this.timer = setInterval(() => this.sweep(), this.intervalMs);
      this.timer.unref();
    }
  }

  unwatch(item: Deadlined): void {
    this.watched.delete(item);
  }

  /** Forgets everything that is watched. */
  close(): void {
    this.watched.clear();
    this.stop();
  }

  private sweep(): void {
    if (this.watched.size === 0) {
      this.stop();
      return;
    }
    const nowMs = this.now();
    for (const item of this.watched) {
      if (item.deadlineAtMs > nowMs) continue;
      this.watched.delete(item);
      item.onDeadline();
    }
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
