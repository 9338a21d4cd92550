import { createLedger, createMigratedDatabase, type JobRef, type Ledger, type ScratchDatabase } from '@costlane/ledger';
import { createLogger, createRedis } from '@costlane/platform';
import { databaseUrlForTests, redisUrlForTests, startOwnRedis, waitFor, type OwnRedis } from '@costlane/testing';
import { createBullmqQueue } from '../queue/create-bullmq-queue';
import type { JobQueue } from '../queue/job-queue';
import { createBatchRunner } from './create-batch-runner';

const [databaseUrl, redisUrl] = [databaseUrlForTests(), redisUrlForTests()];
const logger = createLogger({ service: 'test', level: 'silent' });

(databaseUrl && redisUrl ? describe : describe.skip)('batches on a real queue', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let own: OwnRedis | undefined;
  let queue: JobQueue<JobRef> | undefined;
  beforeAll(async () => {
    own = await startOwnRedis(redisUrl ?? '');
    scratch = await createMigratedDatabase(databaseUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger });
  });
  afterAll(async () => {
    await queue?.close();
    await ledger?.close();
    await scratch?.drop();
    await own?.remove();
  });

  it('a job goes on after Redis was killed and came back with nothing in it', async () => {
    if (!own) return;
    const store = ledger.jobs;
    const ref = { tenantId: 'acme', jobId: 'job_1' };
    queue = createBullmqQueue<JobRef>({ redisUrl: own.url, name: 'batches', logger, retryBaseMs: 50, lockMs: 2_000 });
    const calls = new Map<number, number>();
    let isHeld = true;
    const runner = createBatchRunner({
      store,
      queue,
      logger,
      limits: { concurrency: 4, leaseItems: 4, turnMs: 30 },
      execute: async ({ index }, { signal }) => {
        calls.set(index, (calls.get(index) ?? 0) + 1);
        if (index === 30) await waitFor(() => !isHeld || signal.aborted, { timeoutMs: 15_000 });
        return { kind: 'succeeded', status: 200, result: Buffer.from(String(index)), costNanoUsd: 1 };
      },
    });
    await store.create({ ...ref, kind: 'batch' });
    await store.addItems(
      ref,
      Array.from({ length: 200 }, (_, n) => ({ request: Buffer.from(String(n)) })),
    );
    await store.seal(ref, 200);
    const running = runner.start({ concurrency: 2, sweepMs: 100 });
    try {
      await runner.announce(ref);
      await waitFor(() => calls.has(30), { timeoutMs: 15_000 });
      await own.kill();
      await runner.announce(ref);
      await own.start();
      const redis = createRedis(own.url, { name: 'spec', logger });
      // This one belongs to this spec alone.
      await waitFor(() => redis.flushall());
      redis.disconnect();
      isHeld = false;
      await waitFor(async () => (await store.get(ref))?.state === 'completed', { timeoutMs: 20_000 });
    } finally {
      await running.close();
    }
    expect(await store.get(ref)).toMatchObject({ costNanoUsd: 200, counts: { total: 200, succeeded: 200 } });
    expect([...calls.values()].every((count) => count === 1)).toBe(true);
    await waitFor(async () => (await queue?.size())?.active === 0);
  }, 60_000);
});
