import type { BatchJob } from '@costlane/ledger';
import { waitFor } from '@costlane/testing';
import { answerOf, describeWithPostgres, startJobFixture, type JobFixture } from '../testing/job-fixture';

describeWithPostgres('batch runner', () => {
  let fixture: JobFixture;
  beforeAll(async () => {
    fixture = await startJobFixture();
  });
  afterAll(() => fixture?.end());

  it('runs all items of a job, within its concurrency, and keeps what each one gave', async () => {
    const ref = await fixture.newJob(40);
    let running = 0;
    let most = 0;
    const ended: BatchJob[] = [];
    const batches = fixture.runner(
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
    expect((await fixture.all(ref)).map(({ result }) => result?.toString())).toEqual(
      Array.from({ length: 40 }, (_, i) => `answer ${i}`),
    );
    expect(ended).toMatchObject([{ state: 'completed', costNanoUsd: 40, counts: { total: 40, succeeded: 40 } }]);
    expect(await batches.runTurn(ref)).toBe('done');
    expect(ended).toHaveLength(1);
  });

  it('a job without items completes', async () => {
    const ref = await fixture.newJob(0);
    expect(
      await fixture.runToEnd(
        fixture.runner(async () => answerOf(0)),
        ref,
      ),
    ).toMatchObject({ state: 'completed' });
  });

  it('items fail by themselves: some for good, some after their attempts, some recover', async () => {
    const ref = await fixture.newJob(30);
    const attempts = new Map<number, number>();
    const batches = fixture.runner(async ({ index }) => {
      const attempt = (attempts.get(index) ?? 0) + 1;
      attempts.set(index, attempt);
      if (index % 10 === 1) return { kind: 'failed', errorCode: 'invalid_request', status: 400, isRetryable: false };
      if (index % 10 === 2) throw new Error('always');
      if (index % 10 === 3 && attempt < 3) return { kind: 'failed', errorCode: 'upstream_error', isRetryable: true };
      return answerOf(index);
    });
    const job = await fixture.runToEnd(batches, ref);
    expect(job).toMatchObject({ state: 'completed', counts: { total: 30, succeeded: 24, failed: 6 } });
    expect([1, 2, 3, 4].map((index) => attempts.get(index))).toEqual([1, 3, 3, 1]);
    const dead = await fixture.store.read(ref, { isDeadOnly: true });
    expect(dead.map(({ index }) => index)).toEqual([2, 12, 22]);
    expect(await batches.retryDead(ref)).toBe(3);
    expect(
      await fixture.runToEnd(
        fixture.runner(async ({ index }) => answerOf(index)),
        ref,
      ),
    ).toMatchObject({
      state: 'completed',
      counts: { succeeded: 27, failed: 3 },
    });
  });

  it('a cancellation in the middle breaks off what runs, keeps what is there, and starts nothing more', async () => {
    const ref = await fixture.newJob(50);
    let begun = 0;
    const batches = fixture.runner(
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
    expect(await fixture.store.get(ref)).toMatchObject({
      state: 'cancelled',
      counts: { total: 50, succeeded: 6, cancelled: 44, failed: 0 },
    });
    expect(await batches.cancel(ref)).toMatchObject({ state: 'cancelled' });
  });

  it('a job that is cancelled before it was begun ends without one call', async () => {
    const ref = await fixture.newJob(5);
    let calls = 0;
    const batches = fixture.runner(async ({ index }) => ((calls += 1), answerOf(index)));
    await batches.cancel(ref);
    expect(await fixture.runToEnd(batches, ref)).toMatchObject({ state: 'cancelled', counts: { cancelled: 5 } });
    expect(calls).toBe(0);
  });

  it('what is not done by the deadline expires, begun or not', async () => {
    const ref = await fixture.newJob(20, { deadlineAtMs: Date.now() + 400 });
    const batches = fixture.runner(({ index }, { signal, deadlineAtMs }) => {
      expect(deadlineAtMs).toBeDefined();
      if (index < 3) return Promise.resolve(answerOf(index));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    expect(await fixture.runToEnd(batches, ref)).toMatchObject({
      state: 'expired',
      counts: { total: 20, succeeded: 3, expired: 17 },
    });
    const late = await fixture.newJob(2, { deadlineAtMs: Date.now() - 1 });
    expect(await fixture.runToEnd(batches, late)).toMatchObject({ state: 'expired', counts: { expired: 2 } });
  });

  it('a job has its turn and then comes round again, so that others get theirs', async () => {
    const ref = await fixture.newJob(30);
    let clock = 0;
    const batches = fixture.runner(async ({ index }) => ((clock += 10), answerOf(index)), {
      now: () => clock,
      limits: { turnMs: 100 },
    });
    expect(await batches.runTurn(ref)).toEqual({ againInMs: 50 });
    const { counts } = (await fixture.store.get(ref)) as BatchJob;
    expect(counts.succeeded).toBeGreaterThanOrEqual(10);
    expect(counts.succeeded).toBeLessThan(20);
    expect(await fixture.runToEnd(batches, ref)).toMatchObject({ state: 'completed' });
  });

  it('a job that cannot be finalized is not ended, and is tried again', async () => {
    const ref = await fixture.newJob(1);
    let calls = 0;
    const batches = fixture.runner(async ({ index }) => answerOf(index), {
      finalize: async () => {
        if ((calls += 1) === 1) throw new Error('no room');
      },
    });
    await expect(batches.runTurn(ref)).rejects.toThrow('no room');
    expect(await fixture.store.get(ref)).toMatchObject({ state: 'finalizing' });
    expect(await batches.runTurn(ref)).toBe('done');
    expect(await fixture.store.get(ref)).toMatchObject({ state: 'completed' });
  });

  it('a job that cannot be run fails as a whole, with its reason', async () => {
    const ref = await fixture.newJob(3);
    const batches = fixture.runner(async ({ index }) => answerOf(index));
    const job = await batches.fail(ref, { code: 'invalid_request', message: 'the file is not JSON' });
    expect(job).toMatchObject({ state: 'failed', counts: { cancelled: 3 }, error: { code: 'invalid_request' } });
    expect(await batches.runTurn(ref)).toBe('done');
  });
});
