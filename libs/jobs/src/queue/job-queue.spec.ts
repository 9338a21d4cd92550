import { randomUUID } from 'node:crypto';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { redisUrlForTests, startOwnRedis, startTcpProxy, waitFor, type TcpProxy } from '@costlane/testing';
import { createBullmqQueue, type BullmqQueueOptions } from './create-bullmq-queue';
import type { JobQueue } from './job-queue';

const redisUrl = redisUrlForTests();
const logger = createLogger({ service: 'test', level: 'silent' });
interface Payload {
  n: number;
}

(redisUrl ? describe : describe.skip)('job queue', () => {
  const prefix = `costlane-spec:{${randomUUID()}}`;
  const queues: JobQueue<Payload>[] = [];
  let redis: Redis;
  beforeAll(async () => {
    redis = createRedis(redisUrl ?? '', { name: 'spec', logger });
    await waitFor(() => redis.status === 'ready');
  });
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
  });
  afterAll(async () => {
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });
  const create = async (options: Partial<BullmqQueueOptions> = {}): Promise<JobQueue<Payload>> => {
    const name = options.name ?? `q-${randomUUID()}`;
    const queue = createBullmqQueue<Payload>({ redisUrl: redisUrl ?? '', prefix, logger, ...options, name });
    queues.push(queue);
    await waitFor(() => queue.size());
    return queue;
  };
  const nothing = { waiting: 0, active: 0, delayed: 0 };

  it('hands each task to a worker once and leaves no keys of it', async () => {
    const name = `q-${randomUUID()}`;
    const queue = await create({ name });
    const seen: number[] = [];
    queue.work(async ({ n }) => (seen.push(n), 'done'), { concurrency: 4 });
    await queue.enqueue(Array.from({ length: 50 }, (_, n) => ({ id: `12:${n}`, payload: { n } })));
    await waitFor(async () => seen.length === 50 && (await queue.size()).active === 0);
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    const keys = await redis.keys(`${prefix}:${name}:*`);
    expect(keys.filter((key) => key.includes(':t-'))).toEqual([]);
    expect(keys.length).toBeLessThan(6);
  });

  it('adds nothing under an id that waits or runs, and takes it again when it is done', async () => {
    const queue = await create();
    await queue.enqueue([{ id: 'a', payload: { n: 1 } }]);
    await queue.enqueue([
      { id: 'a', payload: { n: 2 } },
      { id: 'b', payload: { n: 3 } },
    ]);
    const seen: number[] = [];
    queue.work(async ({ n }) => (seen.push(n), 'done'), { concurrency: 1 });
    await waitFor(async () => seen.length === 2 && (await queue.size()).active === 0);
    await queue.enqueue([{ id: 'a', payload: { n: 4 } }]);
    await waitFor(() => seen.length === 3);
    expect(seen).toEqual([1, 3, 4]);
  });

  it('tells which tasks wait for a worker: the oldest and the newest, not those whose time has not come', async () => {
    const queue = await create();
    await queue.enqueue(['a/1', 'b:x/2', 'c/3', 'd/4'].map((id, n) => ({ id, payload: { n } })));
    await queue.enqueue([{ id: 'e/5', payload: { n: 5 }, delayMs: 60_000 }]);
    expect(await queue.waiting(1)).toEqual(['a/1', 'd/4']);
    expect(await queue.waiting(10)).toHaveLength(4);
    expect(await queue.waiting(10)).toContain('b:x/2');
  });

  it('brings a task round again when its handler says so, and when it throws', async () => {
    const errors: unknown[] = [];
    const queue = await create({ retryBaseMs: 5, onError: (error) => errors.push(error) });
    const seen: number[] = [];
    queue.work(
      async ({ n }) => {
        seen.push(n);
        if (seen.length === 1) return { againInMs: 5 };
        if (seen.length === 2) throw new Error('no luck');
        return 'done';
      },
      { concurrency: 1 },
    );
    await queue.enqueue([{ id: 'a', payload: { n: 7 } }]);
    await waitFor(() => seen.length === 3, { timeoutMs: 15_000 });
    await waitFor(async () => Object.values(await queue.size()).every((count) => count === 0));
    expect(seen).toEqual([7, 7, 7]);
    expect(errors).toMatchObject([{ message: 'no luck' }]);
  });

  it('begins a delayed task when its time has come', async () => {
    const queue = await create();
    const startedAtMs = Date.now();
    let seenAtMs = 0;
    queue.work(async () => ((seenAtMs = Date.now()), 'done'), { concurrency: 1 });
    await queue.enqueue([{ id: 'later', payload: { n: 1 }, delayMs: 300 }]);
    await waitFor(() => seenAtMs > 0);
    expect(seenAtMs - startedAtMs).toBeGreaterThanOrEqual(295);
  });

  it('runs a schedule until it is taken away; set again under its name there is one still', async () => {
    const queue = await create();
    const seen: number[] = [];
    queue.work(async ({ n }) => (seen.push(n), 'done'), { concurrency: 1 });
    await queue.schedule('rollup', { everyMs: 60_000 }, { n: 1 });
    await queue.schedule('rollup', { everyMs: 100 }, { n: 2 });
    await queue.schedule('nightly', { cron: '0 3 * * *' }, { n: 3 });
    await waitFor(() => seen.filter((n) => n === 2).length >= 3, { timeoutMs: 10_000 });
    await queue.unschedule('rollup');
    await queue.unschedule('nightly');
    await waitFor(async () => expect(await queue.size()).toEqual(nothing) === undefined, { timeoutMs: 3_000 });
    expect(seen).not.toContain(3);
  });

  it('gives a task to another worker when its own is cut off', async () => {
    const name = `q-${randomUUID()}`;
    const proxy = await startTcpProxy(redisUrl ?? '');
    const lost = await create({ name, redisUrl: proxy.url, lockMs: 500, stalledCheckMs: 200 });
    let end: () => void = () => undefined;
    lost.work(() => new Promise((resolve) => (end = () => resolve('done'))), { concurrency: 1 });
    await lost.enqueue([{ id: 'a', payload: { n: 1 } }]);
    await waitFor(async () => (await lost.size()).active === 1);
    proxy.freeze();
    const queue = await create({ name, lockMs: 500, stalledCheckMs: 200 });
    const seen: number[] = [];
    queue.work(async ({ n }) => (seen.push(n), 'done'), { concurrency: 1 });
    await waitFor(() => seen.length === 1, { timeoutMs: 10_000 });
    proxy.thaw();
    end();
    await lost.close();
    await proxy.stop();
  });

  it('tells tasks that run of the end, and keeps what they leave for the next worker', async () => {
    const queue = await create();
    const first = queue.work(
      (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ againInMs: 0 }))),
      { concurrency: 1 },
    );
    await queue.enqueue([{ id: 'a', payload: { n: 1 } }]);
    await waitFor(async () => (await queue.size()).active === 1);
    await first.close();
    const seen: number[] = [];
    queue.work(async ({ n }) => (seen.push(n), 'done'), { concurrency: 1 });
    await waitFor(() => seen.length === 1);
  });

  it('fails at once while Redis is away, and goes on working when it is back with nothing in it', async () => {
    const own = await startOwnRedis(redisUrl ?? '');
    if (!own) return;
    try {
      const queue = await create({ redisUrl: own.url });
      const seen: number[] = [];
      queue.work(async ({ n }) => (seen.push(n), 'done'), { concurrency: 1 });
      await queue.enqueue([{ id: 'a', payload: { n: 1 } }]);
      await waitFor(() => seen.length === 1);
      await own.kill();
      await expect(queue.enqueue([{ id: 'b', payload: { n: 2 } }])).rejects.toThrow();
      await own.start();
      await waitFor(() => queue.enqueue([{ id: 'b', payload: { n: 2 } }]).then(() => true));
      await waitFor(() => seen.length === 2, { timeoutMs: 15_000 });
      expect(seen).toEqual([1, 2]);
      await queue.close();
    } finally {
      await own.remove();
    }
  }, 40_000);

  it.each([
    ['frozen', async (proxy: TcpProxy) => proxy.freeze(), async (proxy: TcpProxy) => proxy.thaw()],
    ['away', (proxy: TcpProxy) => proxy.stop(), (proxy: TcpProxy) => proxy.start()],
  ])('ends soon, and keeps no connection, while Redis is %s', async (_how, takeAway, bringBack) => {
    const proxy = await startTcpProxy(redisUrl ?? '');
    try {
      const queue = await create({ redisUrl: proxy.url });
      let begun = 0;
      queue.work(
        async (_payload, signal) => {
          begun++;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          return 'done';
        },
        { concurrency: 2 },
      );
      await queue.enqueue([{ id: 'a', payload: { n: 1 } }]);
      await waitFor(() => begun === 1 && proxy.connections() === 3);
      await takeAway(proxy);
      const from = Date.now();
      await queue.close();
      expect(Date.now() - from).toBeLessThan(5_000);
      await bringBack(proxy);
      await waitFor(() => proxy.connections() === 0);
    } finally {
      await proxy.stop();
    }
  });
});
