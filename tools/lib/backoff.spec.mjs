import { countFailures, firstDelayMs, healthyAfterMs, longestDelayMs, restartDelayMs } from './backoff.mjs';

describe('restart back-off', () => {
  test('the delay doubles from a quarter of a second up to ten seconds', () => {
    expect([1, 2, 3, 4].map(restartDelayMs)).toEqual([firstDelayMs, 500, 1_000, 2_000]);
    expect(restartDelayMs(50)).toBe(longestDelayMs);
  });

  test('a process that lived long enough starts counting anew', () => {
    expect(countFailures(5, 100)).toBe(6);
    expect(countFailures(5, healthyAfterMs)).toBe(1);
    expect(countFailures(0, 0)).toBe(1);
  });
});
