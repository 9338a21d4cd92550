/**
 * Wait before retry number `retry` (from 1): exponential with full jitter (Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog 2015), but never less than a quarter, because what is retried at once has seldom recovered.
 */
export function jitteredDelayMs(
  retry: number,
  baseMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** (retry - 1));
  return Math.round(ceilingMs * (0.25 + 0.75 * random()));
}
