// The time of the product's code in a replay. The bundle has these instead of the globals of the same names, so that lifetimes of an hour pass
// in no time, and at the same requests in every run.

/** Far from the real time, so that code which escaped the replacement shows itself by expired entries. */
const startMs = globalThis.Date.UTC(2100, 0, 1);

let nowMs = startMs;
let timers = [];
let lastId = 0;

const add = (run, delayMs, everyMs) => {
  const timer = { id: ++lastId, atMs: nowMs + Math.max(1, delayMs ?? 0), everyMs, run };
  timers.push(timer);
  return { id: timer.id, ref: () => undefined, unref: () => undefined };
};
const remove = (handle) => {
  timers = timers.filter(({ id }) => id !== handle?.id);
};

export const setTimeout = (run, delayMs, ...rest) => add(() => run(...rest), delayMs);
export const setInterval = (run, everyMs, ...rest) => add(() => run(...rest), everyMs, Math.max(1, everyMs));
export const clearTimeout = remove;
export const clearInterval = remove;

export const performance = { now: () => nowMs };

export const Date = class extends globalThis.Date {
  constructor(...values) {
    super(...(values.length === 0 ? [nowMs] : values));
  }

  static now() {
    return nowMs;
  }
};

export const clock = {
  startMs,
  nowMs: () => nowMs,
  /** Back to the start, with nothing to come. */
  reset() {
    nowMs = startMs;
    timers = [];
  },
  /** Runs what is due until then, in order. Going back is not possible. */
  advanceTo(ms) {
    for (;;) {
      let next;
      for (const timer of timers) if (timer.atMs <= ms && (!next || timer.atMs < next.atMs)) next = timer;
      if (!next) break;
      nowMs = Math.max(nowMs, next.atMs);
      if (next.everyMs === undefined) remove(next);
      else next.atMs += next.everyMs;
      next.run();
    }
    nowMs = Math.max(nowMs, ms);
  },
};
