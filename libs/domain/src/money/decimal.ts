import { MoneyError } from './money-error';

/** A non-negative decimal number as `digits / 10^scale`, exact. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Longer than any price; keeps a hostile string from becoming a huge BigInt. */
const maxDecimalLength = 64;
const maxExponent = 30;
const decimalPattern = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a non-negative decimal such as `"0.075"`, `"12"` or `"1.5e-7"` (the form JSON numbers take) without loss.
 * @throws MoneyError `invalid_price` when the text is anything else.
 */
export function parseDecimal(text: string): Decimal {
  const match = text.length <= maxDecimalLength ? decimalPattern.exec(text) : null;
  const exponent = Number(match?.[3] ?? 0);
  if (!match || Math.abs(exponent) > maxExponent) {
    throw new MoneyError('invalid_price', `Not a non-negative decimal number: "${text.slice(0, maxDecimalLength)}"`);
  }
  const fraction = match[2] ?? '';
  return shiftDecimal({ digits: BigInt(`${match[1]}${fraction}`), scale: fraction.length }, exponent);
}

/** Moves the decimal point `places` to the right: from dollars per thousand to dollars per million is 3. */
export function shiftDecimal(value: Decimal, places: number): Decimal {
  const scale = value.scale - places;
  return scale >= 0 ? { digits: value.digits, scale } : { digits: value.digits * 10n ** BigInt(-scale), scale: 0 };
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** `1 - value`: what is left after a discount given as a fraction. */
export function complementOfDecimal(value: Decimal): Decimal {
  const digits = 10n ** BigInt(value.scale) - value.digits;
  if (digits < 0n) throw new MoneyError('invalid_price', 'A discount cannot be more than 1 (100 %)');
  return { digits, scale: value.scale };
}

/** Plain notation without needless zeros: `"0.075"`, `"12"`. */
export function formatDecimal(value: Decimal): string {
  const padded = value.digits.toString().padStart(value.scale + 1, '0');
  if (value.scale === 0) return padded;
  const whole = padded.slice(0, -value.scale);
  const fraction = padded.slice(-value.scale).replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : whole;
}

/** The product of two decimal strings, as a decimal string, exact. */
export function multiplyDecimalStrings(a: string, b: string): string {
  return formatDecimal(multiplyDecimals(parseDecimal(a), parseDecimal(b)));
}
