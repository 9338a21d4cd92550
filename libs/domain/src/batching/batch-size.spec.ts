import fc from 'fast-check';
import { nextBatchSize } from './batch-size';
import { seededRandom } from './testing/random';
import { createWindowSizer } from './window-sizer';

const bounds = { minSize: 1, maxSize: 64, targetP95Ms: 200 };

/** A wait that grows with the size: a fixed part, and so much for each piece of work. */
const plant = fc.record({
  fixedMs: fc.double({ min: 0, max: 120, noNaN: true }),
  perPieceMs: fc.double({ min: 0.5, max: 150, noNaN: true }),
});
const start = fc.double({ min: 1, max: 64, noNaN: true });

/** In the band, or as near as the bounds let it come. */
function isSettled(size: number, p95Ms: number): boolean {
  if (p95Ms > bounds.targetP95Ms) return size === bounds.minSize;
  return p95Ms >= 0.8 * bounds.targetP95Ms || size === bounds.maxSize;
}

describe('nextBatchSize', () => {
  it('goes up by a fifth below 0.8 of the target, down by a fifth above it, and stays in between', () => {
    expect(nextBatchSize(10, 159, bounds)).toBe(12);
    expect(nextBatchSize(10, 160, bounds)).toBe(10);
    expect(nextBatchSize(10, 200, bounds)).toBe(10);
    expect(nextBatchSize(10, 201, bounds)).toBe(8);
  });

  it('keeps to its bounds, and grows to the largest where there is no target', () => {
    expect(nextBatchSize(60, 1, bounds)).toBe(64);
    expect(nextBatchSize(1.1, 1_000, bounds)).toBe(1);
    expect(nextBatchSize(60, 1e9, { ...bounds, targetP95Ms: Infinity })).toBe(64);
  });

  it('comes to rest within 40 steps, wherever it begins, and stays there', () => {
    fc.assert(
      fc.property(plant, start, ({ fixedMs, perPieceMs }, first) => {
        const waitOf = (size: number): number => fixedMs + perPieceMs * size;
        let size = first;
        for (let step = 0; step < 40; step++) size = nextBatchSize(size, waitOf(size), bounds);
        expect(isSettled(size, waitOf(size))).toBe(true);
        expect(nextBatchSize(size, waitOf(size), bounds)).toBe(size);
      }),
    );
  });

  it('stays near the band under a noise of a tenth', () => {
    fc.assert(
      fc.property(plant, start, fc.integer(), ({ perPieceMs }, first, seed) => {
        const random = seededRandom(seed);
        let size = first;
        for (let step = 0; step < 100; step++) {
          size = nextBatchSize(size, perPieceMs * size * (0.9 + 0.2 * random.next()), bounds);
          if (step < 40 || size === bounds.minSize || size === bounds.maxSize) continue;
          const trueP95Ms = perPieceMs * size;
          // One step beyond where noise makes a good value look bad.
          expect(trueP95Ms).toBeGreaterThan((200 / 1.1) * 0.8 * 0.8);
          expect(trueP95Ms).toBeLessThan((160 / 0.9) * 1.2 * 1.2);
        }
      }),
    );
  });
});

describe('createWindowSizer', () => {
  it('settles though waits are known only long after the size that made them', () => {
    fc.assert(
      fc.property(fc.double({ min: 6, max: 60, noNaN: true }), fc.integer(), (perPieceMs, seed) => {
        const random = seededRandom(seed);
        const sizer = createWindowSizer(bounds);
        const late: { arrivedAtMs: number; waitMs: number }[] = [];
        const sizes: number[] = [];
        for (let round = 0; round < 400; round++) {
          const nowMs = round * 1_000;
          for (let each = 0; each < 40; each++)
            late.push({ arrivedAtMs: nowMs + each, waitMs: perPieceMs * sizer.size() * (0.98 + 0.02 * random.next()) });
          // What is seen now arrived five rounds ago.
          for (const { arrivedAtMs, waitMs } of round < 5 ? [] : late.splice(0, 40))
            sizer.observe(arrivedAtMs, arrivedAtMs + waitMs);
          sizer.adjust(nowMs + 999);
          sizes.push(sizer.size());
        }
        // Sizes are whole where they are used: where the band lies between two of them, they take turns.
        const [least, most] = [Math.min(...sizes.slice(-100)), Math.max(...sizes.slice(-100))];
        expect(most - least).toBeLessThanOrEqual(1);
        expect(perPieceMs * least).toBeLessThanOrEqual(200 / 0.98);
        expect(perPieceMs * most).toBeGreaterThanOrEqual(160);
      }),
      { numRuns: 30 },
    );
  });

  it('does nothing on a handful of waits', () => {
    const sizer = createWindowSizer({ ...bounds, minSize: 4 });
    for (let each = 0; each < 19; each++) sizer.observe(0, 1);
    sizer.adjust(10);
    expect(sizer.size()).toBe(4);
    sizer.observe(0, 1);
    sizer.adjust(10);
    expect(sizer.size()).toBe(5);
  });
});
