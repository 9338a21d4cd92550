/** Below this share of the memory too little was seen to tell a rate by. */
const leastSeenShare = 0.1;

/** Amount per millisecond of late: what was counted loses e-fold weight in `memoryMs`. Constant memory. */
export class DecayedRate {
  private amount = 0;
  private atMs = 0;
  private sinceMs: number | undefined;

  constructor(private readonly memoryMs: number) {}

  add(amount: number, nowMs: number): void {
    this.sinceMs ??= nowMs;
    this.amount = this.amountAt(nowMs) + amount;
    this.atMs = Math.max(this.atMs, nowMs);
  }

  /** 0 before anything was counted. The beginning counts only what there was of it, so that a rate is right from early on. */
  perMs(nowMs: number): number {
    if (this.sinceMs === undefined) return 0;
    const seen = Math.max(leastSeenShare, (nowMs - this.sinceMs) / this.memoryMs);
    return this.amountAt(nowMs) / (this.memoryMs * -Math.expm1(-seen));
  }

  private amountAt(nowMs: number): number {
    return this.amount * Math.exp(-Math.max(0, nowMs - this.atMs) / this.memoryMs);
  }
}
