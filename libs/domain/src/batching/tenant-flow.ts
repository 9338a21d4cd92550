import type { BatchWork } from './batch-work';
import type { FairFlow } from './fair-order';
import type { HeapNode } from './indexed-heap';
import { SlotMap } from './slot-map';
import { StandingWait } from './shed-level';

/** A piece of work that waits. */
export interface WaitingWork<W extends BatchWork> extends HeapNode {
  readonly work: W;
  readonly flow: TenantFlow<W>;
  /** By then it has to be dispatched, or it cannot be done in time. */
  readonly latestStartMs: number;
  /** It was dispatched, dropped or removed; a formed call may still name it. */
  isGone: boolean;
  /** In the list of what is in no formed call yet. */
  isListed: boolean;
  older: WaitingWork<W> | undefined;
  newer: WaitingWork<W> | undefined;
}

/** A call that a window was formed into, and the number of its group. */
export interface FormedCall<W extends BatchWork> {
  readonly members: WaitingWork<W>[];
  readonly group: number;
}

/** One tenant's work in one lane of one target: a list in order of arrival, the calls that were formed of its beginning, and an index of what is identical. */
export class TenantFlow<W extends BatchWork> implements FairFlow {
  heapIndex = -1;
  start = 0;
  finish = 0;
  turn = 0;
  state: 'idle' | 'held' | 'ready' = 'idle';
  /** When its window closes, while it is held. */
  closesAtMs = 0;
  waiting = 0;
  waitingTokens = 0;
  readonly wait = new StandingWait();
  private oldestListed: WaitingWork<W> | undefined;
  private newestListed: WaitingWork<W> | undefined;
  private formed: FormedCall<W>[] = [];
  private nextFormed = 0;
  private readonly byFingerprint = new SlotMap<Set<WaitingWork<W>>>();

  constructor(
    readonly tenantId: string,
    readonly weight: number,
  ) {}

  add(entry: WaitingWork<W>): void {
    entry.older = this.newestListed;
    if (this.newestListed) this.newestListed.newer = entry;
    else this.oldestListed = entry;
    this.newestListed = entry;
    entry.isListed = true;
    this.waiting++;
    this.waitingTokens += entry.work.tokens;
    const { fingerprint } = entry.work;
    if (fingerprint === undefined) return;
    const same = this.byFingerprint.get(fingerprint);
    if (same) same.add(entry);
    else this.byFingerprint.set(fingerprint, new Set([entry]));
  }

  /** Takes work out, for whatever reason. */
  take(entry: WaitingWork<W>): void {
    if (entry.isGone) return;
    entry.isGone = true;
    if (entry.isListed) this.unlist(entry);
    this.waiting--;
    this.waitingTokens -= entry.work.tokens;
    const { fingerprint } = entry.work;
    if (fingerprint === undefined) return;
    const same = this.byFingerprint.get(fingerprint);
    if (same?.delete(entry) && same.size === 0) this.byFingerprint.delete(fingerprint);
  }

  /** The work that goes next, in order of arrival but for what was grouped; undefined: none waits. */
  oldest(): WaitingWork<W> | undefined {
    return this.upcoming()?.members.find(({ isGone }) => !isGone) ?? this.oldestListed;
  }

  newest(): WaitingWork<W> | undefined {
    if (this.newestListed) return this.newestListed;
    for (let at = this.formed.length - 1; at >= this.nextFormed; at--) {
      const entry = this.formed[at]?.members.findLast(({ isGone }) => !isGone);
      if (entry) return entry;
    }
    return undefined;
  }

  /**
   * The next call's work, taken out with all that is identical to it. Where no formed call is left, a window of up to `maxSize` is formed first.
   *
   * @param form makes calls of a window, all of whose work is in one of them
   */
  nextCall(maxSize: number, form: (window: WaitingWork<W>[]) => FormedCall<W>[]): FormedCall<W> | undefined {
    if (this.waiting === 0) return undefined;
    let call = this.upcoming();
    if (!call) {
      this.formed = form(this.unlistOldest(maxSize));
      this.nextFormed = 0;
      call = this.upcoming();
      if (!call) return undefined;
    }
    const [asked] = call.members;
    const members = new Set(call.members.filter(({ isGone }) => !isGone));
    if (asked?.isGone) {
      // The others were compared with the one that was to be asked, which has gone: each of them is asked by itself.
      for (const other of [...members].slice(1)) members.delete(other);
    } else this.nextFormed++;
    // Work that is added to a set while it is walked through is walked through as well.
    for (const { work } of members) {
      const same = work.fingerprint === undefined ? undefined : this.byFingerprint.get(work.fingerprint);
      if (same && same.size > 1) for (const entry of same) members.add(entry);
    }
    for (const entry of members) this.take(entry);
    return { members: [...members], group: call.group };
  }

  private upcoming(): FormedCall<W> | undefined {
    for (; this.nextFormed < this.formed.length; this.nextFormed++) {
      const call = this.formed[this.nextFormed];
      if (call?.members.some(({ isGone }) => !isGone)) return call;
    }
    if (this.formed.length > 0) this.formed = [];
    this.nextFormed = 0;
    return undefined;
  }

  private unlistOldest(count: number): WaitingWork<W>[] {
    const window: WaitingWork<W>[] = [];
    for (let entry = this.oldestListed; entry && window.length < count; entry = this.oldestListed) {
      this.unlist(entry);
      window.push(entry);
    }
    return window;
  }

  private unlist(entry: WaitingWork<W>): void {
    const { older, newer } = entry;
    if (older) older.newer = newer;
    else this.oldestListed = newer;
    if (newer) newer.older = older;
    else this.newestListed = older;
    entry.older = entry.newer = undefined;
    entry.isListed = false;
  }
}
