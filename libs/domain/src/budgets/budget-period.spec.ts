import fc from 'fast-check';
import { budgetPeriods } from './budget';
import { periodEndMs, periodStartMs } from './budget-period';

const at = (text: string): number => Date.parse(text);

describe('the periods of budgets', () => {
  it('begin at midnight in UTC, weeks on Monday, months on their first day', () => {
    expect(periodStartMs('day', at('2026-03-01T23:59:59.999Z'))).toBe(at('2026-03-01T00:00:00Z'));
    expect(periodStartMs('week', at('2026-03-01T12:00:00Z'))).toBe(at('2026-02-23T00:00:00Z'));
    expect(periodStartMs('week', at('2026-03-02T00:00:00Z'))).toBe(at('2026-03-02T00:00:00Z'));
    expect(periodStartMs('month', at('2026-12-31T23:00:00Z'))).toBe(at('2026-12-01T00:00:00Z'));
    expect(periodEndMs('month', at('2026-12-01T00:00:00Z'))).toBe(at('2027-01-01T00:00:00Z'));
    expect(periodEndMs('month', at('2028-02-01T00:00:00Z'))).toBe(at('2028-03-01T00:00:00Z'));
  });

  it('follow one another without a gap', () => {
    const moments = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(fc.constantFrom(...budgetPeriods), moments, (period, atMs) => {
        const startMs = periodStartMs(period, atMs);
        const endMs = periodEndMs(period, startMs);
        expect(startMs <= atMs && atMs < endMs).toBe(true);
        expect(periodStartMs(period, endMs)).toBe(endMs);
        expect(periodStartMs(period, endMs - 1)).toBe(startMs);
      }),
    );
  });
});
