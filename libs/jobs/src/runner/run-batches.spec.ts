import {
  createLedger,
  createMigratedDatabase,
  type BatchJob,
  type JobRef,
  type JobStore,
  type Ledger,
  type ScratchDatabase,
} from '@costlane/ledger';
import { createLogger } from '@costlane/platform';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import type { JobQueue } from '../queue/job-queue';
import { answerWith as answer, FakeProvider } from '../testing/fake-provider';
import type { BatchLane } from './batch-lane';
import { createBatchRunner, type BatchRunner } from './create-batch-runner';
import type { ExecuteItem } from './run-items';

const databaseUrl = databaseUrlForTests();
const logger = createLogger({ service: 'test', level: 'silent' });
const queue: JobQueue<JobRef> = {
  enqueue: async () => undefined,
  schedule: async () => undefined,
  unschedule: async () => undefined,
  work: () => ({ close: async () => undefined }),
  waiting: async () => [],
  size: async () => ({ waiting: 0, active: 0, delayed: 0 }),
  close: async () => undefined,
};
(databaseUrl ? describe : describe.skip)('batches at providers', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let store: JobStore;
  let next = 0;
  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger });
    store = ledger.jobs;
  });
  afterAll(async () => {
    await ledger?.close();
    await scratch?.drop();
  });

  async function newJob(count: number): Promise<JobRef> {
    const ref = { tenantId: 'acme', jobId: `job_${(next += 1)}` };
    await store.create({ ...ref, kind: 'batch' });
    await store.addItems(
      ref,
      Array.from({ length: count }, (_, i) => ({ request: Buffer.from(String(i)) })),
    );
    await store.seal(ref, count);
    return ref;
  }
  const direct: ExecuteItem = async ({ index }) => answer(`direct ${index}`, 2);
  const runner = (lane: BatchLane, given = store, execute = direct, leaseMs = 30_000): BatchRunner =>
    createBatchRunner({
      store: given,
      queue,
      logger,
      lane,
      execute,
      limits: { leaseItems: 7, flushItems: 3, leaseMs },
    });
  async function runToEnd(batches: BatchRunner, ref: JobRef): Promise<BatchJob> {
    for (let turn = 0; turn < 300; turn += 1) {
      if ((await batches.runTurn(ref)) === 'done') return (await store.get(ref)) as BatchJob;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('the job does not end');
  }
  async function resultsOf(ref: JobRef): Promise<(string | undefined)[]> {
    const results: (string | undefined)[] = [];
    for await (const page of store.stream(ref)) for (const { result } of page) results.push(result?.toString());
    return results;
  }

  it('go out by group and within limits; what does not fit in is asked by itself', async () => {
    const provider = new FakeProvider();
    const ref = await newJob(30);
    expect(await runToEnd(runner(provider), ref)).toMatchObject({ state: 'completed', costNanoUsd: 27 + 2 * 3 });
    const batches = [...provider.batches.values()];
    expect(batches.map(({ group, indexes }) => `${group} ${indexes.length}`).sort()).toEqual(
      ['even 7', 'even 8', 'odd 4', 'odd 8'].sort(),
    );
    expect(batches.every(({ group, indexes }) => indexes.every((i) => (i % 2 === 0) === (group === 'even')))).toBe(
      true,
    );
    expect(await resultsOf(ref)).toEqual(
      Array.from({ length: 30 }, (_, i) => (i % 10 === 9 ? `direct ${i}` : `batch ${i}`)),
    );
  });

  it('are waited for without a call; what they leave unanswered or failed for now is asked by itself', async () => {
    const provider = new FakeProvider();
    provider.isDone = false;
    provider.answers = (index) => {
      if (index === 0) return undefined;
      if (index === 2) return { kind: 'failed', errorCode: 'upstream_error', isRetryable: true };
      if (index === 4) return { kind: 'failed', errorCode: 'upstream_rejected', status: 400, isRetryable: false };
      return answer(`batch ${index}`, 1);
    };
    const ref = await newJob(8);
    const batches = runner(provider);
    expect(await batches.runTurn(ref)).toMatchObject({ againInMs: expect.any(Number) });
    expect(await store.get(ref)).toMatchObject({ state: 'running', counts: { succeeded: 0, failed: 0 } });
    provider.isDone = true;
    expect(await runToEnd(batches, ref)).toMatchObject({ state: 'completed', counts: { succeeded: 7, failed: 1 } });
    expect((await resultsOf(ref)).slice(0, 4)).toEqual(['direct 0', 'batch 1', 'direct 2', 'batch 3']);
  });

  it('one whose answer was lost is found, not sent again; one that is put off is sent later; one that is refused is taken apart', async () => {
    const provider = new FakeProvider();
    const kinds = ['unknown', 'later', 'refused'];
    provider.replies = (providerBatchId) => {
      const kind = kinds.shift();
      if (kind === 'unknown' || kind === 'refused') return { kind };
      return kind === 'later' ? { kind, waitMs: 1 } : { kind: 'submitted', providerBatchId };
    };
    const ref = await newJob(24);
    const job = await runToEnd(runner(provider), ref);
    expect(job).toMatchObject({ state: 'completed', counts: { succeeded: 24 } });
    expect(provider.doubled).toEqual([]);
    const sent = [...provider.batches.values()].flatMap(({ indexes }) => indexes);
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent.length).toBeGreaterThan(8);
    expect(sent.length).toBeLessThan(22);
    // Each is told of as done, whether it was taken or not.
    expect(new Set(provider.done).size).toBe(4);
  });

  it('a cancellation ends them, and counts what they had answered', async () => {
    const provider = new FakeProvider();
    provider.isDone = false;
    provider.answers = (index) => {
      if (index === 3) return answer('in time', 1);
      return index === 4 ? { kind: 'failed', errorCode: 'cancelled', isRetryable: false } : undefined;
    };
    const ref = await newJob(8);
    const batches = runner(provider);
    await batches.runTurn(ref);
    await batches.cancel(ref);
    expect(await runToEnd(batches, ref)).toMatchObject({
      state: 'cancelled',
      counts: { total: 8, succeeded: 1, cancelled: 7, failed: 0 },
    });
    expect(provider.cancelled.size).toBe(provider.batches.size);
  });

  it('a job that fails as a whole asks for the end of its batches', async () => {
    const provider = new FakeProvider();
    provider.isDone = false;
    const ref = await newJob(8);
    const batches = runner(provider);
    await batches.runTurn(ref);
    const job = await batches.fail(ref, { code: 'invalid_request', message: 'not to be run' });
    expect(job).toMatchObject({ state: 'failed', counts: { total: 8, cancelled: 8 } });
    expect(provider.cancelled.size).toBe(provider.batches.size);
    expect(await store.submissions(ref)).toEqual([]);
  });

  it('a runner that dies at any step hands no item over twice, and the next one ends each of them', async () => {
    for (let round = 2; ; round += 1) {
      // Each step twice: with and without the statement's effect.
      const diesAt = Math.floor(round / 2);
      const isInVain = round % 2 === 0;
      const provider = new FakeProvider();
      const ref = await newJob(12);
      let steps = 0;
      const mortal = new Proxy(store, {
        get(target, name: keyof JobStore) {
          if (name === 'submittedItems' || name === 'stream' || name === 'unfinished') return target[name];
          const method = target[name] as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            if (steps >= diesAt) return new Promise(() => undefined);
            steps += 1;
            const result = isInVain && steps >= diesAt ? undefined : await method(...args);
            return steps >= diesAt ? new Promise(() => undefined) : result;
          };
        },
      });
      let hasFinished = false;
      void runToEnd(runner(provider, mortal, direct, 60), ref).then(() => (hasFinished = true));
      await waitFor(() => hasFinished || steps >= diesAt, { timeoutMs: 10_000, intervalMs: 1 });
      if (steps < diesAt) {
        expect(diesAt).toBeGreaterThan(12);
        return;
      }
      const job = await runToEnd(runner(provider), ref);
      expect(job).toMatchObject({ state: 'completed', counts: { total: 12, succeeded: 12 }, costNanoUsd: 13 });
      expect(provider.doubled).toEqual([]);
      const sent = [...provider.batches.values()].flatMap(({ indexes }) => indexes);
      expect([...sent].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]);
    }
  }, 240_000);
});
