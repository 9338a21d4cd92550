import type { ItemEnd, JobRef, JobStore, ReleasedItem } from '@costlane/ledger';
import { jitteredDelayMs } from '@costlane/resilience';
import type { Disposition } from './item-outcome';

export interface ItemWriterOptions {
  store: Pick<JobStore, 'end' | 'release'>;
  ref: JobRef;
  owner: string;
  flushItems: number;
  flushBytes: number;
  flushMs: number;
  /** How long results are held on to while the store is away. */
  patienceMs: number;
  now: () => number;
}

/** Attempts at a write that failed, at most so far apart. */
const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 5_000;

/**
 * Gathers what became of items and writes it in bulk, one write at a time. What is in here has been paid for: it is written again and
 * again while the store is away, and given up only when patience is over; the items are then run once more.
 */
export class ItemWriter {
  private ends: ItemEnd[] = [];
  private releases: ReleasedItem[] = [];
  private sizeBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private unwritten = 0;
  /** First failure that was not got over; nothing is written after it. */
  failure: { error: unknown } | undefined;

  constructor(private readonly options: ItemWriterOptions) {}

  /** Items that are not in the store yet. */
  get backlog(): number {
    return this.unwritten;
  }

  add(disposition: Disposition): void {
    this.unwritten += 1;
    if (disposition.kind === 'end') {
      this.ends.push(disposition.end);
      this.sizeBytes += disposition.end.result?.length ?? 0;
    } else this.releases.push(disposition.item);
    const { flushItems, flushBytes, flushMs } = this.options;
    if (this.ends.length + this.releases.length >= flushItems || this.sizeBytes >= flushBytes) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), flushMs);
  }

  /** Writes all that there is; resolves when it is written or given up ({@link failure}). Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { ends, releases } = this;
    if (ends.length + releases.length === 0) return this.writing;
    this.ends = [];
    this.releases = [];
    this.sizeBytes = 0;
    this.writing = this.writing.then(() => this.write(ends, releases));
    return this.writing;
  }

  private async write(ends: ItemEnd[], releases: ReleasedItem[]): Promise<void> {
    const { store, ref, owner, patienceMs, now } = this.options;
    const giveUpAtMs = now() + patienceMs;
    for (let retry = 1; this.failure === undefined; retry += 1) {
      try {
        await store.end(ref, ends);
        await store.release(ref, owner, releases);
        this.unwritten -= ends.length + releases.length;
        return;
      } catch (error) {
        if (now() >= giveUpAtMs) this.failure = { error };
        else await delay(jitteredDelayMs(retry, RETRY_BASE_MS, RETRY_MAX_MS));
      }
    }
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
