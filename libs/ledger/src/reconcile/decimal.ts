import { refuse } from './usage-row';

const decimalPattern = /^(-?)(\d{1,15})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;
/** Of a nano-dollar; one cent is two places less. */
const NANO_PLACES = 9;

/**
 * An amount of dollars (or cents) as nano-dollars, from its decimal digits and not by way of a float; what is smaller than a nano-dollar is rounded, half away from
 * zero. A JSON number is taken as it is written shortest, which are the digits that were sent where these are 15 or fewer.
 */
export function nanoUsdFrom(value: unknown, place: string, unit: 'usd' | 'cents' = 'usd'): bigint {
  const match = decimalPattern.exec(
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '',
  );
  if (!match) return refuse(place, 'has to be an amount, as a number or decimal text.');
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const places = NANO_PLACES - (unit === 'cents' ? 2 : 0) + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const amount = places >= 0 ? digits * 10n ** BigInt(places) : rounded(digits, 10n ** BigInt(-places));
  return sign === '-' ? -amount : amount;
}

const rounded = (digits: bigint, by: bigint): bigint => (digits + by / 2n) / by;
