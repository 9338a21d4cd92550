/** Sums of fractions fall short of the whole by less than this. */
const ROUNDING = 1e-6;

/**
 * Token bucket (Turner 1986): `capacity` tokens at most, refilled evenly. The caller brings the clock, so that it can be
 * tested and that one reading serves many buckets.
 */
export class TokenBucket {
  private tokens: number;
  private filledAtMs: number;

  /** Starts full. */
  constructor(
    private readonly capacity: number,
    private readonly refillPerSecond: number,
    nowMs: number,
  ) {
    this.tokens = capacity;
    this.filledAtMs = nowMs;
  }

  /** Takes whole tokens, as many of the wanted as there are, and says how many: the lease for a share of a limit. */
  takeUpTo(wanted: number, nowMs: number): number {
    this.refill(nowMs);
    const granted = Math.max(0, Math.min(Math.floor(wanted), Math.floor(this.tokens + ROUNDING)));
    this.tokens -= granted;
    return granted;
  }

  /** Time until so many tokens are there; Infinity when they never will be. */
  msUntil(wanted: number, nowMs: number): number {
    this.refill(nowMs);
    if (this.tokens + ROUNDING >= wanted) return 0;
    if (wanted > this.capacity || this.refillPerSecond <= 0) return Infinity;
    return Math.ceil(((wanted - this.tokens) / this.refillPerSecond) * 1_000 - ROUNDING);
  }

  private refill(nowMs: number): void {
    // A clock that was set back must not take tokens away, nor give them twice.
    if (nowMs > this.filledAtMs) {
      const refilled = this.tokens + ((nowMs - this.filledAtMs) / 1_000) * this.refillPerSecond;
      this.tokens = Math.min(this.capacity, refilled);
    }
    this.filledAtMs = nowMs;
  }
}
