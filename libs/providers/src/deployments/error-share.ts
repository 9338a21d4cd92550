const SLOTS = 6;
const SLOT_MS = 10_000;

/** Share of failures among the calls of the last minute, in slots of 10 s. */
export class ErrorShare {
  private readonly calls = new Array<number>(SLOTS).fill(0);
  private readonly errors = new Array<number>(SLOTS).fill(0);
  private slot = -1;

  record(isError: boolean, nowMs: number): void {
    this.advance(nowMs);
    const place = this.slot % SLOTS;
    this.calls[place] = (this.calls[place] ?? 0) + 1;
    if (isError) this.errors[place] = (this.errors[place] ?? 0) + 1;
  }

  /** 0 to 1; undefined when there were no calls. */
  share(nowMs: number): number | undefined {
    this.advance(nowMs);
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    const calls = sum(this.calls);
    return calls === 0 ? undefined : sum(this.errors) / calls;
  }

  private advance(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot <= this.slot) return;
    for (let next = Math.max(this.slot + 1, slot - SLOTS + 1); next <= slot; next++) {
      this.calls[next % SLOTS] = 0;
      this.errors[next % SLOTS] = 0;
    }
    this.slot = slot;
  }
}
