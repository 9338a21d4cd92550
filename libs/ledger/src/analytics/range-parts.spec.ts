import fc from 'fast-check';
import { splitRange, type PartGrain } from './range-parts';

const HOUR_MS = 3_600_000;
const at = (text: string): number => new Date(text).getTime();
const shown = (from: string, to: string, coarsest: PartGrain) =>
  splitRange(at(from), at(to), coarsest).map((part) =>
    [part.grain, ...[part.from, part.to].map((ms) => new Date(ms).toISOString().slice(0, 13))].join(' '),
  );

describe('parts of a range', () => {
  it('are whole weeks from Monday on, days around them, and hours at the ends', () => {
    expect(shown('2026-10-29T07:00:00Z', '2026-11-27T19:00:00Z', 'week')).toEqual([
      'hour 2026-10-29T07 2026-10-30T00',
      'day 2026-10-30T00 2026-11-02T00',
      'week 2026-11-02T00 2026-11-23T00',
      'day 2026-11-23T00 2026-11-27T00',
      'hour 2026-11-27T00 2026-11-27T19',
    ]);
    expect(shown('2026-11-02T00:00:00Z', '2026-11-16T00:00:00Z', 'week')).toEqual(['week 2026-11-02T00 2026-11-16T00']);
    expect(shown('2026-11-03T00:00:00Z', '2026-11-15T00:00:00Z', 'week')).toEqual(['day 2026-11-03T00 2026-11-15T00']);
    expect(shown('2026-11-03T05:00:00Z', '2026-11-04T23:00:00Z', 'day')).toEqual(['hour 2026-11-03T05 2026-11-04T23']);
    expect(shown('2026-11-03T05:00:00Z', '2026-11-03T05:00:00Z', 'day')).toEqual([]);
  });

  it('follow each other from the beginning to the end, each of whole hours, days or weeks', () => {
    const hours = fc.integer({ min: 0, max: 600_000 });
    fc.assert(
      fc.property(
        hours,
        fc.integer({ min: 1, max: 9_600 }),
        fc.constantFrom('hour', 'day', 'week'),
        (first, length, coarsest) => {
          const [from, to] = [first * HOUR_MS, (first + length) * HOUR_MS];
          const parts = splitRange(from, to, coarsest);
          expect([parts[0]?.from, parts.at(-1)?.to]).toEqual([from, to]);
          for (const [i, part] of parts.entries()) {
            expect(part.to).toBeGreaterThan(part.from);
            expect(parts[i + 1]?.from ?? to).toBe(part.to);
            for (const edge of [new Date(part.from), new Date(part.to)]) {
              if (part.grain !== 'hour') expect(edge.getUTCHours()).toBe(0);
              if (part.grain === 'week') expect(edge.getUTCDay()).toBe(1);
            }
          }
          expect(parts.length).toBeLessThanOrEqual({ hour: 1, day: 3, week: 5 }[coarsest]);
        },
      ),
    );
  });
});
