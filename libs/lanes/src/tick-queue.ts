/**
 * Gathers what comes in one tick and hands it over as one batch; the next batch waits until the one before has been taken.
 * So a busy process sends few large batches and an idle one sends at once: no timer, no added wait.
 */
export interface TickQueue<T> {
  push(item: T): void;
  /** Items that wait or are being sent. */
  size(): number;
  /** Takes back what waits: it will not be sent. */
  takeWaiting(): T[];
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

/**
 * @param send takes a batch of at most `maxBatch` items; it must settle, and deal with its own failures
 */
export function createTickQueue<T>(send: (batch: T[]) => Promise<void>, maxBatch = 256): TickQueue<T> {
  let waiting: T[] = [];
  let sending = 0;
  let isScheduled = false;
  let idleWaiters: (() => void)[] = [];

  const flush = (): void => {
    isScheduled = false;
    if (sending > 0 || waiting.length === 0) return;
    const batch = waiting.length <= maxBatch ? waiting : waiting.slice(0, maxBatch);
    waiting = waiting.length <= maxBatch ? [] : waiting.slice(maxBatch);
    sending = batch.length;
    void send(batch).then(afterSend, afterSend);
  };
  const afterSend = (): void => {
    sending = 0;
    if (waiting.length > 0) flush();
    else if (idleWaiters.length > 0) {
      const resolved = idleWaiters;
      idleWaiters = [];
      for (const resolve of resolved) resolve();
    }
  };

  return {
    push(item) {
      waiting.push(item);
      if (isScheduled || sending > 0) return;
      isScheduled = true;
      setImmediate(flush);
    },
    size: () => waiting.length + sending,
    takeWaiting: () => {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    idle: () =>
      waiting.length + sending === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve)),
  };
}
