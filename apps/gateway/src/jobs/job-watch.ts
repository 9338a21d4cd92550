import { CostlaneError } from '@costlane/domain';
import type { BatchJob, JobRef, JobStore } from '@costlane/ledger';
import { atDatabase } from './at-database';
import type { WaitOptions } from './job-service';

export interface JobWatchOptions {
  store: Pick<JobStore, 'getSeveral'>;
  /** Until a job is looked at for the first time; then half as long again each time. Default 100. */
  firstMs?: number;
  /** Default 1,000. */
  maxMs?: number;
  /** While the database is away, those who wait are kept for so long. Default 5,000. */
  patienceMs?: number;
}

export interface JobWatch {
  /** See `JobService.wait`; begins with how the job was found. */
  wait(job: BatchJob, options: WaitOptions): Promise<BatchJob>;
  /** Everyone gets how the job was last seen, from now on at once. */
  close(): void;
}

interface Waiter {
  until: (job: BatchJob) => boolean;
  settle: (job: BatchJob) => void;
  fail: (error: unknown) => void;
}

interface Watched {
  ref: JobRef;
  last: BatchJob;
  waiters: Set<Waiter>;
  delayMs: number;
  dueAtMs: number;
}

const PAGE_JOBS = 500;
/** What is due as soon as this goes along in one query. */
const GATHER_MS = 25;

const hasEnded = ({ finishedAtMs }: BatchJob): boolean => finishedAtMs !== undefined;

/** Looks at all jobs that somebody waits for, with one query for all whose time has come. */
export function createJobWatch(options: JobWatchOptions): JobWatch {
  return new PolledJobs(options);
}

class PolledJobs implements JobWatch {
  private readonly watched = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isClosed = false;
  private failingSinceMs: number | undefined;
  private readonly firstMs: number;
  private readonly maxMs: number;
  private readonly patienceMs: number;

  constructor(private readonly options: JobWatchOptions) {
    this.firstMs = options.firstMs ?? 100;
    this.maxMs = options.maxMs ?? 1_000;
    this.patienceMs = options.patienceMs ?? 5_000;
  }

  wait(job: BatchJob, { waitMs, signal, until = hasEnded }: WaitOptions): Promise<BatchJob> {
    if (until(job) || waitMs <= 0 || signal?.aborted || this.isClosed) return Promise.resolve(job);
    return new Promise((resolve, reject) => {
      const watched = this.watch(job);
      const stop = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.leave(watched, waiter);
      };
      const waiter: Waiter = {
        until,
        settle: (seen) => (stop(), resolve(seen)),
        fail: (error) => (stop(), reject(error)),
      };
      const giveUp = (): void => waiter.settle(watched.last);
      const timer = setTimeout(giveUp, waitMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      watched.waiters.add(waiter);
      this.plan();
    });
  }

  close(): void {
    this.isClosed = true;
    for (const watched of [...this.watched.values()])
      for (const waiter of [...watched.waiters]) waiter.settle(watched.last);
    clearTimeout(this.timer);
  }

  private watch(job: BatchJob): Watched {
    const key = keyOf(job);
    const { firstMs } = this;
    const dueAtMs = Date.now() + firstMs;
    let watched = this.watched.get(key);
    if (watched === undefined) {
      const ref = { tenantId: job.tenantId, jobId: job.jobId };
      watched = { ref, last: job, waiters: new Set(), delayMs: firstMs, dueAtMs };
      this.watched.set(key, watched);
    }
    // Who comes now may be waiting for what happens soon.
    watched.delayMs = firstMs;
    watched.dueAtMs = Math.min(watched.dueAtMs, dueAtMs);
    return watched;
  }

  private leave(watched: Watched, waiter: Waiter): void {
    watched.waiters.delete(waiter);
    if (watched.waiters.size === 0) this.watched.delete(keyOf(watched.ref));
  }

  private plan(): void {
    if (this.isLooking) return;
    clearTimeout(this.timer);
    if (this.watched.size === 0) return;
    let dueAtMs = Infinity;
    for (const watched of this.watched.values()) dueAtMs = Math.min(dueAtMs, watched.dueAtMs);
    this.timer = setTimeout(() => void this.look(), Math.max(0, dueAtMs - Date.now()));
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    const nowMs = Date.now();
    const due = [...this.watched.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs + GATHER_MS);
    for (let from = 0; from < due.length; from += PAGE_JOBS) await this.lookAt(due.slice(from, from + PAGE_JOBS));
    for (const watched of due) {
      watched.delayMs = Math.min(watched.delayMs * 1.5, this.maxMs);
      watched.dueAtMs = Date.now() + watched.delayMs;
    }
    this.isLooking = false;
    this.plan();
  }

  private async lookAt(page: readonly Watched[]): Promise<void> {
    try {
      const found = await atDatabase(this.options.store.getSeveral(page.map(({ ref }) => ref)));
      this.failingSinceMs = undefined;
      const jobs = new Map(found.map((job) => [keyOf(job), job]));
      for (const watched of page) tell(watched, jobs.get(keyOf(watched.ref)));
    } catch (error) {
      this.failingSinceMs ??= Date.now();
      if (Date.now() - this.failingSinceMs < this.patienceMs) return;
      for (const { waiters } of page) for (const waiter of [...waiters]) waiter.fail(error);
    }
  }
}

function tell(watched: Watched, job: BatchJob | undefined): void {
  if (job) watched.last = job;
  for (const waiter of [...watched.waiters]) {
    if (job === undefined) waiter.fail(noSuchJob());
    else if (waiter.until(job)) waiter.settle(job);
  }
}

export const noSuchJob = (): CostlaneError =>
  new CostlaneError('not_found', 'There is no job with this id.', { field: 'id' });

const keyOf = ({ tenantId, jobId }: JobRef): string => JSON.stringify([tenantId, jobId]);
