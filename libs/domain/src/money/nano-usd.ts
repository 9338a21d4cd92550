import { MoneyError } from './money-error';

/** Billionths of a US dollar, a safe integer. Negative only for differences (a saving that was none). */
export type NanoUsd = number & { readonly __unit: 'nano-usd' };

const nanosPerUsd = 1_000_000_000;
const usdPattern = /^(-)?(\d+)(?:\.(\d+))?$/;

export const zeroNanoUsd = 0 as NanoUsd;

/**
 * Marks an integer as nano-dollars.
 * @throws MoneyError `unsafe_amount` when it is not an integer within ±2^53 (about nine million dollars).
 */
export function nanoUsd(amount: number): NanoUsd {
  if (!Number.isSafeInteger(amount)) {
    throw new MoneyError('unsafe_amount', `Not a safe integer amount of nano-dollars: ${amount}`);
  }
  return (amount === 0 ? 0 : amount) as NanoUsd;
}

/** @throws MoneyError `unsafe_amount` when the amount leaves the safe integers. */
export function nanoUsdFromBigInt(amount: bigint): NanoUsd {
  if (amount > BigInt(Number.MAX_SAFE_INTEGER) || amount < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new MoneyError('unsafe_amount', `Amount of nano-dollars beyond 2^53: ${amount}`);
  }
  return Number(amount) as NanoUsd;
}

/** @throws MoneyError `unsafe_amount` when a partial sum leaves the safe integers. */
export function addNanoUsd(...amounts: readonly NanoUsd[]): NanoUsd {
  let sum = zeroNanoUsd;
  for (const amount of amounts) sum = nanoUsd(sum + amount);
  return sum;
}

/** @throws MoneyError `unsafe_amount` when the difference leaves the safe integers. */
export function subtractNanoUsd(from: NanoUsd, amount: NanoUsd): NanoUsd {
  return nanoUsd(from - amount);
}

/** Exact dollars with always nine decimals, for headers and logs: `123450` becomes `"0.000123450"`. */
export function formatUsd(amount: NanoUsd): string {
  const absolute = Math.abs(amount);
  const nanos = absolute % nanosPerUsd;
  const dollars = (absolute - nanos) / nanosPerUsd;
  return `${amount < 0 ? '-' : ''}${dollars}.${nanos.toString().padStart(9, '0')}`;
}

/**
 * Reads dollars such as `"12"`, `"0.000123450"` or `"-1.5"` exactly.
 * @throws MoneyError `invalid_amount` for other text or for digits below a nano-dollar, `unsafe_amount` beyond 2^53.
 */
export function parseUsd(decimalUsd: string): NanoUsd {
  const match = usdPattern.exec(decimalUsd);
  const fraction = (match?.[3] ?? '').replace(/0+$/, '');
  if (!match || decimalUsd.length > 64) {
    throw new MoneyError('invalid_amount', `Not an amount of US dollars: "${decimalUsd.slice(0, 64)}"`);
  }
  if (fraction.length > 9) {
    throw new MoneyError('invalid_amount', `An amount finer than a nano-dollar: "${decimalUsd}"`);
  }
  const nanos = BigInt(match[2] ?? '0') * BigInt(nanosPerUsd) + BigInt(fraction.padEnd(9, '0'));
  return nanoUsdFromBigInt(match[1] ? -nanos : nanos);
}
