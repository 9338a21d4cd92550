import {
  createLedger,
  createScratchDatabase,
  type BatchJob,
  type JobRef,
  type JobStore,
  type NewJob,
  type ScratchDatabase,
  type StoredItem,
  type Ledger,
} from '@costlane/ledger';
import { createLogger } from '@costlane/platform';
import { databaseUrlForTests, startTcpProxy, waitFor } from '@costlane/testing';
import type { JobQueue, QueueTask } from '../queue/job-queue';
import { createBatchRunner, type BatchRunner, type BatchRunnerOptions } from './create-batch-runner';
import type { ItemOutcome } from './item-outcome';
import type { ExecuteItem } from './run-items';

const databaseUrl = databaseUrlForTests();
const logger = createLogger({ service: 'test', level: 'silent' });

/** Remembers what was announced; nothing comes of it by itself. */
function fakeQueue(): JobQueue<JobRef> & { tasks: QueueTask<JobRef>[] } {
  const tasks: QueueTask<JobRef>[] = [];
  const nothing = async (): Promise<void> => undefined;
  return {
    tasks,
    enqueue: async (added) => void tasks.push(...added),
    schedule: nothing,
    unschedule: nothing,
    work: () => ({ close: nothing }),
    size: async () => ({ waiting: tasks.length, active: 0, delayed: 0 }),
    close: nothing,
  };
}

const answerOf = (index: number): ItemOutcome => ({
  kind: 'succeeded',
  status: 200,
  result: Buffer.from(`answer ${index}`),
  costNanoUsd: 1,
});

(databaseUrl ? describe : describe.skip)('batch runner', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let store: JobStore;
  let next = 0;
  beforeAll(async () => {
    scratch = await createScratchDatabase(databaseUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger });
    await ledger.migrate();
    store = ledger.jobs;
  });
  afterAll(async () => {
    await ledger?.close();
    await scratch?.drop();
  });

  async function newJob(count: number, changes: Partial<NewJob> = {}): Promise<JobRef> {
    const ref = { tenantId: 'acme', jobId: `job_${(next += 1)}` };
    await store.create({ ...ref, kind: 'batch', ...changes });
    await store.addItems(
      ref,
      Array.from({ length: count }, (_, i) => ({ request: Buffer.from(String(i)) })),
    );
    await store.seal(ref, count);
    return ref;
  }
  const runner = (execute: ExecuteItem, options: Partial<BatchRunnerOptions> = {}): BatchRunner =>
    createBatchRunner({
      store,
      queue: fakeQueue(),
      logger,
      execute,
      ...options,
      limits: {
        concurrency: 4,
        leaseItems: 8,
        flushItems: 5,
        flushMs: 5,
        retryBaseMs: 1,
        retryMaxMs: 2,
        ...options.limits,
      },
    });
  const all = async (ref: JobRef): Promise<StoredItem[]> => {
    const found: StoredItem[] = [];
    for await (const page of store.stream(ref)) found.push(...page);
    return found;
  };
  /** Turns until the job is done, as a queue would bring it round. */
  async function runToEnd(batches: BatchRunner, ref: JobRef): Promise<BatchJob> {
    for (let turn = 0; turn < 200; turn += 1) {
      const outcome = await batches.runTurn(ref);
      if (outcome === 'done') return (await store.get(ref)) as BatchJob;
      await new Promise((resolve) => setTimeout(resolve, Math.min(outcome.againInMs, 5)));
    }
    throw new Error('the job does not end');
  }

  it('runs all items of a job, within its concurrency, and keeps what each one gave', async () => {
    const ref = await newJob(40);
    let running = 0;
    let most = 0;
    const ended: BatchJob[] = [];
    const batches = runner(
      async (item) => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        expect(item.request.toString()).toBe(String(item.index));
        return answerOf(item.index);
      },
      { onEnded: (job) => ended.push(job) },
    );
    expect(await batches.runTurn(ref)).toBe('done');
    expect(most).toBe(4);
    expect((await all(ref)).map(({ result }) => result?.toString())).toEqual(
      Array.from({ length: 40 }, (_, i) => `answer ${i}`),
    );
    expect(ended).toMatchObject([{ state: 'completed', costNanoUsd: 40, counts: { total: 40, succeeded: 40 } }]);
    expect(await batches.runTurn(ref)).toBe('done');
    expect(ended).toHaveLength(1);
  });

  it('a job without items completes', async () => {
    const ref = await newJob(0);
    expect(
      await runToEnd(
        runner(async () => answerOf(0)),
        ref,
      ),
    ).toMatchObject({ state: 'completed' });
  });

  it('items fail by themselves: some for good, some after their attempts, some recover', async () => {
    const ref = await newJob(30);
    const attempts = new Map<number, number>();
    const batches = runner(async ({ index }) => {
      const attempt = (attempts.get(index) ?? 0) + 1;
      attempts.set(index, attempt);
      if (index % 10 === 1) return { kind: 'failed', errorCode: 'invalid_request', status: 400, isRetryable: false };
      if (index % 10 === 2) throw new Error('always');
      if (index % 10 === 3 && attempt < 3) return { kind: 'failed', errorCode: 'upstream_error', isRetryable: true };
      return answerOf(index);
    });
    const job = await runToEnd(batches, ref);
    expect(job).toMatchObject({ state: 'completed', counts: { total: 30, succeeded: 24, failed: 6 } });
    expect([1, 2, 3, 4].map((index) => attempts.get(index))).toEqual([1, 3, 3, 1]);
    const dead = await store.read(ref, { isDeadOnly: true });
    expect(dead.map(({ index }) => index)).toEqual([2, 12, 22]);
    expect(await batches.retryDead(ref)).toBe(3);
    expect(
      await runToEnd(
        runner(async ({ index }) => answerOf(index)),
        ref,
      ),
    ).toMatchObject({
      state: 'completed',
      counts: { succeeded: 27, failed: 3 },
    });
  });

  it('a runner that dies at any step of its dealings with the store leaves a job that the next one ends, each item once', async () => {
    for (let round = 2; ; round += 1) {
      const diesAt = Math.floor(round / 2);
      const isInVain = round % 2 === 0;
      const ref = await newJob(20);
      let steps = 0;
      const isDead = (): boolean => steps >= diesAt;
      // Before or after the statement took effect, nothing comes back any more.
      const mortal = new Proxy(store, {
        get(target, name: keyof JobStore) {
          const method = target[name] as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            if (isDead()) return new Promise(() => undefined);
            steps += 1;
            const result = isInVain && isDead() ? undefined : await method(...args);
            return isDead() ? new Promise(() => undefined) : result;
          };
        },
      });
      const calls = new Map<number, number>();
      const execute: ExecuteItem = async ({ index }) => {
        calls.set(index, (calls.get(index) ?? 0) + 1);
        return answerOf(index);
      };
      const ending = new AbortController();
      const first = runner(execute, { store: mortal, limits: { leaseMs: 60 } }).runTurn(ref, ending.signal);
      let hasFinished = false;
      void first.then(() => (hasFinished = true));
      await waitFor(() => hasFinished || isDead(), { timeoutMs: 10_000, intervalMs: 1 });
      if (!isDead()) {
        expect(diesAt).toBeGreaterThan(8);
        return;
      }
      const job = await runToEnd(runner(execute, { limits: { maxAttempts: 3 } }), ref);
      expect(job).toMatchObject({ state: 'completed', costNanoUsd: 20, counts: { total: 20, succeeded: 20 } });
      const items = await all(ref);
      expect(items.map(({ result }) => result?.toString())).toEqual(items.map(({ index }) => `answer ${index}`));
      expect(Math.max(...calls.values())).toBeLessThanOrEqual(2);
      ending.abort();
    }
  }, 60_000);

  it('two runners at one job share it, and each item has one end', async () => {
    const ref = await newJob(100);
    const calls = new Map<number, number>();
    const execute: ExecuteItem = async ({ index }) => {
      calls.set(index, (calls.get(index) ?? 0) + 1);
      await new Promise((resolve) => setImmediate(resolve));
      return answerOf(index);
    };
    const ended: string[] = [];
    const two = [1, 2].map(() => runner(execute, { onEnded: ({ jobId }) => ended.push(jobId) }));
    const jobs = await Promise.all(two.map((batches) => runToEnd(batches, ref)));
    expect(jobs[0]).toMatchObject({ state: 'completed', costNanoUsd: 100, counts: { succeeded: 100 } });
    expect([...calls.values()].every((count) => count === 1)).toBe(true);
    expect(ended.length).toBeGreaterThanOrEqual(1);
  });

  it('a cancellation in the middle breaks off what runs, keeps what is there, and starts nothing more', async () => {
    const ref = await newJob(50);
    let begun = 0;
    const batches = runner(
      ({ index }, { signal }) => {
        begun += 1;
        if (index < 6) return Promise.resolve(answerOf(index));
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      },
      { limits: { leaseMs: 90 } },
    );
    const turn = batches.runTurn(ref);
    await waitFor(() => begun === 10);
    expect(await batches.cancel(ref)).toMatchObject({ state: 'cancelling' });
    expect(await turn).toBe('done');
    expect(begun).toBe(10);
    expect(await store.get(ref)).toMatchObject({
      state: 'cancelled',
      counts: { total: 50, succeeded: 6, cancelled: 44, failed: 0 },
    });
    expect(await batches.cancel(ref)).toMatchObject({ state: 'cancelled' });
  });

  it('a job that is cancelled before it was begun ends without one call', async () => {
    const ref = await newJob(5);
    let calls = 0;
    const batches = runner(async ({ index }) => ((calls += 1), answerOf(index)));
    await batches.cancel(ref);
    expect(await runToEnd(batches, ref)).toMatchObject({ state: 'cancelled', counts: { cancelled: 5 } });
    expect(calls).toBe(0);
  });

  it('what is not done by the deadline expires, begun or not', async () => {
    const ref = await newJob(20, { deadlineAtMs: Date.now() + 400 });
    const batches = runner(({ index }, { signal, deadlineAtMs }) => {
      expect(deadlineAtMs).toBeDefined();
      if (index < 3) return Promise.resolve(answerOf(index));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    expect(await runToEnd(batches, ref)).toMatchObject({
      state: 'expired',
      counts: { total: 20, succeeded: 3, expired: 17 },
    });
    const late = await newJob(2, { deadlineAtMs: Date.now() - 1 });
    expect(await runToEnd(batches, late)).toMatchObject({ state: 'expired', counts: { expired: 2 } });
  });

  it('a shutdown gives back what it breaks off, at no cost of an attempt', async () => {
    const ref = await newJob(10);
    const ending = new AbortController();
    let begun = 0;
    const batches = runner((_, { signal }) => {
      begun += 1;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const turn = batches.runTurn(ref, ending.signal);
    await waitFor(() => begun === 4);
    ending.abort();
    expect(await turn).toEqual({ againInMs: 50 });
    const leased = await store.lease(ref, { owner: 'next', limit: 50, maxBytes: 1e9, leaseMs: 1_000, maxAttempts: 3 });
    expect(leased.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('a job has its turn and then comes round again, so that others get theirs', async () => {
    const ref = await newJob(30);
    let clock = 0;
    const batches = runner(async ({ index }) => ((clock += 10), answerOf(index)), {
      now: () => clock,
      limits: { turnMs: 100 },
    });
    expect(await batches.runTurn(ref)).toEqual({ againInMs: 50 });
    const { counts } = (await store.get(ref)) as BatchJob;
    expect(counts.succeeded).toBeGreaterThanOrEqual(10);
    expect(counts.succeeded).toBeLessThan(20);
    expect(await runToEnd(batches, ref)).toMatchObject({ state: 'completed' });
  });

  it('results are not lost while the database is away', async () => {
    const ref = await newJob(12);
    const proxy = await startTcpProxy(scratch.url);
    const far = createLedger({ databaseUrl: proxy.url, logger, connectTimeoutMs: 300 });
    const calls: number[] = [];
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const batches = runner(async ({ index }) => (calls.push(index), await answered, answerOf(index)), {
      store: far.jobs,
      limits: { concurrency: 12, leaseItems: 12 },
    });
    const turn = batches.runTurn(ref);
    await waitFor(() => calls.length === 12);
    await proxy.stop();
    answer();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await proxy.start();
    expect(await turn).toBe('done');
    expect(calls).toHaveLength(12);
    expect(await store.get(ref)).toMatchObject({ state: 'completed', costNanoUsd: 12 });
    await far.close();
    await proxy.stop();
  });

  it('a job that cannot be finalized is not ended, and is tried again', async () => {
    const ref = await newJob(1);
    let calls = 0;
    const batches = runner(async ({ index }) => answerOf(index), {
      finalize: async () => {
        if ((calls += 1) === 1) throw new Error('no room');
      },
    });
    await expect(batches.runTurn(ref)).rejects.toThrow('no room');
    expect(await store.get(ref)).toMatchObject({ state: 'finalizing' });
    expect(await batches.runTurn(ref)).toBe('done');
    expect(await store.get(ref)).toMatchObject({ state: 'completed' });
  });

  it('a job that cannot be run fails as a whole, with its reason', async () => {
    const ref = await newJob(3);
    const batches = runner(async ({ index }) => answerOf(index));
    const job = await batches.fail(ref, { code: 'invalid_request', message: 'the file is not JSON' });
    expect(job).toMatchObject({ state: 'failed', counts: { cancelled: 3 }, error: { code: 'invalid_request' } });
    expect(await batches.runTurn(ref)).toBe('done');
  });

  it('a sweep tells the queue of every job that has not ended', async () => {
    const [open, done] = [await newJob(1), await newJob(1)];
    await runToEnd(
      runner(async ({ index }) => answerOf(index)),
      done,
    );
    const queue = fakeQueue();
    const count = await runner(async () => answerOf(0), { queue }).sweep();
    expect(count).toBe(queue.tasks.length);
    expect(queue.tasks).toContainEqual({ id: `acme/${open.jobId}`, payload: open });
    expect(queue.tasks.map(({ payload }) => payload.jobId)).not.toContain(done.jobId);
  });
});
