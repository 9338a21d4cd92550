import fc from 'fast-check';
import { histogramQuantile, histogramQuantileInterval, type Bucket } from './histogram-quantile';

const even: Bucket[] = [
  { low: 0, high: 10, count: 50 },
  { low: 10, high: 20, count: 0 },
  { low: 20, high: 40, count: 50 },
];

describe('quantile of a histogram', () => {
  it('lies within its bucket in proportion', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => histogramQuantile(even, share))).toEqual([0, 5, 10, 30, 40]);
    expect(histogramQuantile([], 0.5)).toBeNaN();
    expect(histogramQuantile(even, 2)).toBe(40);
  });

  it('is off by no more than a bucket’s width from that of the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (values, share) => {
          const buckets = Array.from({ length: 100 }, (_, at) => ({
            low: at * 10,
            high: at * 10 + 10,
            count: values.filter((value) => Math.floor(value / 10) === at).length,
          }));
          const exact = [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? NaN;
          expect(Math.abs(histogramQuantile(buckets, share) - exact)).toBeLessThanOrEqual(10);
        },
      ),
    );
  });

  it('is known better with more observations', () => {
    const of = (observations: number) => histogramQuantileInterval(even, 0.25, { observations, z: 2 });
    expect(of(75)).toEqual({ low: 3, high: 7 });
    expect(of(300)).toEqual({ low: 4, high: 6 });
    expect(of(0.1)).toEqual({ low: 0, high: 40 });
  });
});
