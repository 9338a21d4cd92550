import type { SensitiveKind } from '../sensitive-span';

/** A kind of number: how it is written, which digits are valid, and whether the text has to say what it is. */
export interface NumberRule {
  kind: SensitiveKind;
  /** Lengths of the groups and what stands between: `3-2-4`. */
  shapes: readonly string[];
  isValid(digits: string): boolean;
  /** Words of which one has to stand nearby, because the shape and the check digits alone are no proof. */
  near?: RegExp;
}

/** A day that can be a birthday; `yearDigits` may be empty. */
export function isDay(day: number, month: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31);
}

/** Sum of digits times weights, modulo. */
export function weightedSum(digits: string, weights: readonly number[], modulus: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (digits.charCodeAt(i) - 48) * (weights[i] as number);
  return sum % modulus;
}

export const isOneDigit = (digits: string): boolean => /^(\d)\1*$/.test(digits);
