import { createRedis } from './redis';
import { redisHealth } from './redis-health';
import { startFakeRedis } from './spec-support/fake-redis';
import type { FakeRedis } from './spec-support/fake-redis';
import { createLogLines } from './spec-support/log-lines';
import { until } from './spec-support/until';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function server(port = 0): Promise<FakeRedis> {
  const redis = await startFakeRedis(port);
  closers.push(() => redis.close());
  return redis;
}

function connect(url: string, options: { blocking?: boolean; commandTimeoutMs?: number } = {}) {
  const { logger, lines } = createLogLines('info');
  const redis = createRedis(url, { name: 'spec', logger, ...options });
  closers.push(() => redis.disconnect());
  return { redis, lines };
}

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: Error) => error.message,
  );

describe('a Redis connection', () => {
  test('rejects commands at once while Redis is away, and works again within a second of its return', async () => {
    const first = await server();
    const { redis } = connect(first.url);
    await until(() => redis.status === 'ready', 'connected');
    await first.close();
    await until(() => redis.status !== 'ready', 'connection lost');
    const startedAt = performance.now();
    expect(await failure(redis.get('a'))).toContain('writeable');
    expect(performance.now() - startedAt).toBeLessThan(20);

    await server(first.port);
    const backAt = Date.now();
    await until(() => redis.status === 'ready', 'connected again');
    expect(Date.now() - backAt).toBeLessThan(1_000);
    expect(await redis.get('a')).toBeNull();
  });

  test('rejects the commands that were under way when the connection broke', async () => {
    const fake = await server();
    const { redis } = connect(fake.url);
    await until(() => redis.status === 'ready', 'connected');
    fake.freeze();
    const open = failure(redis.get('a'));
    await until(() => fake.commands.includes('get'), 'the command arrived');
    await fake.close();
    expect(await open).not.toBe('no error');
  });

  test('a blocking connection waits for Redis instead of failing', async () => {
    const first = await server();
    const { redis } = connect(first.url, { blocking: true });
    await until(() => redis.status === 'ready', 'connected');
    await first.close();
    await until(() => redis.status !== 'ready', 'connection lost');
    const reply = redis.get('a');
    await server(first.port);
    expect(await reply).toBeNull();
  });

  test('logs an outage once and the return once', async () => {
    const first = await server();
    const { redis, lines } = connect(first.url);
    await until(() => redis.status === 'ready', 'connected');
    await first.close();
    const attempts: number[] = [];
    redis.on('reconnecting', (delayMs: number) => attempts.push(delayMs));
    await until(() => attempts.length >= 3, 'three attempts');
    await server(first.port);
    await until(() => redis.status === 'ready', 'connected again');
    expect(lines.map((line) => line['msg'])).toEqual(['redis connection lost', 'redis connection is back']);
    expect(Math.max(...attempts)).toBeLessThanOrEqual(500);
  });

  test('a command without an answer fails after the command timeout', async () => {
    const fake = await server();
    const { redis } = connect(fake.url, { commandTimeoutMs: 40 });
    await until(() => redis.status === 'ready', 'connected');
    fake.freeze();
    expect(await failure(redis.get('a'))).toContain('timed out');
  });
});

describe('the health of Redis', () => {
  test('is what Redis itself answers', async () => {
    const fake = await server();
    const { redis } = connect(fake.url);
    const check = redisHealth(redis);
    expect(await check()).toMatchObject({ ok: false });
    await until(() => redis.status === 'ready', 'connected');
    expect(await check()).toEqual({ ok: true });
  });

  test('asks a frozen Redis once, however often it is looked at', async () => {
    const fake = await server();
    const { redis } = connect(fake.url);
    await until(() => redis.status === 'ready', 'connected');
    fake.freeze();
    const check = redisHealth(redis);
    const looks = [check(), check(), check()];
    await until(() => fake.commands.includes('ping'), 'a PING');
    fake.thaw();
    expect(await Promise.all(looks)).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(fake.commands.filter((name) => name === 'ping')).toHaveLength(1);
  });
});
