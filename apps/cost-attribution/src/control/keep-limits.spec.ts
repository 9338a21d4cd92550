import { semanticLimitsKey } from '@costlane/contracts';
import type { StoredControl } from '@costlane/ledger';
import { createLogger, createRedis } from '@costlane/platform';
import { redisUrlForTests, waitFor } from '@costlane/testing';
import { restoreLimits } from './keep-limits';

const url = redisUrlForTests();

const document = (id: string, body: Record<string, unknown>): StoredControl => ({
  kind: 'tenant-policy',
  id,
  body,
  version: 1,
  isDeleted: false,
  updatedAt: new Date(),
});

(url ? describe : describe.skip)('false-hit limits', () => {
  it('are put back where Redis has lost them, and left alone where it has one', async () => {
    const redis = createRedis(url ?? '', { name: 'test', logger: createLogger({ service: 'test', level: 'silent' }) });
    const [lost, kept, none] = ['lost', 'kept', 'none'].map((name) => `${name}-${process.pid}-${Date.now()}`) as [
      string,
      string,
      string,
    ];
    const documents = [
      document(lost, { maxFalseHitRate: 0.01 }),
      document(kept, { maxFalseHitRate: 0.01 }),
      document(none, { dataPolicy: 'block' }),
    ];
    const control = { list: () => Promise.resolve(documents) };
    try {
      await waitFor(() => redis.status === 'ready');
      await redis.hset(semanticLimitsKey, kept, '0.03');
      expect(await restoreLimits(control, redis)).toBe(1);
      expect(await redis.hmget(semanticLimitsKey, lost, kept, none)).toEqual(['0.01', '0.03', null]);
      expect(await restoreLimits(control, redis)).toBe(0);
      expect(await restoreLimits({ list: () => Promise.resolve([]) }, redis)).toBe(0);
    } finally {
      if (redis.status === 'ready') await redis.hdel(semanticLimitsKey, lost, kept, none);
      redis.disconnect();
    }
  });
});
