/** Something that ends at a fixed time unless it is done before. */
export interface Deadlined {
  readonly deadlineAtMs: number;
  /** Its place among the watched; the sweep's own. -1 while it is not watched. */
  sweepIndex: number;
  /** Called once, up to a sweep's interval late; the item has been removed by then. Must not throw. */
  onDeadline(): void;
}

/**
 * One coarse timer for all deadlines. Calls have deadlines of their own and nearly all finish before them: a timer for
 * each would cost an insertion into and a removal from Node's timer lists per call. The timer runs only while something
 * is watched, and does not keep the process alive.
 *
 * The watched stand in an array that knows each one's place, not in a Set: V8 rebuilds the table of a Set that is added
 * to and deleted from all the time, the abandoned tables still refer to what was in them, and once one of them has become
 * old, all of it lives until the next full collection (a third of a call's CPU was garbage collection).
 */
export class DeadlineSweep {
  private readonly watched: Deadlined[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intervalMs = 20,
    private readonly now: () => number = Date.now,
  ) {}

  watch(item: Deadlined): void {
    item.sweepIndex = this.watched.length;
    this.watched.push(item);
    if (this.timer === undefined) {
      this.timer = setInterval(() => this.sweep(), this.intervalMs);
      this.timer.unref();
    }
  }

  unwatch(item: Deadlined): void {
    const place = item.sweepIndex;
    if (place < 0) return;
    item.sweepIndex = -1;
    const last = this.watched.pop();
    if (last === undefined || last === item) return;
    this.watched[place] = last;
    last.sweepIndex = place;
  }

  private sweep(): void {
    if (this.watched.length === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    const nowMs = this.now();
    // Those that are due are taken out first, since ending one may end or begin others.
    const due = this.watched.filter((item) => item.deadlineAtMs <= nowMs);
    for (const item of due) {
      if (item.sweepIndex < 0) continue;
      this.unwatch(item);
      item.onDeadline();
    }
  }
}
