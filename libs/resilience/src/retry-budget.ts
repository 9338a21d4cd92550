export interface RetryBudgetOptions {
  /** Retries per request, in the long run. Default 0.1. */
  ratio?: number;
  /** Retries allowed before any request has earned one, so that a quiet service can retry too. Default 10. */
  reserve?: number;
  /** Most retries that can be saved up. Default 100. */
  maxSaved?: number;
}

/**
 * Bounds retries to a share of the requests (as Finagle's RetryBudget does), so that a provider in trouble gets at most
 * that much more load from us. Counted in requests, not time: what matters is the ratio.
 */
export class RetryBudget {
  private readonly ratio: number;
  private readonly maxSaved: number;
  private saved: number;

  constructor({ ratio = 0.1, reserve = 10, maxSaved = 100 }: RetryBudgetOptions = {}) {
    this.ratio = ratio;
    this.maxSaved = maxSaved;
    this.saved = Math.min(reserve, maxSaved);
  }

  /** Counts a request (not its retries). */
  earn(): void {
    this.saved = Math.min(this.maxSaved, this.saved + this.ratio);
  }

  /** Takes leave for one retry; false when the budget is used up. */
  trySpend(): boolean {
    // A millionth forgives that ten times 0.1 is a little less than 1.
    if (this.saved < 1 - 1e-6) return false;
    this.saved -= 1;
    return true;
  }
}
