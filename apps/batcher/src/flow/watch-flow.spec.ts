import { consumerGroups, jobFields } from '@costlane/contracts';
import { ensureGroup, startHeartbeat, type ConsumerState, type FlowMessage } from '@costlane/lanes';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import type { MeasuredPlaces } from './place-book';
import { watchFlow, type FlowWatch } from './watch-flow';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('watchFlow', () => {
  let shard: SpecShard;
  let redis: Redis;
  let watch: FlowWatch | undefined;
  let stopBeating: (() => Promise<void>) | undefined;
  let announced: FlowMessage[];
  let rooms: number;
  let measuredPlaces: number;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    announced = [];
    rooms = 0;
    measuredPlaces = -1;
  });
  afterEach(async () => {
    watch?.stop();
    await stopBeating?.();
    await shard.remove();
  });

  function start(): FlowWatch {
    const signals = {
      flow: async (message: FlowMessage) => void announced.push(message),
      cancel: () => undefined,
      invalidate: () => Promise.resolve(),
    };
    const onMeasured = ({ providers, allPlaces }: MeasuredPlaces): void => {
      rooms += providers.some(({ jobs, places }) => jobs < places) ? 1 : 0;
      measuredPlaces = allPlaces;
    };
    watch = watchFlow({ redis, names: shard.names, signals, logger: shard.logger, directShare: 0.5, onMeasured });
    return watch;
  }
  /** A worker that has asked for work of a provider and says how many places it has. */
  async function workerOf(
    provider: string,
    concurrency: number,
    limits?: ConsumerState['limits'],
    more: Partial<ConsumerState> = {},
  ): Promise<void> {
    await redis.sadd(shard.names.providers, provider);
    const stream = shard.names.dispatch(provider);
    await ensureGroup(redis, stream, consumerGroups.dispatch);
    await redis.xgroup('CREATECONSUMER', stream, consumerGroups.dispatch, 'w1');
    const state = () => ({ concurrency, inFlight: 0, limits, ...more });
    const beat = startHeartbeat({ redis, names: shard.names, consumer: 'w1', logger: shard.logger, state });
    stopBeating = () => beat.stop();
    await waitFor(async () => (await redis.exists(shard.names.alive('w1'))) === 1);
  }
  const add = (stream: string): Promise<unknown> => redis.xadd(stream, '*', ...jobFields(sampleJob()));

  it('announces providers with idle workers, for a limited time, and wakes the reader', async () => {
    await workerOf('mock', 4);
    await add(shard.names.dispatch('mock'));
    const flow = start();
    await waitFor(() => announced.some(({ direct }) => direct.includes('mock')) && rooms > 0);
    expect(announced.at(-1)?.validMs).toBeLessThanOrEqual(10_000);
    expect(flow.current()).toEqual({ direct: ['mock'], room: 3 });
    expect(flow.loads()).toEqual([{ provider: 'mock', jobs: 1, places: 4 }]);
  });

  it('announces nobody while something has waited in a lane, and tells how much and since when', async () => {
    await workerOf('mock', 4);
    await redis.xadd(shard.names.lane('standard'), `${Date.now() - 5_000}-0`, ...jobFields(sampleJob()));
    const flow = start();
    await waitFor(() => announced.length > 0);
    expect(announced.at(-1)?.direct).toEqual([]);
    expect(flow.current().room).toBe(4);
    expect(flow.lanes().standard.oldestAgeMs).toBeGreaterThanOrEqual(5_000);
    expect(flow.lanes()).toMatchObject({ express: { depth: 0 }, standard: { depth: 1 }, batch: { depth: 0 } });
  });

  it('counts each worker’s places once, whatever it serves, and tells what its models take', async () => {
    await workerOf('mock', 4, { 'mock/m': { limit: 2, inFlight: 1 } });
    await ensureGroup(redis, shard.names.dispatch('other'), consumerGroups.dispatch);
    await redis.sadd(shard.names.providers, 'other');
    await redis.xgroup('CREATECONSUMER', shard.names.dispatch('other'), consumerGroups.dispatch, 'w1');
    const flow = start();
    await waitFor(() => measuredPlaces === 4);
    const { providers } = flow.members();
    expect(providers.map(({ provider, places }) => [provider, places]).sort()).toEqual([
      ['mock', 4],
      ['other', 4],
    ]);
    expect(providers.find(({ provider }) => provider === 'mock')?.limits).toEqual(
      new Map([['mock/m', { limit: 2, inFlight: 1 }]]),
    );
  });

  it.each([
    ['lets workers answer several requests by one call', { answersFollowers: true }, false],
    ['knows a worker of a version that would answer one of them only', {}, true],
  ] as [string, Partial<ConsumerState>, boolean][])('%s', async (_, state, asksAlone) => {
    await workerOf('mock', 4, undefined, state);
    const flow = start();
    await waitFor(() => measuredPlaces === 4);
    expect(flow.members().providers).toMatchObject([{ provider: 'mock', asksAlone }]);
  });

  it('sees how long a job has been in its lane once a batcher has read it', async () => {
    await workerOf('mock', 4);
    const lane = shard.names.lane('express');
    await ensureGroup(redis, lane, consumerGroups.lanes);
    await redis.xadd(lane, `${Date.now() - 5_000}-0`, ...jobFields(sampleJob()));
    await redis.xreadgroup('GROUP', consumerGroups.lanes, 'b1', 'STREAMS', lane, '>');
    await redis.xadd(lane, '*', ...jobFields(sampleJob()));
    const flow = start();
    await waitFor(() => flow.lanes().express.depth === 2);
    expect(flow.lanes().express.oldestAgeMs).toBeGreaterThanOrEqual(5_000);
  });

  it('gives no room at a provider whose worker is gone', async () => {
    await workerOf('mock', 4);
    const flow = start();
    await waitFor(() => flow.current().room === 4);
    await stopBeating?.();
    await waitFor(() => flow.current().room === 0);
    expect(announced.at(-1)?.direct).toEqual([]);
  });
});
