import fc from 'fast-check';
import { RecentQuantiles } from './recent-quantiles';

const ofAll = (durations: readonly number[]) => {
  const quantiles = new RecentQuantiles();
  for (const each of durations) quantiles.add(each);
  return quantiles;
};

describe('RecentQuantiles', () => {
  it('knows nothing without samples', () => {
    expect(new RecentQuantiles().quantileMs(0.95)).toBeUndefined();
  });

  it('is within 3 % of the exact quantile of a stretch of samples', () => {
    const durations = Array.from({ length: 100 }, (_, i) => 100 + 10 * ((i * 37) % 100));
    const quantiles = ofAll(durations);
    for (const [q, exact] of [
      [0.5, 590],
      [0.95, 1_040],
    ] as const) {
      const found = quantiles.quantileMs(q) ?? 0;
      // Later samples weigh more: by a few ranks at this length.
      expect(Math.abs(found / exact - 1)).toBeLessThan(0.06);
    }
  });

  it('follows a change and forgets what was before', () => {
    const quantiles = ofAll(Array.from({ length: 2_000 }, () => 100));
    for (let i = 0; i < 1_000; i++) quantiles.add(1_000);
    expect(quantiles.quantileMs(0.05)).toBeGreaterThan(900);
  });

  it('goes on for ever: weights that have grown are brought back', () => {
    const quantiles = ofAll(Array.from({ length: 30_000 }, (_, i) => (i % 2 === 0 ? 100 : 200)));
    expect(quantiles.quantileMs(0.25)).toBeLessThan(105);
    expect(quantiles.quantileMs(0.75)).toBeGreaterThan(190);
  });

  it('lies between the least and the largest sample and does not fall as q rises', () => {
    const durations = fc.array(fc.double({ min: 1, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
        const quantiles = ofAll(all);
        const found = quantiles.quantileMs(q) ?? 0;
        expect(found).toBeLessThanOrEqual(Math.max(...all) * 1.026);
        if (q > 0) expect(found).toBeGreaterThanOrEqual(Math.min(...all) / 1.026);
        expect(quantiles.quantileMs(1)).toBeGreaterThanOrEqual(found);
      }),
    );
  });
});
