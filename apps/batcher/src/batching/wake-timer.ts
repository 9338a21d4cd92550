export interface WakeTimer {
  /** Wakes at that time (epoch ms) unless another time is set before; Infinity: not at all. */
  set(atMs: number): void;
  clear(): void;
}

/** Beyond this a timer of Node's would fire at once. */
const MAX_WAIT_MS = 60_000;

/** One timer, which is made anew only where it would fire too late. One that fires too early costs a look. */
export function createWakeTimer(onWake: () => void): WakeTimer {
  let timer: NodeJS.Timeout | undefined;
  let armedForMs = Infinity;
  const clear = (): void => {
    clearTimeout(timer);
    timer = undefined;
    armedForMs = Infinity;
  };
  return {
    set(atMs) {
      if (atMs >= armedForMs) return;
      clear();
      if (atMs === Infinity) return;
      armedForMs = atMs;
      const fire = (): void => {
        clear();
        onWake();
      };
      timer = setTimeout(fire, Math.min(MAX_WAIT_MS, Math.max(1, Math.ceil(atMs - Date.now()))));
    },
    clear,
  };
}
