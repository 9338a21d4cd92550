/** What came in lately, forgotten by whole spans: adding costs nothing and no timer runs. */
export interface RecentWindow<T> {
  add(item: T): void;
  /** Everything of at least the last `spanMs`, at most twice that, oldest first. */
  items(): T[];
  clear(): void;
}

/** @param maxItems bound of a span; what comes beyond it in one span is not kept */
export function createRecentWindow<T>(spanMs: number, maxItems: number, now: () => number = Date.now): RecentWindow<T> {
  let before: T[] = [];
  let current: T[] = [];
  let startedAtMs = now();
  const slide = (): void => {
    const nowMs = now();
    if (nowMs - startedAtMs < spanMs) return;
    before = nowMs - startedAtMs < 2 * spanMs ? current : [];
    current = [];
    startedAtMs = nowMs;
  };
  return {
    add(item) {
      slide();
      if (current.length < maxItems) current.push(item);
    },
    items() {
      slide();
      return [...before, ...current];
    },
    clear() {
      before = [];
      current = [];
    },
  };
}
