/** One timer for all waits of one length: those that began first end first. `start` gives a function that ends a wait; false: it had ended. */
export function createSharedTimeout(timeoutMs: number) {
  interface Wait {
    dueAtMs: number;
    onTimeout: (() => void) | undefined;
  }
  const waits: Wait[] = [];
  let head = 0;
  let timer: NodeJS.Timeout | undefined;
  // What has come while this process was busy is read between the timer and the check: its lag is no lateness of the other side.
  const check = (): void => void setImmediate(tick);
  const tick = (): void => {
    timer = undefined;
    const nowMs = performance.now();
    for (; head < waits.length; head++) {
      const wait = waits[head] as Wait;
      if (wait.onTimeout === undefined) continue;
      if (wait.dueAtMs > nowMs) break;
      const { onTimeout } = wait;
      wait.onTimeout = undefined;
      onTimeout();
    }
    if (head > 1_024 || head === waits.length) {
      waits.splice(0, head);
      head = 0;
    }
    const next = waits[head];
    if (next) timer = setTimeout(check, Math.max(1, next.dueAtMs - nowMs));
  };
  return {
    start(onTimeout: () => void): () => boolean {
      const wait: Wait = { dueAtMs: performance.now() + timeoutMs, onTimeout };
      waits.push(wait);
      timer ??= setTimeout(check, timeoutMs);
      return () => {
        const isWaiting = wait.onTimeout !== undefined;
        wait.onTimeout = undefined;
        return isWaiting;
      };
    },
    stop: () => clearTimeout(timer),
  };
}
