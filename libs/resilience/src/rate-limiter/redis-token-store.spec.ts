import { randomUUID } from 'node:crypto';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { redisUrlForTests, waitFor } from '@costlane/testing';
import { createRateLimiter } from './rate-limiter';
import { createRedisTokenStore } from './redis-token-store';

const url = redisUrlForTests();
const describeWithRedis = url ? describe : describe.skip;
const logger = createLogger({ service: 'test', level: 'silent' });

describeWithRedis('createRedisTokenStore', () => {
  let redis: Redis;
  const connect = () => createRedis(url ?? '', { name: 'resilience-test', logger });

  beforeAll(async () => {
    redis = connect();
    await waitFor(() => redis.status === 'ready');
  });
  afterAll(() => redis.disconnect());

  it('gives a new bucket whole, then nothing until a token has been refilled', async () => {
    const store = createRedisTokenStore(redis);
    const key = randomUUID();
    expect(await store.take(key, 60, 40)).toEqual({ granted: 40, retryAfterMs: 0 });
    expect(await store.take(key, 60, 40)).toEqual({ granted: 20, retryAfterMs: 0 });
    const { granted, retryAfterMs } = await store.take(key, 60, 1);
    expect(granted).toBe(0);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(1_000);
    expect((await waitFor(async () => (await store.take(key, 60, 1)).granted)) as unknown).toBe(1);
  });

  it('keeps no bucket for longer than it takes to fill', async () => {
    const key = randomUUID();
    await createRedisTokenStore(redis).take(key, 10, 1);
    const lifetimeMs = await redis.pttl(`costlane:limit:${key}`);
    expect(lifetimeMs).toBeGreaterThan(59_000);
    expect(lifetimeMs).toBeLessThanOrEqual(61_000);
  });

  it('holds a limit across gateways that ask at the same time', async () => {
    const other = connect();
    await waitFor(() => other.status === 'ready');
    const limiters = [redis, other].map((connection) =>
      createRateLimiter({ store: createRedisTokenStore(connection) }),
    );
    const key = randomUUID();
    const checks = Array.from({ length: 300 }, (_, i) => limiters[i % 2]?.check(key, 30));
    const results = await Promise.all(checks);
    other.disconnect();
    const allowed = results.filter((result) => result?.ok).length;
    // While the test runs a token may have been refilled.
    expect(allowed).toBeGreaterThanOrEqual(29);
    expect(allowed).toBeLessThanOrEqual(32);
  });

  it('rejects when Redis cannot be reached', async () => {
    const away = createRedis('redis://127.0.0.1:1', { name: 'away', logger });
    await expect(createRedisTokenStore(away).take('key', 1, 1)).rejects.toThrow();
    away.disconnect();
  });
});
