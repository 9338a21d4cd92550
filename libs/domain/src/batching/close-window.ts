/** What is known about the window of one tenant's work in one lane. */
export interface OpenWindow {
  /** Its first piece of work. */
  readonly arrivedAtMs: number;
  /** That work has to be dispatched by then. */
  readonly latestStartMs: number;
  readonly waiting: number;
  readonly size: number;
  readonly maxWaitMs: number;
  /** How much similar work is likely to come while the window is open; what is there already need not be waited for. */
  readonly expectedCompany: number;
}

/** From here on waiting pays: as likely as not one call is spared or a prefix is found cached. */
export const minCompany = 0.5;

/**
 * When a window closes, in epoch milliseconds: at once (a time that is over) where it is full or nothing similar is around, else when its time is over or
 * the deadline of its first work presses. Idle capacity, which closes every window, is the caller's to see.
 */
export function windowClosesAtMs(window: OpenWindow): number {
  if (window.waiting >= window.size || window.expectedCompany < minCompany) return window.arrivedAtMs;
  return Math.max(window.arrivedAtMs, Math.min(window.arrivedAtMs + window.maxWaitMs, window.latestStartMs));
}
