import { decimalsFor, dollars, factsOf, formatColumn, nanoUsdOf, percent, tableOf, titleOf } from './cli-format.mjs';

describe('amounts on the terminal', () => {
  test('are rounded half away from zero from exact nano-dollars, however large', () => {
    expect(dollars(1_234_567_895_000_000n)).toBe('$1,234,567.90');
    expect(dollars(-5_000_000n)).toBe('−$0.01');
    expect(dollars(9_007_199_254_740_993_005_000_000n)).toBe('$9,007,199,254,740,993.01');
    expect(dollars(12_345_678n, 4)).toBe('$0.0123');
  });

  test('are never shown as nothing where they are something', () => {
    expect(dollars(1n)).toBe('<$0.01');
    expect(dollars(-1n, 4)).toBe('−<$0.0001');
    expect(dollars(0n)).toBe('$0.00');
  });

  test('of a column have as many decimals as its largest needs', () => {
    expect(decimalsFor([1n, 2_500_000_000n])).toBe(2);
    expect(decimalsFor([20_000_000n])).toBe(4);
    expect(decimalsFor([900n])).toBe(6);
    expect(decimalsFor([])).toBe(2);
  });

  test.each([
    ['12.5', 12_500_000_000n],
    ['-0.000000001', -1n],
    ['1e3', undefined],
    ['', undefined],
    ['NaN', undefined],
  ])('are read exactly: "%s"', (text, nano) => expect(nanoUsdOf(text)).toBe(nano));
});

describe('columns', () => {
  test('look as their names say', () => {
    expect(formatColumn('paid_usd', ['1.000000000', null])).toEqual(['$1.00', '–']);
    expect(formatColumn('paid_nano_usd', ['1500000000'])).toEqual(['$1.50']);
    expect(formatColumn('hit_rate', [0.256, null])).toEqual(['25.6 %', '–']);
    expect(formatColumn('started_at', ['2026-11-27T08:30:00.000Z'])).toEqual(['2026-11-27 08:30']);
    expect(formatColumn('requests', [12_345])).toEqual(['12,345']);
    expect(formatColumn('mean_latency_ms', [812.4])).toEqual(['812']);
    expect(formatColumn('user_id', ['12'])).toEqual(['12']);
    expect(percent(-0.5)).toBe('−50.0 %');
    expect(percent(-0.00001)).toBe('0.0 %');
    expect(formatColumn('roi', [47_479.515, 3.14159])).toEqual(['47,480', '3.14']);
    expect(titleOf('savings_cache_usd')).toBe('savings cache');
  });

  test('stand below each other, with amounts that nobody can read as a number shown as they are', () => {
    expect(tableOf([['paid_usd', 'paid']], [{ paid_usd: 'unknown' }], { isColoured: false, width: 80 })).toBe(
      'paid\nunknown',
    );
  });

  test('and facts show names that clients chose as plain text', () => {
    expect(factsOf({ user_id: 'ann\u001b[2J\nall is well', requests: 3 })).toBe(
      'user id   ann [2J all is well\nrequests  3',
    );
  });
});
