/** Amount per millisecond of late: what was counted loses e-fold weight in `memoryMs`. Constant memory. */
export class DecayedRate {
  private amount = 0;
  private atMs = 0;

  constructor(private readonly memoryMs: number) {}

  add(amount: number, nowMs: number): void {
    this.amount = this.amountAt(nowMs) + amount;
    this.atMs = Math.max(this.atMs, nowMs);
  }

  perMs(nowMs: number): number {
    return this.amountAt(nowMs) / this.memoryMs;
  }

  private amountAt(nowMs: number): number {
    return this.amount * Math.exp(-Math.max(0, nowMs - this.atMs) / this.memoryMs);
  }
}
