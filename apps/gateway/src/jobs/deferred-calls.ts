import { setMaxListeners } from 'node:events';
import { CostlaneError } from '@costlane/domain';
import type { StoredItem } from '@costlane/ledger';
import type { JobService, SubmittedRequest } from './job-service';
import { itemAt, waitForItem } from './wait-for-item';

/** An ordinary call whose caller has time. */
export interface DeferrableCall {
  tenantId: string;
  request: SubmittedRequest;
  /** How long its answer may take. */
  deadlineMs: number;
  /** Told when it is there. Such a call has a job of its own. */
  webhookUrl?: string;
}

/** A call that was taken in: an item of a job. */
export interface DeferredCall {
  tenantId: string;
  jobId: string;
  index: number;
  deadlineAtMs: number;
  /** Of its job. */
  gathered: number;
}

export interface DeferredCallsOptions {
  jobs: JobService;
  /** Calls with at least so long a deadline are deferred. */
  minDeadlineMs: number;
  /** How long a call waits for others to make a batch with; default 1,000. */
  gatherMs?: number;
  /** Calls of one batch at the most; default 10,000. */
  maxGathered?: number;
  now?: () => number;
}

/**
 * Ordinary calls that may wait go the way of batches, for half the price: those of one tenant that come within a second and have about
 * as much time become items of one durable job.
 */
export interface DeferredCalls {
  wants(deadlineMs: number): boolean;
  /** Durable when this resolves. Rejects as `JobService.submit` does. */
  take(call: DeferrableCall): Promise<DeferredCall>;
  /**
   * The call's item when it has ended; of a job of very many calls, when all of these have.
   * @throws CostlaneError `cancelled` when nobody waits any more; `unavailable`, with the name of the job that goes on, when this process is
   *   about to end; what `JobService` throws.
   */
  answer(call: DeferredCall, signal: AbortSignal): Promise<StoredItem>;
  /** Nobody waits for it any more. What others were gathered with goes on. */
  leave(call: DeferredCall): Promise<void>;
  /** Hands in what is being gathered, and lets everyone go who waits: this process is about to end. */
  close(): Promise<void>;
}

interface Gathering {
  requests: SubmittedRequest[];
  waiting: { resolve: (call: DeferredCall) => void; reject: (error: unknown) => void }[];
  /** The shortest of all. */
  deadlineAtMs: number;
  timer: NodeJS.Timeout;
}

const WAIT_MS = 30_000;
/** Calls of a larger job are answered when all of it has ended: looking for each of them as it runs would be too many queries. */
const MAX_LOOKED_FOR = 100;

export function createDeferredCalls(options: DeferredCallsOptions): DeferredCalls {
  const { jobs, minDeadlineMs, gatherMs = 1_000, maxGathered = 10_000, now = Date.now } = options;
  const gatherings = new Map<string, Gathering>();
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  const submit = (tenantId: string, gathering: Gathering, webhookUrl?: string): Promise<void> => {
    const { requests, waiting, deadlineAtMs } = gathering;
    clearTimeout(gathering.timer);
    const submission = { tenantId, kind: 'job' as const, webhookUrl, completionWindowMs: deadlineAtMs - now() };
    const done = jobs.submit(submission, requests).then(
      ({ jobId }) =>
        waiting.forEach(({ resolve }, index) =>
          resolve({ tenantId, jobId, index, deadlineAtMs, gathered: requests.length }),
        ),
      (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
    );
    underWay.add(done);
    return done.finally(() => underWay.delete(done));
  };

  const begin = (deadlineAtMs: number, onTime: () => void): Gathering => ({
    requests: [],
    waiting: [],
    deadlineAtMs,
    timer: setTimeout(onTime, gatherMs),
  });

  return {
    wants: (deadlineMs) => deadlineMs >= minDeadlineMs,
    take({ tenantId, request, deadlineMs, webhookUrl }) {
      return new Promise((resolve, reject) => {
        const deadlineAtMs = now() + deadlineMs;
        // The job's deadline is its most hurried call's: calls with much more time would lose half the price by it.
        const key = JSON.stringify([tenantId, Math.floor(Math.log2(deadlineMs))]);
        const close = (): void => {
          const gathering = gatherings.get(key);
          gatherings.delete(key);
          if (gathering) void submit(tenantId, gathering);
        };
        const isAlone = webhookUrl !== undefined;
        const gathering = (isAlone ? undefined : gatherings.get(key)) ?? begin(deadlineAtMs, close);
        gathering.requests.push(request);
        gathering.waiting.push({ resolve, reject });
        gathering.deadlineAtMs = Math.min(gathering.deadlineAtMs, deadlineAtMs);
        if (isAlone) void submit(tenantId, gathering, webhookUrl);
        else {
          gatherings.set(key, gathering);
          if (gathering.requests.length >= maxGathered) close();
        }
      });
    },
    async answer({ tenantId, jobId, index, gathered }, leaving) {
      const call = { tenantId, jobId, index };
      const signal = AbortSignal.any([leaving, closing.signal]);
      const look = async () => {
        if (gathered <= MAX_LOOKED_FOR) return waitForItem(jobs, call, { waitMs: WAIT_MS, signal });
        const job = await jobs.wait(tenantId, jobId, { waitMs: WAIT_MS, signal });
        return { job, item: job.finishedAtMs === undefined ? undefined : await itemAt(jobs, call, index) };
      };
      while (!signal.aborted) {
        const { job, item } = await look();
        if (item) return item;
        if (job.finishedAtMs !== undefined)
          throw new CostlaneError('internal', 'The call has ended without an answer.');
      }
      throw leaving.aborted ? new CostlaneError('cancelled', 'The client has gone.') : goesOn(jobId, index);
    },
    async leave({ tenantId, jobId, gathered }) {
      if (gathered === 1) await jobs.cancel(tenantId, jobId);
    },
    async close() {
      closing.abort();
      const last = [...gatherings].map(([key, gathering]) => {
        gatherings.delete(key);
        return submit((JSON.parse(key) as [string])[0], gathering);
      });
      await Promise.all([...last, ...underWay]);
    },
  };
}

/** The client is told where its answer will be: asked anew, the call would be paid for twice. */
const goesOn = (jobId: string, index: number): CostlaneError =>
  new CostlaneError('unavailable', `This gateway is shutting down. The call goes on: GET /v1/jobs/${jobId}.${index}`, {
    retryAfterMs: 1_000,
  });
