import fc from 'fast-check';
import { nextShedLevel, retryAfterMs, StandingWait } from './shed-level';

const calm = { isOver: false, isUsed: true };
const over = { isOver: true, isUsed: true };

describe('nextShedLevel', () => {
  it('refuses batch first, then standard, express last, and takes it back in the reverse order', () => {
    const pressed = { express: over, standard: over, batch: over };
    const relieved = { express: calm, standard: calm, batch: calm };
    const levels: number[] = [];
    let level = 0;
    for (const pressures of [pressed, pressed, pressed, pressed, relieved, relieved, relieved, relieved])
      levels.push((level = nextShedLevel(level, pressures)));
    expect(levels).toEqual([1, 2, 3, 3, 2, 1, 0, 0]);
  });

  it('goes no further than the lane that is overloaded', () => {
    expect(nextShedLevel(1, { express: calm, standard: calm, batch: over })).toBe(1);
    expect(nextShedLevel(3, { express: calm, standard: over, batch: over })).toBe(2);
  });

  it('passes over lanes that nobody uses', () => {
    const unused = { isOver: false, isUsed: false };
    expect(nextShedLevel(0, { express: over, standard: unused, batch: unused })).toBe(3);
  });
});

describe('StandingWait', () => {
  it('takes a queue for overloaded only when its smallest wait stays above the target', () => {
    const wait = new StandingWait();
    wait.observe(500);
    wait.observe(20);
    wait.endInterval(400, 100);
    expect(wait.isOver).toBe(false);
    wait.observe(500);
    wait.endInterval(400, 100);
    expect(wait.isOver).toBe(true);
  });

  it('goes by the oldest work where nothing left, and keeps its mind where nothing is known', () => {
    const wait = new StandingWait();
    wait.endInterval(50, 100);
    expect(wait.isOver).toBe(false);
    wait.endInterval(150, 100);
    expect(wait.isOver).toBe(true);
    wait.endInterval(undefined, 100);
    expect(wait.isOver).toBe(true);
    wait.observe(5);
    wait.endInterval(undefined, 100);
    expect(wait.isOver).toBe(false);
  });
});

describe('retryAfterMs', () => {
  it('is whole seconds from 1 to 30, and as long as the excess takes to be served', () => {
    expect(retryAfterMs(5_200, 200, 0)).toBe(5_000);
    expect(retryAfterMs(5_200, 200, 0.999)).toBe(7_000);
    expect(retryAfterMs(Infinity, 200, 0)).toBe(30_000);
    fc.assert(
      fc.property(
        fc.double({ min: 0, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (waitMs, draw) => {
          const afterMs = retryAfterMs(waitMs, 100, draw);
          expect(afterMs % 1_000).toBe(0);
          expect(afterMs).toBeGreaterThanOrEqual(1_000);
          expect(afterMs).toBeLessThanOrEqual(30_000);
        },
      ),
    );
  });
});
