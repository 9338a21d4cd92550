import { randomUUID } from 'node:crypto';
import { createLogger, createMetrics, createRedis, type Metrics, type Redis } from '@costlane/platform';
import { redisUrlForTests, startOwnRedis, waitFor } from '@costlane/testing';
import { createSchedules, type Schedules, type SchedulesOptions } from './create-schedules';
import type { ScheduledTask } from './scheduled-task';

const redisUrl = redisUrlForTests();
const logger = createLogger({ service: 'test', level: 'silent' });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

(redisUrl ? describe : describe.skip)('schedules', () => {
  const prefix = `costlane-spec:{${randomUUID()}}`;
  const started: Schedules[] = [];
  let redis: Redis;
  let name: string;
  beforeAll(async () => {
    redis = createRedis(redisUrl ?? '', { name: 'spec', logger });
    await waitFor(() => redis.status === 'ready');
  });
  beforeEach(() => {
    name = `s-${randomUUID()}`;
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((each) => each.stop()));
  });
  afterAll(async () => {
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });

  const start = (tasks: ScheduledTask[], options: Partial<SchedulesOptions> = {}) => {
    const metrics = createMetrics({ service: 'test' });
    const schedules = createSchedules({ redisUrl: redisUrl ?? '', name, prefix, logger, metrics, ...options, tasks });
    started.push(schedules);
    schedules.start();
    return { schedules, metrics };
  };
  const task = (run: ScheduledTask['run'], changes: Partial<ScheduledTask> = {}): ScheduledTask => ({
    name: 'work',
    schedule: { everyMs: 40 },
    timeoutMs: 5_000,
    run,
    ...changes,
  });
  const runs = async (metrics: Metrics, result: string, of = 'work') => {
    const { values } = (await metrics.registry.getSingleMetric('costlane_task_runs_total')?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels['task'] === of && labels['result'] === result)?.value ?? 0;
  };
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });

  it('run a task again and again, by one of all instances at a time, though it takes longer than its distance', async () => {
    let running = 0;
    let most = 0;
    const by = new Map<number, number>();
    const instance = (n: number) =>
      start([
        task(async () => {
          most = Math.max(most, ++running);
          await sleep(120);
          running -= 1;
          by.set(n, (by.get(n) ?? 0) + 1);
        }),
      ]);
    const all = [instance(1), instance(2), instance(3)];
    await waitFor(() => [...by.values()].reduce((a, b) => a + b, 0) >= 8, { timeoutMs: 15_000 });
    expect(most).toBe(1);
    const skipped = await Promise.all(all.map(({ metrics }) => runs(metrics, 'elsewhere')));
    expect(skipped.reduce((a, b) => a + b)).toBeGreaterThan(0);
  }, 20_000);

  it('count what came of it, and go on after a failure', async () => {
    let n = 0;
    const { metrics } = start([
      task(() => (++n % 2 === 1 ? Promise.reject(new Error('no')) : Promise.resolve())),
      task(() => Promise.resolve(), { name: 'other', schedule: { cron: '* * * * * *' } }),
    ]);
    await waitFor(async () => (await runs(metrics, 'failed')) >= 2 && (await runs(metrics, 'done')) >= 2, {
      timeoutMs: 10_000,
    });
    await waitFor(async () => (await runs(metrics, 'done', 'other')) >= 1);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/costlane_task_latency_seconds_count\{service="test",task="work"\} [1-9]/);
    const last = /costlane_task_last_success_timestamp_seconds\{task="other",service="test"\} (\S+)/.exec(text)?.[1];
    expect(Math.abs(Number(last) - Date.now() / 1_000)).toBeLessThan(10);
  }, 20_000);

  it('abort a run that takes too long, and begin the next', async () => {
    let begun = 0;
    const { metrics } = start([task((signal) => (begun++, untilAborted(signal)), { timeoutMs: 30 })]);
    await waitFor(async () => (await runs(metrics, 'timed_out')) >= 2, { timeoutMs: 10_000 });
    expect(begun).toBeGreaterThanOrEqual(2);
    expect(await runs(metrics, 'done')).toBe(0);
  }, 20_000);

  it('leave a run alone that does not heed its signal', async () => {
    let begun = 0;
    const { metrics } = start([task(() => (begun++, new Promise(() => undefined)), { timeoutMs: 30 })], {
      graceMs: 20,
    });
    await waitFor(async () => begun >= 3 && (await runs(metrics, 'timed_out')) >= 2, { timeoutMs: 10_000 });
  }, 20_000);

  it('end what runs when the service stops, and take no more', async () => {
    let begun = 0;
    const { schedules, metrics } = start([task((signal) => (begun++, untilAborted(signal)))]);
    await waitFor(() => begun === 1);
    await schedules.stop();
    expect(await runs(metrics, 'interrupted')).toBe(1);
    expect(begun).toBe(1);
  });

  it('wait for an instance that died in the middle of a run no longer than its lock holds', async () => {
    await redis.set(`${prefix}:${name}:lock:work`, 'who died', 'PX', 60_000);
    const { metrics } = start([task(() => Promise.resolve())]);
    await waitFor(async () => (await runs(metrics, 'elsewhere')) > 0, { timeoutMs: 10_000 });
    expect(await runs(metrics, 'done')).toBe(0);
    await redis.pexpire(`${prefix}:${name}:lock:work`, 10);
    await waitFor(async () => (await runs(metrics, 'done')) > 0, { timeoutMs: 10_000 });
  }, 20_000);

  it('end a run whose lock another instance has by now', async () => {
    let reason: unknown;
    const { metrics } = start(
      [task((signal) => untilAborted(signal).catch((error: unknown) => ((reason = error), Promise.reject(error))))],
      { lockMs: 60 },
    );
    await waitFor(() => redis.exists(`${prefix}:${name}:lock:work`));
    await redis.set(`${prefix}:${name}:lock:work`, 'other', 'PX', 60_000);
    await waitFor(async () => (await runs(metrics, 'interrupted')) === 1);
    expect(String(reason)).toContain('another instance');
    expect(await redis.get(`${prefix}:${name}:lock:work`)).toBe('other');
  });

  it('pass over a task of another version', async () => {
    let others = 0;
    const { schedules } = start([task(() => Promise.resolve(void others++), { name: 'of-another-version' })]);
    await waitFor(() => others > 0);
    await schedules.stop();
    const before = others;
    const { metrics } = start([task(() => Promise.resolve())]);
    await waitFor(async () => (await runs(metrics, 'done')) > 2, { timeoutMs: 10_000 });
    expect(others).toBe(before);
  }, 20_000);

  it('keep their distance however often they are put back', async () => {
    let n = 0;
    start([task(() => Promise.resolve(void n++), { schedule: { everyMs: 300 } })], { restoreMs: 20 });
    await waitFor(() => n > 0);
    const from = Date.now();
    const before = n;
    await waitFor(() => n >= before + 4, { timeoutMs: 10_000 });
    expect(Date.now() - from).toBeGreaterThan(3 * 300 - 50);
  }, 20_000);

  it('refuse two tasks of one name', () => {
    const options = { redisUrl: redisUrl ?? '', name, prefix, logger, metrics: createMetrics({ service: 'test' }) };
    const twin = task(() => Promise.resolve());
    expect(() => createSchedules({ ...options, tasks: [twin, twin] })).toThrow('two tasks have one name');
  });

  it('come up before Redis does, and outlive it and the loss of all that is in it', async () => {
    const own = await startOwnRedis(redisUrl ?? '');
    if (!own) return;
    const direct = createRedis(own.url, { name: 'spec', logger });
    const waiting = { timeoutMs: 15_000 };
    try {
      await own.kill();
      let n = 0;
      const count = task(() => Promise.resolve(void n++));
      const { schedules } = start([count], { redisUrl: own.url, restoreMs: 100, graceMs: 10 });
      await own.start();
      await waitFor(() => n > 1, waiting);
      await waitFor(() => direct.status === 'ready', waiting);
      await direct.flushall();
      const before = n;
      await waitFor(() => n > before + 2, waiting);
      await schedules.stop();
    } finally {
      direct.disconnect();
      await own.remove();
    }
  }, 60_000);
});
