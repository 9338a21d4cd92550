/** Decides whether a service that answers too late is asked at all: a slow one must not make every request slow. */
export interface LatePause {
  /** Whether to ask now. While it pauses only one request at a time finds out whether it is well again. */
  mayAsk(): boolean;
  answered(): void;
  /** An answer did not come in time. Gives how long the pause is that begins with it; undefined: none does. */
  late(): number | undefined;
}

/** Moments in a row at which answers were late. Many that are late together are one moment: a short stall holds up all that are open. */
const LATE_MOMENTS = 4;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** `timeoutMs`: how long an answer is waited for, and so how far apart two moments are. */
export function createLatePause({
  timeoutMs,
  now = () => performance.now(),
}: {
  timeoutMs: number;
  now?: () => number;
}): LatePause {
  let moments = 0;
  let lastMomentMs = -Infinity;
  let pauseMs = FIRST_PAUSE_MS;
  let pausedUntilMs: number | undefined;
  let isProbing = false;
  return {
    mayAsk() {
      if (pausedUntilMs === undefined) return true;
      if (isProbing || now() < pausedUntilMs) return false;
      isProbing = true;
      return true;
    },
    answered() {
      moments = 0;
      pauseMs = FIRST_PAUSE_MS;
      pausedUntilMs = undefined;
      isProbing = false;
    },
    late() {
      const nowMs = now();
      if (nowMs - lastMomentMs >= timeoutMs) moments++;
      else if (!isProbing) return undefined;
      lastMomentMs = nowMs;
      if (pausedUntilMs === undefined && moments < LATE_MOMENTS) return undefined;
      // Those that were open when the pause began end in it, and are no news.
      if (pausedUntilMs !== undefined && !isProbing) return undefined;
      isProbing = false;
      const begun = pauseMs;
      pausedUntilMs = nowMs + begun;
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      return begun;
    },
  };
}
