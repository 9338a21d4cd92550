import fc from 'fast-check';
import { complementOfDecimal, formatDecimal, multiplyDecimalStrings, parseDecimal, shiftDecimal } from './decimal';
import { MoneyError } from './money-error';

describe('decimals', () => {
  it.each([
    ['0.15', '0.15'],
    ['12', '12'],
    ['1.50', '1.5'],
    ['1.5e-7', '0.00000015'],
    ['1E3', '1000'],
    ['0.0', '0'],
  ])('reads %s as %s', (text, plain) => {
    expect(formatDecimal(parseDecimal(text))).toBe(plain);
  });

  it.each(['', '-1', '.5', '1.', '0x10', 'NaN', '1e99', '1,5', ' 1', '1'.repeat(65)])('refuses %p', (text) => {
    expect(() => parseDecimal(text)).toThrow(MoneyError);
  });

  it('turns dollars per thousand into dollars per million by moving the point', () => {
    expect(formatDecimal(shiftDecimal(parseDecimal('0.00015'), 3))).toBe('0.15');
    expect(formatDecimal(shiftDecimal(parseDecimal('2'), 3))).toBe('2000');
  });

  it('multiplies without a rounding error where floats have one', () => {
    expect(0.1 * 3).not.toBe(0.3);
    expect(multiplyDecimalStrings('0.1', '3')).toBe('0.3');
  });

  it('takes a discount off and refuses one above 100 %', () => {
    expect(formatDecimal(complementOfDecimal(parseDecimal('0.4')))).toBe('0.6');
    expect(() => complementOfDecimal(parseDecimal('1.01'))).toThrow(/more than 1/);
  });

  it('reads every finite non-negative JSON number as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-20, max: 1e20, noNaN: true }), (number) => {
        expect(Number(formatDecimal(parseDecimal(String(number))))).toBe(number);
      }),
    );
  });
});
