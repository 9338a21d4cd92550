import type { Call } from '../core/call';

/** A call, and how it goes on to a provider. */
export interface EarlyCall {
  call: Call;
  go: (call: Call) => void;
}

/** Calls that came before anything was known of budgets: they wait for that, but not for long. */
export class EarlyCalls {
  private waiting: EarlyCall[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param onLate the first of them has waited for long enough */
  constructor(
    private readonly waitMs: number,
    private readonly onLate: () => void,
  ) {}

  add(early: EarlyCall): void {
    this.waiting.push(early);
    this.timer ??= setTimeout(this.onLate, this.waitMs);
  }

  /** Lets all of them go on that somebody still waits for. */
  release(each: (early: EarlyCall) => void): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = [];
    for (const early of waiting) if (!early.call.isSettled) each(early);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
