export type MoneyErrorCode =
  'unsafe_amount' | 'invalid_amount' | 'invalid_usage' | 'invalid_price' | 'service_tier_mismatch';

/** An amount, usage or price that cannot be computed with exactly. Never swallowed: a wrong number in a ledger is worse. */
export class MoneyError extends Error {
  readonly code: MoneyErrorCode;

  constructor(code: MoneyErrorCode, message: string) {
    super(message);
    this.name = 'MoneyError';
    this.code = code;
  }
}
