import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRef } from '@costlane/ledger';
import { createRedis } from '@costlane/platform';
import { redisUrlForTests, waitFor } from '@costlane/testing';
import { createBullmqQueue } from '../queue/create-bullmq-queue';
import { answerOf, describeWithPostgres, quiet, startJobFixture, type JobFixture } from '../testing/job-fixture';

const redisUrl = redisUrlForTests();
const LARGE_JOBS = 8;

(redisUrl ? describeWithPostgres : describe.skip)('jobs of several tenants', () => {
  const prefix = `costlane-spec:{${randomUUID()}}`;
  let fixture: JobFixture;
  beforeAll(async () => {
    fixture = await startJobFixture();
  });
  afterAll(async () => {
    await fixture.end();
    const redis = createRedis(redisUrl ?? '', { name: 'spec', logger: quiet });
    const keys = await waitFor(() => redis.keys(`${prefix}*`));
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });

  it('a small job of one does not wait for another one’s many large ones', async () => {
    const { store } = fixture;
    const queue = createBullmqQueue<JobRef>({ redisUrl: redisUrl ?? '', name: 'batches', prefix, logger: quiet });
    const began = new Map<string, number>();
    const runner = fixture.runner(
      async ({ index, job }, { signal }) => {
        began.set(job.tenantId, (began.get(job.tenantId) ?? 0) + 1);
        await sleep(20, undefined, { signal }).catch(() => undefined);
        return answerOf(index);
      },
      { queue, limits: { concurrency: 2, turnMs: 60_000 } },
    );
    const large: JobRef[] = [];
    for (let i = 0; i < LARGE_JOBS; i += 1) large.push(await fixture.newJob(5_000, { tenantId: 'large' }));
    const running = runner.start({ concurrency: 2, sweepMs: 60_000 });
    try {
      await waitFor(() => (began.get('large') ?? 0) > 8);
      const small = await fixture.newJob(3, { tenantId: 'small' });
      await runner.announce(small);
      await waitFor(async () => (await store.get(small))?.state === 'completed', { timeoutMs: 20_000 });
      const states = await Promise.all(large.map(async (ref) => (await store.get(ref))?.state));
      expect(states.filter((state) => state === 'completed')).toEqual([]);
    } finally {
      await running.close();
      await queue.close();
    }
  }, 60_000);
});
