import { createRedis } from './redis';
import { createRedisBreaker } from './redis-breaker';
import { startFakeRedis } from './spec-support/fake-redis';
import { createLogLines } from './spec-support/log-lines';
import { until } from './spec-support/until';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp({ timeoutMs = 50 } = {}) {
  const fake = await startFakeRedis();
  const { logger, lines } = createLogLines('info');
  const redis = createRedis(fake.url, { name: 'spec', logger });
  await until(() => redis.status === 'ready', 'connected');
  const breaker = createRedisBreaker({ redis, logger, timeoutMs, probeIntervalMs: 30 });
  const events: string[] = [];
  breaker.onOpen(() => events.push('open'));
  breaker.onClose(() => events.push('close'));
  closers.push(
    () => fake.close(),
    () => redis.disconnect(),
    () => breaker.dispose(),
  );
  return { fake, redis, breaker, events, lines };
}

describe('the Redis breaker', () => {
  test('passes answers through while Redis is well', async () => {
    const { redis, breaker, events } = await setUp();
    expect(await breaker.run(() => redis.get('a'))).toEqual({ ok: true, value: null });
    expect(breaker.isOpen).toBe(false);
    expect(events).toEqual([]);
  });

  test('a frozen Redis costs a request at most 100 ms, and those after it nothing', async () => {
    const { fake, redis, breaker, events } = await setUp();
    fake.freeze();
    const startedAt = performance.now();
    const first = await breaker.run(() => redis.get('a'));
    const firstMs = performance.now() - startedAt;
    expect(first).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(firstMs).toBeGreaterThan(40);
    expect(firstMs).toBeLessThan(100);
    expect(breaker.isOpen).toBe(true);

    const commandsBefore = fake.commands.filter((name) => name === 'get').length;
    expect(await breaker.run(() => redis.get('b'))).toMatchObject({ ok: false });
    expect(fake.commands.filter((name) => name === 'get')).toHaveLength(commandsBefore);
    expect(events).toEqual(['open']);
  });

  test('closes when a PING is answered, with one PING under way at a time', async () => {
    const { fake, redis, breaker, events, lines } = await setUp();
    fake.freeze();
    await breaker.run(() => redis.get('a'));
    await until(() => fake.commands.includes('ping'), 'a probe');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(fake.commands.filter((name) => name === 'ping')).toHaveLength(1);
    fake.thaw();
    await until(() => !breaker.isOpen, 'closed');
    expect(await breaker.run(() => redis.get('a'))).toEqual({ ok: true, value: null });
    expect(events).toEqual(['open', 'close']);
    expect(lines.map((line) => line['msg'])).toEqual(['redis breaker opened', 'redis breaker closed']);
  });

  test('opens at once when the connection is lost, failing what is under way', async () => {
    const { fake, redis, breaker } = await setUp();
    fake.freeze();
    const open = breaker.run(() => redis.get('a'));
    const startedAt = performance.now();
    await fake.close();
    expect(await open).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(performance.now() - startedAt).toBeLessThan(45);
    await until(() => breaker.isOpen, 'open');
  });

  test('an error reply fails that operation only', async () => {
    const { fake, redis, breaker } = await setUp();
    fake.replyToGet('-OOM command not allowed\r\n');
    expect(await breaker.run(() => redis.get('a'))).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(breaker.isOpen).toBe(false);
  });

  test('a process that was itself blocked does not blame Redis', async () => {
    const { redis, breaker } = await setUp();
    const answer = breaker.run(() => redis.get('a'));
    const blockedUntil = performance.now() + 150;
    while (performance.now() < blockedUntil);
    expect(await answer).toEqual({ ok: true, value: null });
    expect(breaker.isOpen).toBe(false);
  });

  test('an operation that throws before it starts is a failure, not a crash', async () => {
    const { breaker } = await setUp();
    const result = await breaker.run(() => {
      throw new Error('bad arguments');
    });
    expect(result).toMatchObject({ ok: false });
    expect(breaker.isOpen).toBe(false);
  });

  test('stays right over thousands of operations', async () => {
    // On a busy machine one of thousands is late.
    const { redis, breaker } = await setUp({ timeoutMs: 5_000 });
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.all(Array.from({ length: 300 }, () => breaker.run(() => redis.get('a'))));
      expect(results.every((result) => result.ok)).toBe(true);
    }
    expect(breaker.isOpen).toBe(false);
  });
});
