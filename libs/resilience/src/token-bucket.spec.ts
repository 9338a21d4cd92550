import fc from 'fast-check';
import { TokenBucket } from './token-bucket';

describe('TokenBucket', () => {
  it('gives what there is, up to what is wanted, and refills evenly', () => {
    const bucket = new TokenBucket(10, 2, 0);
    expect(bucket.takeUpTo(4, 0)).toBe(4);
    expect(bucket.takeUpTo(100, 0)).toBe(6);
    expect(bucket.takeUpTo(1, 499)).toBe(0);
    expect(bucket.msUntil(1, 499)).toBe(1);
    expect(bucket.takeUpTo(1, 500)).toBe(1);
  });

  it('says that more than its capacity will never be there', () => {
    expect(new TokenBucket(2, 1, 0).msUntil(3, 0)).toBe(Infinity);
  });

  it('neither gives nor takes when the clock is set back', () => {
    const bucket = new TokenBucket(10, 1, 10_000);
    bucket.takeUpTo(10, 10_000);
    expect(bucket.takeUpTo(10, 0)).toBe(0);
    expect(bucket.takeUpTo(10, 1_000)).toBe(1);
  });

  it('never gives more than its capacity and what was refilled, however it is asked', () => {
    const asks = fc.array(fc.record({ wanted: fc.nat(50), afterMs: fc.nat(3_000) }), { maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 }), asks, (capacity, rate, list) => {
        const bucket = new TokenBucket(capacity, rate, 0);
        let nowMs = 0;
        let given = 0;
        for (const { wanted, afterMs } of list) {
          nowMs += afterMs;
          given += bucket.takeUpTo(wanted, nowMs);
          expect(given).toBeLessThanOrEqual(capacity + (nowMs / 1_000) * rate + 1e-6);
        }
      }),
    );
  });
});
