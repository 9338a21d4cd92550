import { formatUsd, type NanoUsd } from '@costlane/domain';

const NANOS = 1_000_000_000n;

/** Exact dollars with always nine decimals: `123450n` becomes `"0.000123450"`. */
export function usd(nanoUsd: bigint): string {
  const amount = Number(nanoUsd);
  // Nearly all are safe integers, and those are split several times as fast.
  if (Number.isSafeInteger(amount)) return formatUsd(amount as NanoUsd);
  const absolute = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  return `${nanoUsd < 0n ? '-' : ''}${absolute / NANOS}.${String(absolute % NANOS).padStart(9, '0')}`;
}

/** An amount for each of `count`, to the nearest nano-dollar, halves away from zero; null for none. */
export function usdPer(nanoUsd: bigint, count: number): string | null {
  return count > 0 ? usd(divideRounded(nanoUsd, BigInt(count))) : null;
}

/** `amount / divisor` to the nearest integer, halves away from zero. The divisor is positive. */
export function divideRounded(amount: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return (amount + (amount < 0n ? -half : half)) / divisor;
}

/** A share or rate with six decimals; null where there is nothing to divide by. */
export function ratio(part: number | bigint, whole: number | bigint): number | null {
  const divisor = Number(whole);
  return divisor === 0 ? null : rounded(Number(part) / divisor, 6);
}

export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
