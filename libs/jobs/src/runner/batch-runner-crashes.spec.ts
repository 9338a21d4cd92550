import { createLedger, type JobStore } from '@costlane/ledger';
import { startTcpProxy, waitFor } from '@costlane/testing';
import {
  answerOf,
  createFakeQueue,
  describeWithPostgres,
  quiet,
  startJobFixture,
  type JobFixture,
} from '../testing/job-fixture';
import type { ExecuteItem } from './run-items';

describeWithPostgres('batch runner in trouble', () => {
  let fixture: JobFixture;
  beforeAll(async () => {
    fixture = await startJobFixture();
  });
  afterAll(() => fixture?.end());

  it('a runner that dies at any step of its dealings with the store leaves a job that the next one ends, each item once', async () => {
    for (let round = 2; ; round += 1) {
      const diesAt = Math.floor(round / 2);
      const isInVain = round % 2 === 0;
      const ref = await fixture.newJob(20);
      let steps = 0;
      const isDead = (): boolean => steps >= diesAt;
      // Before or after the statement took effect, nothing comes back any more.
      const mortal = new Proxy(fixture.store, {
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
      const first = fixture.runner(execute, { store: mortal, limits: { leaseMs: 250 } }).runTurn(ref, ending.signal);
      let hasFinished = false;
      void first.then(() => (hasFinished = true));
      await waitFor(() => hasFinished || isDead(), { timeoutMs: 10_000, intervalMs: 1 });
      if (!isDead()) {
        expect(diesAt).toBeGreaterThan(8);
        return;
      }
      const job = await fixture.runToEnd(fixture.runner(execute, { limits: { maxAttempts: 3 } }), ref);
      expect(job).toMatchObject({ state: 'completed', costNanoUsd: 20, counts: { total: 20, succeeded: 20 } });
      const items = await fixture.all(ref);
      expect(items.map(({ result }) => result?.toString())).toEqual(items.map(({ index }) => `answer ${index}`));
      expect(Math.max(...calls.values())).toBeLessThanOrEqual(2);
      ending.abort();
    }
  }, 60_000);

  it('an item that takes its runner down time and again is dead in the end, and can be tried once more', async () => {
    const ref = await fixture.newJob(1);
    const limits = { leaseMs: 60, maxLosses: 1 };
    let killed = 0;
    const held: (() => void)[] = [];
    for (let runner = 0; runner < 2; runner += 1) {
      let isDead = false;
      // Nothing that it was doing is ever written.
      const mortal = new Proxy(fixture.store, {
        get(target, name: keyof JobStore) {
          const method = target[name] as (...args: unknown[]) => Promise<unknown>;
          return (...args: unknown[]) => (isDead ? new Promise(() => undefined) : method(...args));
        },
      });
      const execute: ExecuteItem = async ({ index }) => {
        isDead = true;
        killed += 1;
        // Let go at the end, so that nothing of it is left running.
        return new Promise((resolve) => held.push(() => resolve(answerOf(index))));
      };
      const victim = fixture.runner(execute, { store: mortal, limits });
      const hasDied = (): boolean => {
        if (!isDead) void victim.runTurn(ref);
        return isDead;
      };
      await waitFor(hasDied, { timeoutMs: 10_000, intervalMs: 20 });
    }
    for (const letGo of held) letGo();
    expect(killed).toBe(2);
    const heir = fixture.runner(async ({ index }) => answerOf(index), { limits });
    expect(await fixture.runToEnd(heir, ref)).toMatchObject({ counts: { succeeded: 0, failed: 1 } });
    const dead = await fixture.store.read(ref, { isDeadOnly: true });
    expect(dead).toMatchObject([{ index: 0, attempts: 1, errorCode: 'internal' }]);
    expect(await heir.retryDead(ref)).toBe(1);
    expect(await fixture.runToEnd(heir, ref)).toMatchObject({
      state: 'completed',
      counts: { succeeded: 1, failed: 0 },
    });
  });

  it('two runners at one job share it, and each item has one end', async () => {
    const ref = await fixture.newJob(100);
    const calls = new Map<number, number>();
    const execute: ExecuteItem = async ({ index }) => {
      calls.set(index, (calls.get(index) ?? 0) + 1);
      await new Promise((resolve) => setImmediate(resolve));
      return answerOf(index);
    };
    const ended: string[] = [];
    const two = [1, 2].map(() => fixture.runner(execute, { onEnded: ({ jobId }) => ended.push(jobId) }));
    const jobs = await Promise.all(two.map((batches) => fixture.runToEnd(batches, ref)));
    expect(jobs[0]).toMatchObject({ state: 'completed', costNanoUsd: 100, counts: { succeeded: 100 } });
    expect([...calls.values()].every((count) => count === 1)).toBe(true);
    expect(ended.length).toBeGreaterThanOrEqual(1);
  });

  it('a shutdown gives back what it breaks off, at no cost of an attempt', async () => {
    const ref = await fixture.newJob(10);
    const ending = new AbortController();
    let begun = 0;
    const batches = fixture.runner((_, { signal }) => {
      begun += 1;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const turn = batches.runTurn(ref, ending.signal);
    await waitFor(() => begun === 4);
    ending.abort();
    expect(await turn).toEqual({ againInMs: 50 });
    const leased = await fixture.store.lease(ref, {
      owner: 'next',
      limit: 50,
      maxBytes: 1e9,
      leaseMs: 1_000,
      maxLosses: 3,
    });
    expect(leased.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('results are not lost while the database is away', async () => {
    const ref = await fixture.newJob(12);
    const proxy = await startTcpProxy(fixture.databaseUrl);
    const far = createLedger({ databaseUrl: proxy.url, logger: quiet, connectTimeoutMs: 300 });
    const calls: number[] = [];
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const batches = fixture.runner(async ({ index }) => (calls.push(index), await answered, answerOf(index)), {
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
    expect(await fixture.store.get(ref)).toMatchObject({ state: 'completed', costNanoUsd: 12 });
    await far.close();
    await proxy.stop();
  });

  it('a sweep tells the queue of every job that has not ended', async () => {
    const [open, done] = [await fixture.newJob(1), await fixture.newJob(1)];
    await fixture.runToEnd(
      fixture.runner(async ({ index }) => answerOf(index)),
      done,
    );
    const queue = createFakeQueue();
    const count = await fixture.runner(async () => answerOf(0), { queue }).sweep();
    expect(count).toBe(queue.tasks.length);
    expect(queue.tasks).toContainEqual({ id: `acme/${open.jobId}`, payload: open });
    expect(queue.tasks.map(({ payload }) => payload.jobId)).not.toContain(done.jobId);
  });
});
