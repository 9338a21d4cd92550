import fc from 'fast-check';
import { MoneyError } from './money-error';
import { addNanoUsd, formatUsd, nanoUsd, nanoUsdFromBigInt, parseUsd, subtractNanoUsd } from './nano-usd';

describe('nano-dollars', () => {
  it('are written as exact dollars with nine decimals', () => {
    expect(formatUsd(nanoUsd(123_450))).toBe('0.000123450');
    expect(formatUsd(nanoUsd(0))).toBe('0.000000000');
    expect(formatUsd(nanoUsd(12_000_000_001))).toBe('12.000000001');
    expect(formatUsd(nanoUsd(-1))).toBe('-0.000000001');
    expect(formatUsd(nanoUsd(Number.MAX_SAFE_INTEGER))).toBe('9007199.254740991');
  });

  it('are read from dollars exactly', () => {
    expect(parseUsd('0.000123450')).toBe(123_450);
    expect(parseUsd('30')).toBe(30_000_000_000);
    expect(parseUsd('-1.5')).toBe(-1_500_000_000);
    expect(parseUsd('0.1000000000000')).toBe(100_000_000);
  });

  it.each(['', '1e3', 'abc', '1.', '.5', '+1', '1,000', '0.0000000001', '$1'])('refuse %p as an amount', (text) => {
    expect(() => parseUsd(text)).toThrow(expect.objectContaining({ code: 'invalid_amount' }));
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuse %p as unsafe', (amount) => {
    expect(() => nanoUsd(amount)).toThrow(MoneyError);
  });

  it('refuse a sum, a difference and a parsed amount beyond 2^53 rather than round it', () => {
    const most = nanoUsd(Number.MAX_SAFE_INTEGER);
    expect(() => addNanoUsd(most, nanoUsd(1))).toThrow(expect.objectContaining({ code: 'unsafe_amount' }));
    expect(() => subtractNanoUsd(nanoUsd(-2), most)).toThrow(expect.objectContaining({ code: 'unsafe_amount' }));
    expect(() => parseUsd('9007199.254740992')).toThrow(expect.objectContaining({ code: 'unsafe_amount' }));
    expect(() => nanoUsdFromBigInt(-(2n ** 53n))).toThrow(expect.objectContaining({ code: 'unsafe_amount' }));
  });

  it('have no negative zero', () => {
    expect(Object.is(nanoUsd(-0), 0)).toBe(true);
  });

  it('survive being written and read, whatever the amount', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (amount) => {
        expect(parseUsd(formatUsd(nanoUsd(amount)))).toBe(amount === 0 ? 0 : amount);
      }),
    );
  });
});
