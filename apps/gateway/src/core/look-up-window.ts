/** Decides whether a service that may answer too late is asked now: a slow one must not make every request slow, nor be buried in questions. */
export interface LookUpWindow {
  /** Whether to ask now; then it has to be told how that ended. While it is left alone only one request at a time finds out whether it is well again. */
  mayAsk(): boolean;
  answered(): void;
  /** An answer did not come in time. Gives how long the service is left alone from now on; undefined: it is not. */
  late(): number | undefined;
  /** Questions that may be open at a time. */
  size(): number;
}

/** Moments in a row at which answers were late. Many that are late together are one moment: a short stall holds up all that are open. */
const LATE_MOMENTS = 4;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const INITIAL_SIZE = 256;
const MAX_SIZE = 4_096;
/** At this size a service that is still late is left alone. */
const MIN_SIZE = 2;
const CUT = 0.5;

/**
 * As many questions are open as are answered in time: one more for each window's worth of answers, half as many after a late moment (additive
 * increase, multiplicative decrease). So a service that is slow for its load still answers the share that it can.
 *
 * @param timeoutMs how long an answer is waited for, and so how far apart two moments are
 */
export function createLookUpWindow({
  timeoutMs,
  now = () => performance.now(),
}: {
  timeoutMs: number;
  now?: () => number;
}): LookUpWindow {
  let open = 0;
  /** Most that were open at a time since the last late moment: where few are, the window does not say how many are too many. */
  let peak = 0;
  let size = INITIAL_SIZE;
  let moments = 0;
  let lastMomentMs = -Infinity;
  let pauseMs = FIRST_PAUSE_MS;
  let pausedUntilMs: number | undefined;
  let isProbing = false;

  const ended = (): void => void (open = Math.max(0, open - 1));
  const cut = (): void => {
    size = Math.max(MIN_SIZE, Math.min(size, peak) * CUT);
    peak = open;
  };

  return {
    mayAsk() {
      if (pausedUntilMs === undefined) {
        if (open >= Math.floor(size)) return false;
      } else if (isProbing || now() < pausedUntilMs) return false;
      else isProbing = true;
      peak = Math.max(peak, ++open);
      return true;
    },
    answered() {
      ended();
      moments = 0;
      pauseMs = FIRST_PAUSE_MS;
      pausedUntilMs = undefined;
      isProbing = false;
      size = Math.min(MAX_SIZE, size + 1 / size);
    },
    late() {
      const nowMs = now();
      const isNews = nowMs - lastMomentMs >= timeoutMs;
      if (isNews) cut();
      ended();
      if (isNews && size === MIN_SIZE) moments++;
      else if (!isProbing) {
        if (isNews) lastMomentMs = nowMs;
        return undefined;
      }
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
    size: () => Math.floor(size),
  };
}
