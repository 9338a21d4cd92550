import { consumerGroups, fallbacksKey, jobFields, parseCompletionFields, type JobHeader } from '@costlane/contracts';
import { createSignalPublisher, ensureGroup, startHeartbeat } from '@costlane/lanes';
import {
  createLogger,
  createMetrics,
  createRedis,
  HealthRegistry,
  Shutdown,
  type Metrics,
  type Redis,
} from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import { fastify } from 'fastify';
import { configSchema } from './config';
import { startRuntime } from './runtime';
import { createScalingDoor } from './scaling/scaling-door';
import type { ScalingReport } from './scaling/scaling-report';

const redisUrl = redisUrlForTests();

describe('the batcher’s settings', () => {
  it('refuse a smallest batch that is larger than the largest', () => {
    const { error } = configSchema.safeParse({ BATCH_MIN_SIZE: '9', BATCH_MAX_SIZE: '8' });
    expect(error?.issues).toMatchObject([{ path: ['BATCH_MIN_SIZE'] }]);
    expect(configSchema.safeParse({}).success).toBe(true);
  });
});

(redisUrl ? describe : describe.skip)('startRuntime', () => {
  let shard: SpecShard;
  let redis: Redis;
  let end: (() => Promise<void>)[];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    end = [];
  });
  afterEach(async () => {
    for (const step of end) await step();
    await shard.remove();
  });

  async function workerWith(concurrency: number): Promise<void> {
    const stream = shard.names.dispatch('mock');
    await redis.sadd(shard.names.providers, 'mock');
    await ensureGroup(redis, stream, consumerGroups.dispatch);
    await redis.xgroup('CREATECONSUMER', stream, consumerGroups.dispatch, 'w1');
    const state = () => ({ concurrency, inFlight: 0 });
    const beat = startHeartbeat({ redis, names: shard.names, consumer: 'w1', logger: shard.logger, state });
    end.push(() => beat.stop());
  }
  async function start(): Promise<{
    report: () => Promise<ScalingReport>;
    stop: () => Promise<void>;
    metrics: Metrics;
  }> {
    const health = new HealthRegistry();
    const { logger } = shard;
    const shutdown = new Shutdown({ logger, health, graceMs: 0, exit: () => undefined });
    const scaling = createScalingDoor();
    const metrics = createMetrics({ service: 'batcher' });
    const config = configSchema.parse({ REDIS_URL: redisUrl, BATCHER_GRPC_PORT: '0', LOG_LEVEL: 'silent' });
    await startRuntime({ config, logger, metrics, health, shutdown, scaling, shard: shard.shard });
    const server = fastify();
    scaling.register(server);
    let stopping: Promise<unknown> | undefined;
    const stop = async (): Promise<void> => void (await (stopping ??= shutdown.trigger('spec')));
    end.push(stop, () => server.close());
    return { report: async () => (await server.inject('/internal/scaling')).json(), stop, metrics };
  }
  const add = (header: Partial<JobHeader>): Promise<unknown> =>
    redis.xadd(shard.names.lane('standard'), '*', ...jobFields(sampleJob(header)));

  it('measures, moves, refuses, tells autoscalers and gives back what waits', async () => {
    await workerWith(2);
    const { report, stop, metrics } = await start();
    for (let at = 0; at < 6; at++) await add({ requestId: `r${at}`, tenantId: `t${at}` });
    const dispatch = shard.names.dispatch('mock');
    await waitFor(async () => (await redis.xlen(dispatch)) === 2);
    await waitFor(async () => (await report()).lanes.standard.waiting === 4);
    expect(await report()).toMatchObject({
      lanes: { express: { waiting: 0 }, standard: { waiting: 4, in_flight: 2 }, batch: { waiting: 0 } },
      providers: { mock: { waiting: 4, in_flight: 2, places: 2 } },
      total: { waiting: 4, in_flight: 2, places: 2, batchers: 1, dead_letters: 0 },
    });
    createSignalPublisher({ redis, names: shard.names }).cancel('r5');
    await waitFor(async () => (await redis.xlen(shard.names.completions)) === 1);
    const [[, fields] = ['', []]] = (await redis.xrangeBuffer(shard.names.completions, '-', '+')) as unknown as [
      string,
      Buffer[],
    ][];
    expect(parseCompletionFields(fields).map(({ record }) => [record.requestId, record.errorCode])).toEqual([
      ['r5', 'cancelled'],
    ]);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/costlane_batcher_waiting\{lane="standard".*\} 3/);
    expect(text).toMatch(/costlane_batcher_refused_total\{lane="standard",reason="cancelled".*\} 1/);
    expect(text).toMatch(/costlane_batcher_wait_latency_seconds_count\{lane="standard".*\} 2/);
    await stop();
    const [pending] = (await redis.xpending(shard.names.lane('standard'), consumerGroups.lanes)) as [number];
    expect([pending, await redis.xlen(shard.names.lane('standard')), await redis.xlen(dispatch)]).toEqual([0, 3, 2]);
  });

  it('tells of what it does by second-best means, for alerts', async () => {
    const { metrics } = await start();
    const kind = `spec_${shard.shard}`;
    end.push(async () => void (await redis.hdel(fallbacksKey, `batcher/${kind}`)));
    metrics.fallback(kind);
    await waitFor(async () => (await redis.hget(fallbacksKey, `batcher/${kind}`)) === '1', { timeoutMs: 15_000 });
  }, 20_000);

  it('two batchers share the places of a provider', async () => {
    await workerWith(10);
    const [first] = await Promise.all([start(), start()]);
    await waitFor(async () => (await first.report()).total.batchers === 2);
    for (let at = 0; at < 60; at++) await add({ requestId: `r${at}`, tenantId: `t${at}` });
    const dispatch = shard.names.dispatch('mock');
    await waitFor(async () => (await redis.xlen(dispatch)) >= 10);
    await waitFor(async () => {
      const { lanes, providers } = await first.report();
      return lanes.standard.waiting === providers['mock']?.waiting;
    });
    // One that had nothing to do may give its half away by a measure that is some milliseconds old.
    expect(await redis.xlen(dispatch)).toBeLessThanOrEqual(15);
    expect(
      ((await redis.xinfo('CONSUMERS', shard.names.lane('standard'), consumerGroups.lanes)) as unknown[]).length,
    ).toBe(2);
  });
});
