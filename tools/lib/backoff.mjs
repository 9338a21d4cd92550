// When a process that died is started again.

export const firstDelayMs = 250;
export const longestDelayMs = 10_000;
/** A process that has run this long counts as healthy again: its next death is its first. */
export const healthyAfterMs = 30_000;

/** How long to wait before the restart after `failures` deaths in a row (1 for the first): 250 ms, doubled each time, up to 10 s. */
export function restartDelayMs(failures) {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, failures - 1));
}

/** The number of deaths in a row, given the number before and how long the process lived this time. */
export function countFailures(failuresBefore, livedMs) {
  return livedMs >= healthyAfterMs ? 1 : failuresBefore + 1;
}
