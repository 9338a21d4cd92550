import fc from 'fast-check';
import { rateDifference } from './difference';
import { clusterRate, wilsonInterval } from './rate';

const z = 1.959964;
const quantiles = { normal: () => z, student: () => z };

describe('Wilson’s interval', () => {
  it.each([
    // Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d is that of the literature', (hits, observations, low, high) => {
    const interval = wilsonInterval(hits / observations, observations, z);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('lies within 0 and 1 around the rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.5, max: 1e9, noNaN: true }),
        (rate, n) => {
          const { low, high } = wilsonInterval(rate, n, z);
          expect(low >= 0 && low <= rate + 1e-12 && high >= rate - 1e-12 && high <= 1).toBe(true);
        },
      ),
    );
  });
});

describe('Newcombe’s difference', () => {
  const rateOf = (hits: number, n: number) => ({ rate: hits / n, ...wilsonInterval(hits / n, n, z) });

  it.each([
    // Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [10, 10, 0, 10, 0.6075, 1],
    [0, 10, 0, 10, -0.2775, 0.2775],
  ])('of %d/%d and %d/%d is that of the literature', (a, n, b, m, low, high) => {
    const difference = rateDifference(rateOf(b, m), rateOf(a, n));
    expect(difference.low).toBeCloseTo(low, 4);
    expect(difference.high).toBeCloseTo(high, 4);
  });
});

describe('rate of clustered observations', () => {
  it('is Wilson’s where each cluster has one', () => {
    const sums = { clusters: 20, observations: 20, sum: 6, sumOfSquares: 6, sumOfProducts: 6, sumOfSizeSquares: 20 };
    const { low, high } = clusterRate(sums, 0.95, quantiles);
    const plain = wilsonInterval(0.3, 19, z);
    expect(low).toBeCloseTo(plain.low, 12);
    expect(high).toBeCloseTo(plain.high, 12);
  });

  it('is wider where some users have all the errors, and never narrower than without users', () => {
    // Of 20 users with ten requests each, two fail all the time; then the same errors one by one.
    const sizes = { clusters: 20, observations: 200, sum: 20, sumOfProducts: 200, sumOfSizeSquares: 2_000 };
    const bunched = clusterRate({ ...sizes, sumOfSquares: 200 }, 0.95, quantiles);
    const spread = clusterRate({ ...sizes, sumOfSquares: 20 }, 0.95, quantiles);
    const plain = wilsonInterval(0.1, 200, z);
    expect(bunched.high - bunched.low).toBeGreaterThan(2 * (plain.high - plain.low));
    // Without any variation between users only their number counts.
    expect(spread.high - spread.low).toBeGreaterThanOrEqual(plain.high - plain.low);
  });

  it('without an error is bounded by the users that were seen, and unknown of one user', () => {
    const none = {
      clusters: 20,
      observations: 2_000,
      sum: 0,
      sumOfSquares: 0,
      sumOfProducts: 0,
      sumOfSizeSquares: 2e5,
    };
    expect(clusterRate(none, 0.95, quantiles).high).toBeCloseTo(0.1611, 4);
    expect(clusterRate({ ...none, clusters: 1 }, 0.95, quantiles).high).toBeNaN();
  });
});
