import { randomBytes } from 'node:crypto';
import { fallbacksKey } from '@costlane/contracts';
import { createLogger, createMetrics, createRedis, tellFallbacks } from '@costlane/platform';
import { redisUrlForTests, waitFor } from '@costlane/testing';

(redisUrlForTests() ? describe : describe.skip)('fallbacks in Redis', () => {
  it('are those that were counted since, each once', async () => {
    const service = `test-${randomBytes(4).toString('hex')}`;
    const logger = createLogger({ service, level: 'silent' });
    const redis = createRedis(redisUrlForTests() ?? '', { name: 'test', logger });
    const metrics = createMetrics({ service });
    const telling = tellFallbacks({ service, metrics, redis, intervalMs: 10 });
    const field = `${service}/dispatch_direct`;
    const count = async () => Number(await redis.hget(fallbacksKey, field));
    try {
      metrics.fallback('dispatch_direct');
      metrics.fallback('dispatch_direct');
      await waitFor(async () => (await count()) === 2);
      metrics.fallback('dispatch_direct');
      await waitFor(async () => (await count()) === 3);
      expect(await redis.ttl(fallbacksKey)).toBeGreaterThan(80_000);
    } finally {
      telling.stop();
      await redis.hdel(fallbacksKey, field);
      redis.disconnect();
    }
  });
});
