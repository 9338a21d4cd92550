import fc from 'fast-check';
import { divideRounded, ratio, usd, usdPer } from './usd';

describe('amounts in reports', () => {
  it('are exact, small and beyond 2^53 alike', () => {
    expect(usd(0n)).toBe('0.000000000');
    expect(usd(-1n)).toBe('-0.000000001');
    expect(usd(123_450n)).toBe('0.000123450');
    expect(usd(12_345_678_901_234_567_890n)).toBe('12345678901.234567890');
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (amount) => {
        const text = usd(amount);
        expect(text).toMatch(/^-?\d+\.\d{9}$/);
        expect(BigInt(text.replace('.', ''))).toBe(amount);
      }),
    );
  });

  it('are rounded to the nano-dollar where they are divided, halves away from zero', () => {
    expect([5n, -5n, 4n, -4n].map((amount) => divideRounded(amount, 10n))).toEqual([1n, -1n, 0n, 0n]);
    expect(usdPer(10n, 3)).toBe('0.000000003');
    expect(usdPer(10n, 0)).toBeNull();
    expect(ratio(1, 3)).toBe(0.333333);
    expect(ratio(1n, 0n)).toBeNull();
  });
});
