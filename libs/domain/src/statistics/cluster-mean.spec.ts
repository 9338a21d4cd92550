import fc from 'fast-check';
import { clusterMean, effectiveObservations, meanInterval, type ClusterSums } from './cluster-mean';
import { clustersNeeded, meanDifference } from './difference';

/** Sums of clusters given as lists of observations. */
const sumsOf = (clusters: readonly (readonly number[])[]): ClusterSums => {
  const filled = clusters.filter(({ length }) => length > 0);
  const rows = filled.map((values) => ({ n: values.length, y: values.reduce((sum, value) => sum + value, 0) }));
  const total = (of: (row: { n: number; y: number }) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    clusters: rows.length,
    observations: total(({ n }) => n),
    sum: total(({ y }) => y),
    sumOfSquares: total(({ y }) => y * y),
    sumOfProducts: total(({ y, n }) => y * n),
    sumOfSizeSquares: total(({ n }) => n * n),
  };
};
const two = () => 2;
const single = fc.double({ min: -1_000, max: 1_000, noNaN: true });

describe('mean of clustered observations', () => {
  it('is the usual mean with the usual standard error where each cluster has one observation', () => {
    const { mean, standardError, degreesOfFreedom } = clusterMean(sumsOf([[1], [2], [3], [4], [5]]));
    expect([mean, degreesOfFreedom]).toEqual([3, 4]);
    expect(standardError).toBeCloseTo(Math.sqrt(2.5 / 5), 12);
  });

  it('is known no better when every observation is there ten times over', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const once = clusterMean(sumsOf(values.map((value) => [value])));
    const often = clusterMean(sumsOf(values.map((value) => Array.from({ length: 10 }, () => value))));
    expect(often.mean).toBeCloseTo(once.mean, 12);
    expect(often.standardError).toBeCloseTo(once.standardError, 12);
  });

  it('has no error known of one cluster, none of equal ones, and no mean of nothing', () => {
    expect(clusterMean(sumsOf([[1, 2, 3]])).standardError).toBeNaN();
    expect(clusterMean(sumsOf([[0.1, 0.1], [0.1], [0.1, 0.1, 0.1]])).standardError).toBe(0);
    expect(clusterMean(sumsOf([])).mean).toBeNaN();
    expect(meanInterval(clusterMean(sumsOf([[1]])), 0.95, two)).toEqual({ low: NaN, high: NaN });
  });

  it('moves and stretches as its observations do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(single, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 20 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (clusters, factor) => {
          const before = clusterMean(sumsOf(clusters));
          const after = clusterMean(sumsOf(clusters.map((values) => values.map((value) => value * factor + 7))));
          const scale = 1 + Math.abs(before.mean) + before.standardError;
          expect(Math.abs(after.mean - (before.mean * factor + 7)) / scale).toBeLessThan(1e-6);
          expect(Math.abs(after.standardError - before.standardError * factor) / scale).toBeLessThan(1e-2);
        },
      ),
    );
  });
});

describe('observations that clustered ones are worth', () => {
  it('are the clusters where a cluster’s observations are all alike, and all where they are independent', () => {
    const alike = clusterMean(sumsOf([1, 2, 3, 4].map((value) => [value, value, value])));
    // Of the twelve, the variance with one less in the divisor: the clusters are worth what they are, nearly.
    expect(effectiveObservations(alike, 15 / 11)).toBeCloseTo(3.27, 1);
    const independent = clusterMean(sumsOf([[1], [2], [3], [4]]));
    expect(effectiveObservations(independent, 5 / 3)).toBeCloseTo(4, 12);
    expect(effectiveObservations(independent, 100)).toBe(4);
    expect(effectiveObservations(clusterMean(sumsOf([[0], [0], [0]])), 0)).toBe(3);
  });
});

describe('difference of two means', () => {
  const base = clusterMean(sumsOf([[1], [2], [3], [4], [5]]));
  const other = clusterMean(sumsOf([[2], [4], [6], [8], [10]]));

  it('is Welch’s, with Satterthwaite’s degrees of freedom', () => {
    const asked: number[] = [];
    const student = (_probability: number, degrees: number) => {
      asked.push(degrees);
      return 2;
    };
    const { value, low, high } = meanDifference(base, other, 0.95, student);
    const error = Math.sqrt(0.5 + 2);
    expect([value, low, high]).toEqual([3, 3 - 2 * error, 3 + 2 * error]);
    // 2.5² ÷ (0.5²/4 + 2²/4)
    expect(asked[0]).toBeCloseTo(5.882, 3);
  });

  it('is exact where nothing varies, and unknown where an error is', () => {
    const constant = clusterMean(sumsOf([[2], [2]]));
    expect(meanDifference(constant, constant, 0.95, two)).toEqual({ value: 0, low: 0, high: 0 });
    expect(meanDifference(clusterMean(sumsOf([[1]])), other, 0.95, two).low).toBeNaN();
  });

  it('needs four times the clusters for half the difference', () => {
    const options = {
      confidence: 0.95,
      power: 0.8,
      normal: (probability: number) => (probability > 0.9 ? 1.96 : 0.84),
    };
    const needed = clustersNeeded(base, other, 1, options);
    expect(needed).toBe(Math.ceil(2.8 * 2.8 * (2.5 + 10)));
    expect(clustersNeeded(base, other, 0.5, options)).toBe(Math.ceil(4 * 2.8 * 2.8 * 12.5));
    expect(clustersNeeded(base, other, 0, options)).toBe(Infinity);
  });
});
