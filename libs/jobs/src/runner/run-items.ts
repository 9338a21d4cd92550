import { setMaxListeners } from 'node:events';
import type { BatchJob, JobRef, JobStore, LeasedItem } from '@costlane/ledger';
import { dispositionOf, type BatchItem, type ItemOutcome, type RetryRules, type StopReason } from './item-outcome';
import { ItemWriter } from './item-writer';

export interface ExecuteOptions {
  /** Aborted when the job is cancelled or out of time, or this process ends: the sooner it rejects or resolves then, the better. */
  signal: AbortSignal;
  /** Epoch milliseconds. */
  deadlineAtMs?: number;
}

/** Runs one item. One that throws has failed and may be tried again. */
export type ExecuteItem = (item: BatchItem, options: ExecuteOptions) => Promise<ItemOutcome>;

export interface TurnLimits extends RetryRules {
  /** Items of one job at a time. */
  concurrency: number;
  /** Taken from the store at once. */
  leaseItems: number;
  leaseBytes: number;
  leaseMs: number;
  /** Items that were held by so many lost runners, and once more, are dead. */
  maxLosses: number;
  /** After this a turn takes no more items, so that other jobs get theirs. */
  turnMs: number;
  flushItems: number;
  flushBytes: number;
  flushMs: number;
  patienceMs: number;
}

export interface TurnDeps {
  store: Pick<JobStore, 'lease' | 'renew' | 'release' | 'end'>;
  execute: ExecuteItem;
  limits: TurnLimits;
  now: () => number;
  /** False: it is others' turn. */
  mayGoOn: () => boolean;
  /** The others go to a Batch API. */
  isDirectOnly?: boolean;
  /** Told of what `execute` threw. */
  onError: (error: unknown) => void;
}

/** Unwritten results at the most, in writes. */
const MAX_BACKLOG_WRITES = 4;
/** `setTimeout` takes no more. */
const MAX_TIMER_MS = 2_147_483_647;

/** One turn at a job's items: as many as there is time for. Rejects when the store is away for too long. */
export async function runItems(
  deps: TurnDeps,
  job: BatchJob,
  owner: string,
  signal: AbortSignal,
): Promise<StopReason | undefined> {
  const turn = new Turn(deps, job, owner);
  return turn.run(signal);
}

class Turn {
  private readonly ref: JobRef;
  private readonly writer: ItemWriter;
  private readonly aborting = new AbortController();
  private readonly endsAtMs: number;
  private leased: LeasedItem[] = [];
  private inFlight = 0;
  private stopped: StopReason | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly deps: TurnDeps,
    private readonly job: BatchJob,
    private readonly owner: string,
  ) {
    const { store, limits, now } = deps;
    this.ref = { tenantId: job.tenantId, jobId: job.jobId };
    this.writer = new ItemWriter({ store, ref: this.ref, owner, now, ...limits });
    this.endsAtMs = now() + limits.turnMs;
    // Each item under way may listen.
    setMaxListeners(0, this.aborting.signal);
  }

  async run(signal: AbortSignal): Promise<StopReason | undefined> {
    const { limits, now } = this.deps;
    const onAbort = (): void => this.stop('shutdown');
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    const heartbeat = setInterval(() => void this.renew(), limits.leaseMs / 3);
    heartbeat.unref();
    const { deadlineAtMs } = this.job;
    const deadline =
      deadlineAtMs === undefined
        ? undefined
        : setTimeout(() => this.stop('expired'), Math.min(Math.max(0, deadlineAtMs - now()), MAX_TIMER_MS));
    deadline?.unref();
    try {
      await this.startItems();
      await this.drain();
    } finally {
      clearInterval(heartbeat);
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
    }
    if (this.writer.failure) throw this.writer.failure.error;
    return this.stopped;
  }

  private async startItems(): Promise<void> {
    const { limits, mayGoOn } = this.deps;
    const maxBacklog = limits.flushItems * MAX_BACKLOG_WRITES;
    while (this.stopped === undefined && this.writer.failure === undefined && this.hasTime() && mayGoOn()) {
      if (this.inFlight >= limits.concurrency || this.writer.backlog >= maxBacklog) {
        await this.somethingEnds();
        continue;
      }
      if (this.leased.length === 0 && !(await this.lease())) return;
      const item = this.leased.pop();
      if (item) this.start(item);
    }
  }

  private hasTime(): boolean {
    return this.deps.now() < this.endsAtMs;
  }

  /** False when there is nothing to take for now. */
  private async lease(): Promise<boolean> {
    const { store, limits, onError, isDirectOnly } = this.deps;
    const isDirect = isDirectOnly ? true : undefined;
    const { leaseItems, leaseBytes, leaseMs, maxLosses } = limits;
    const items = await store
      .lease(this.ref, { owner: this.owner, limit: leaseItems, maxBytes: leaseBytes, leaseMs, maxLosses, isDirect })
      .catch((error: unknown) => {
        // What is there already is written all the same; if the store stays away, that tells.
        onError(error);
        return [];
      });
    this.leased = items.reverse();
    return items.length > 0;
  }

  private start(item: LeasedItem): void {
    this.inFlight += 1;
    const { execute, limits, onError } = this.deps;
    const options = { signal: this.aborting.signal, deadlineAtMs: this.job.deadlineAtMs };
    const settle = (outcome: ItemOutcome): void => {
      this.inFlight -= 1;
      this.writer.add(dispositionOf(item, outcome, this.stopped, limits));
      this.wake();
    };
    void Promise.resolve()
      .then(() => execute({ ...item, job: this.job }, options))
      .then(settle, (error: unknown) => {
        if (this.stopped === undefined) onError(error);
        settle({ kind: 'failed', errorCode: 'internal', isRetryable: true });
      });
  }

  /** What was taken and not begun goes back, what was begun is waited for, and all is written. */
  private async drain(): Promise<void> {
    for (const { index } of this.leased.splice(0))
      this.writer.add({ kind: 'release', item: { index, delayMs: 0, isUncounted: true } });
    while (this.inFlight > 0) await this.somethingEnds();
    await this.writer.flush();
  }

  private somethingEnds(): Promise<void> {
    return new Promise((resolve) => {
      // A write that ends makes room as well, and tells nobody.
      const timer = setTimeout(done, 20);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.wake = done;
    });
  }

  private async renew(): Promise<void> {
    const { store, limits } = this.deps;
    const { owner } = this;
    // A store that is away gives no leases to others either.
    const renewed = await store.renew(this.ref, { owner, leaseMs: limits.leaseMs }).catch(() => ({ state: 'running' }));
    if (renewed?.state === 'running') return;
    this.stop(renewed?.state === 'cancelling' ? 'cancelled' : 'superseded');
  }

  private stop(reason: StopReason): void {
    if (this.stopped !== undefined) return;
    this.stopped = reason;
    this.aborting.abort(reason);
    this.wake();
  }
}
