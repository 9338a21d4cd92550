import { hasJobEnded, openItems, type BatchJob, type JobRef, type JobStore } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import type { JobQueue, QueueWorker, TaskOutcome } from '../queue/job-queue';
import { jobTask, tenantOfTask } from '../queue/job-task';
import type { BatchLane } from './batch-lane';
import { createFairTurns } from './fair-turns';
import { newOwner, processOf, type OwnerWatch } from './owner-watch';
import { runBatches } from './run-batches';
import { runItems, type ExecuteItem, type TurnLimits } from './run-items';

export interface BatchRunnerOptions {
  store: JobStore;
  queue: JobQueue<JobRef>;
  execute: ExecuteItem;
  logger: Logger;
  /** Providers' Batch APIs; without it every item goes through `execute`. */
  lane?: BatchLane;
  /** Knows runners that died, so that what they held is taken over before their leases run out. */
  owners?: OwnerWatch;
  limits?: Partial<TurnLimits>;
  /** Epoch milliseconds; default the clock's. */
  now?: () => number;
  /**
   * What is to be made of a job's results when all are there, before it counts as ended. It may be called again for the same job after a
   * crash; while it throws the job is not ended.
   */
  finalize?: (job: BatchJob) => Promise<void>;
  /** Told of each job that ended, perhaps twice. */
  onEnded?: (job: BatchJob) => void;
  onError?: (error: unknown) => void;
}

export interface BatchRunner {
  /** Tells the workers of a job. When the queue is out of reach that is no loss: the next sweep finds it. */
  announce(ref: JobRef): Promise<void>;
  /** From `queued` or `running`; resolves with the job, undefined where there is none. */
  cancel(ref: JobRef): Promise<BatchJob | undefined>;
  /** Ends a job that cannot be run at all. */
  fail(ref: JobRef, error: { code: string; message: string }): Promise<BatchJob | undefined>;
  /** Items that used up their attempts get new ones; resolves with how many. */
  retryDead(ref: JobRef, options?: { deadlineAtMs?: number }): Promise<number>;
  /** One turn at a job: what a worker does. `mayGoOn`: false when it is to take no more, for others wait. */
  runTurn(ref: JobRef, signal?: AbortSignal, mayGoOn?: () => boolean): Promise<TaskOutcome>;
  /** Announces every job that has not ended, and resolves with how many: after it the queue knows all that the store knows. */
  sweep(): Promise<number>;
  /** Takes turns at jobs, and sweeps at once and then every `sweepMs` (default 15,000). */
  start(options: { concurrency: number; sweepMs?: number }): QueueWorker;
}

const defaults: TurnLimits = {
  concurrency: 32,
  leaseItems: 256,
  leaseBytes: 16 * 1024 * 1024,
  leaseMs: 30_000,
  turnMs: 60_000,
  flushItems: 256,
  flushBytes: 4 * 1024 * 1024,
  flushMs: 250,
  patienceMs: 60_000,
  maxAttempts: 3,
  maxLosses: 10,
  retryBaseMs: 1_000,
  retryMaxMs: 60_000,
};

const SWEEP_PAGE = 500;
const DEFAULT_SWEEP_MS = 15_000;
/** A job whose items others hold, or that wait for their next attempt, is looked at again after this at the latest. */
const MAX_AGAIN_MS = 30_000;
const MIN_AGAIN_MS = 50;
/** Of jobs that wait for a worker, so many of each end are looked at. */
const MAX_SEEN_WAITING = 2_000;

/** Runs durable jobs: the store holds the truth, the queue only says where to look. */
export function createBatchRunner(options: BatchRunnerOptions): BatchRunner {
  return new StoredJobRunner(options);
}

class StoredJobRunner implements BatchRunner {
  private readonly limits: TurnLimits;
  private readonly now: () => number;

  constructor(private readonly options: BatchRunnerOptions) {
    this.limits = { ...defaults, ...options.limits };
    this.now = options.now ?? Date.now;
  }

  async announce(ref: JobRef): Promise<void> {
    await this.options.queue.enqueue([jobTask(ref)]).catch((error: unknown) => this.failed(error));
  }

  async cancel(ref: JobRef): Promise<BatchJob | undefined> {
    const job = await this.options.store.advance(ref, 'cancel');
    if (job?.state === 'cancelling') await this.announce(ref);
    return job;
  }

  async fail(ref: JobRef, error: { code: string; message: string }): Promise<BatchJob | undefined> {
    const { store } = this.options;
    const job = await store.advance(ref, 'fail', error);
    if (job?.state !== 'failed') return job;
    await this.leaveBatches(ref);
    await store.endWaiting(ref, 'cancelled');
    return store.get(ref);
  }

  async retryDead(ref: JobRef, options?: { deadlineAtMs?: number }): Promise<number> {
    const count = await this.options.store.retryDead(ref, options);
    if (count > 0) await this.announce(ref);
    return count;
  }

  async runTurn(
    ref: JobRef,
    signal: AbortSignal = new AbortController().signal,
    mayGoOn: () => boolean = () => true,
  ): Promise<TaskOutcome> {
    const { store } = this.options;
    const job = await store.advance(ref, 'start');
    if (job === undefined || job.sealedAtMs === undefined || hasJobEnded(job.state)) return 'done';
    const batchWaitMs = await this.lookAtBatches(job, signal, mayGoOn);
    if (job.state === 'running') await this.runRunning(job, signal, mayGoOn);
    const after = (await store.get(ref)) ?? job;
    if (after.state === 'cancelling') await store.endWaiting(ref, 'cancelled');
    else if (this.isOutOfTime(after)) await store.endWaiting(ref, 'expired');
    return this.finish(ref, batchWaitMs);
  }

  async sweep(): Promise<number> {
    const { store, queue } = this.options;
    let count = 0;
    let page: JobRef[] = [];
    const announce = async (): Promise<void> => {
      await queue.enqueue(page.map(jobTask));
      count += page.length;
      page = [];
    };
    for await (const ref of store.unfinished()) if (page.push(ref) === SWEEP_PAGE) await announce();
    await announce();
    return count;
  }

  start({ concurrency, sweepMs = DEFAULT_SWEEP_MS }: { concurrency: number; sweepMs?: number }): QueueWorker {
    const { queue } = this.options;
    const turns = createFairTurns({
      concurrency,
      waitingTenants: async () => (await queue.waiting(MAX_SEEN_WAITING)).map(tenantOfTask),
      onError: (error) => this.failed(error),
    });
    const worker = queue.work(
      async (ref, signal) => {
        const turn = await turns.enter(ref.tenantId);
        if ('againInMs' in turn) return turn;
        return this.runTurn(ref, signal, () => turn.mayGoOn()).finally(() => turn.leave());
      },
      { concurrency },
    );
    let sweeping: Promise<unknown> | undefined;
    const sweep = (): void => {
      sweeping ??= this.sweep()
        .catch((error: unknown) => this.failed(error))
        .finally(() => (sweeping = undefined));
    };
    sweep();
    const timer = setInterval(sweep, sweepMs);
    return {
      close: async () => {
        clearInterval(timer);
        await worker.close();
        turns.stop();
        await sweeping;
      },
    };
  }

  /** Nobody looks at a failed job's batches any more: what a provider still answers is not wanted. */
  private async leaveBatches(ref: JobRef): Promise<void> {
    const { store, lane } = this.options;
    for (const submission of await store.submissions(ref)) {
      const { providerBatchId, batchKey } = submission;
      if (lane && providerBatchId !== undefined)
        await lane.cancel({ ...submission, providerBatchId }).catch((error: unknown) => this.failed(error));
      await store.endSubmission(ref, batchKey);
      await lane?.onDone?.(batchKey).catch((error: unknown) => this.failed(error));
    }
  }

  private async runRunning(job: BatchJob, signal: AbortSignal, mayGoOn: () => boolean): Promise<void> {
    const { store, execute } = this.options;
    const { maxLosses } = this.limits;
    const ref = { tenantId: job.tenantId, jobId: job.jobId };
    if (!this.isOutOfTime(job)) {
      const { limits, now } = this;
      const isDirectOnly = this.options.lane?.accepts(job) ?? false;
      const deps = {
        store,
        execute,
        limits,
        now,
        mayGoOn,
        isDirectOnly,
        onError: (error: unknown) => this.failed(error),
      };
      await runItems(deps, job, newOwner(this.options.owners), signal);
    }
    await store.buryLost(ref, maxLosses);
  }

  private async finish(ref: JobRef, batchWaitMs: number): Promise<TaskOutcome> {
    const { store, finalize, onEnded } = this.options;
    const job = await store.advance(ref, 'items_ended');
    if (job === undefined || hasJobEnded(job.state)) return 'done';
    if (openItems(job.counts) > 0)
      return { againInMs: Math.max(MIN_AGAIN_MS, Math.min(batchWaitMs, await this.waitMs(job))) };
    await finalize?.(job);
    const ended = await store.advance(ref, 'finish');
    if (ended && !hasJobEnded(ended.state)) return { againInMs: MIN_AGAIN_MS };
    if (ended) onEnded?.(ended);
    return 'done';
  }

  /** Infinite where the job has nothing with a provider. */
  private async lookAtBatches(job: BatchJob, signal: AbortSignal, mayGoOn: () => boolean): Promise<number> {
    const { store, lane } = this.options;
    if (lane === undefined) return Infinity;
    const { limits, now } = this;
    const isEnding = job.state === 'cancelling' || this.isOutOfTime(job);
    const owner = newOwner(this.options.owners);
    const deps = { store, lane, limits, now, owner, mayGoOn, onError: (error: unknown) => this.failed(error) };
    return (await runBatches(deps, job, isEnding, signal)) ?? Infinity;
  }

  private async waitMs(job: BatchJob): Promise<number> {
    const { open, waitMs, holders } = await this.options.store.outlook(job);
    const untilDeadlineMs = job.deadlineAtMs === undefined ? Infinity : Math.max(0, job.deadlineAtMs - this.now());
    // Where a provider has all that is open, there is nothing to do but to look at its batches.
    return Math.min(
      open === 0 ? MAX_AGAIN_MS : waitMs,
      await this.takeOver(job, holders),
      untilDeadlineMs > 0 ? untilDeadlineMs : MAX_AGAIN_MS,
      MAX_AGAIN_MS,
    );
  }

  /** Ends leases of runners that died; resolves with the wait until there may be more to do. */
  private async takeOver(ref: JobRef, holders: readonly string[]): Promise<number> {
    const { store, owners } = this.options;
    const names = new Set(holders.map(processOf).filter((name) => name !== undefined));
    if (owners === undefined || names.size === 0) return Infinity;
    try {
      const { gone, againInMs = Infinity } = await owners.gone([...names]);
      const theirs = holders.filter((holder) => gone.includes(processOf(holder) ?? ''));
      return theirs.length > 0 && (await store.endLeases(ref, theirs)) > 0 ? 0 : againInMs;
    } catch (error) {
      // Their leases run out by themselves.
      this.failed(error);
      return Infinity;
    }
  }

  private isOutOfTime({ deadlineAtMs }: BatchJob): boolean {
    return deadlineAtMs !== undefined && this.now() >= deadlineAtMs;
  }

  private failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.options.logger.warn({ reason }, 'batch runner failed');
    this.options.onError?.(error);
  }
}
