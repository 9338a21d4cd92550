/** To start from: one prefix in five comes again, which pays for no write at the usual prices; a write has to be earned. */
const priorHits = 0.4;
const priorTrials = 2;
/** Older observations fade: the chance follows the last few hundred prefixes. */
const fade = 0.995;
/** Prefixes that wait for their verdict; at higher rates a sample of them. */
const maxWaiting = 4_096;

interface Waiting {
  readonly hash: string;
  readonly seenAtMs: number;
}

/**
 * How often a prefix that was seen for the first time has come again within a lifetime. Each new one is looked at once,
 * when its lifetime has passed, so that those which never came again count as much as those which did.
 */
export class ReuseChance {
  private hits = 0;
  private trials = 0;
  private readonly waiting: Waiting[] = [];
  private head = 0;

  constructor(
    private readonly lifetimeMs: number,
    /** Whether a prefix that was first seen then has been seen again within the lifetime. */
    private readonly hasComeAgain: (hash: string, seenAtMs: number, lifetimeMs: number) => boolean,
  ) {}

  firstSeen(hash: string, seenAtMs: number): void {
    this.settle(seenAtMs);
    if (this.waiting.length - this.head < maxWaiting) this.waiting.push({ hash, seenAtMs });
  }

  /** The chance, in (0, 1). */
  chance(): number {
    return (this.hits + priorHits) / (this.trials + priorTrials);
  }

  private settle(nowMs: number): void {
    for (let next = this.waiting[this.head]; next; next = this.waiting[this.head]) {
      if (next.seenAtMs + this.lifetimeMs > nowMs) break;
      this.head++;
      this.hits = this.hits * fade + (this.hasComeAgain(next.hash, next.seenAtMs, this.lifetimeMs) ? 1 : 0);
      this.trials = this.trials * fade + 1;
    }
    if (this.head < maxWaiting) return;
    this.waiting.splice(0, this.head);
    this.head = 0;
  }
}
