import { jobFields } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import { createJobConsumer, type JobConsumer, type JobConsumerOptions, type ReceivedJob } from './consume-jobs';
import { ensureGroup, type StreamEntry } from './consumer-group';
import { startHeartbeat } from './liveness';

const redisUrl = redisUrlForTests();
const GROUP = 'workers';

(redisUrl ? describe : describe.skip)('createJobConsumer', () => {
  let shard: SpecShard;
  let redis: Redis;
  let stream: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    stream = shard.names.dispatch('mock');
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await shard.remove();
  });

  async function consume(consumer: string, options: Partial<JobConsumerOptions> = {}) {
    const received: ReceivedJob[] = [];
    const unreadable: StreamEntry[] = [];
    const blockingRedis = await shard.connect({ blocking: true });
    const jobs: JobConsumer = createJobConsumer({
      redis,
      blockingRedis,
      names: shard.names,
      streams: [stream],
      group: GROUP,
      consumer,
      logger: shard.logger,
      freePlaces: () => 100,
      onJob: (job) => received.push(job),
      onUnreadable: (entry) => unreadable.push(entry),
      ...options,
    });
    jobs.start();
    stops.push(() => jobs.stop());
    const ids = (): string[] => received.map(({ job }) => job.header.requestId);
    return { jobs, received, unreadable, blockingRedis, ids };
  }

  /** A consumer of the group that beats, for as long as the test runs. */
  function beat(consumer: string): void {
    const state = () => ({ concurrency: 1, inFlight: 0 });
    const heartbeat = startHeartbeat({ redis, names: shard.names, consumer, logger: shard.logger, state });
    stops.push(() => heartbeat.stop());
  }
  const add = (requestId: string, to = stream): Promise<unknown> =>
    redis.xadd(to, '*', ...jobFields(sampleJob({ requestId })));
  const hold = async (consumer: string): Promise<void> => {
    await redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 100, 'STREAMS', stream, '>');
  };
  const pendingOf = async (consumer: string): Promise<number> =>
    ((await redis.xpending(stream, GROUP, '-', '+', 100, consumer)) as unknown[]).length;

  it('gets what was published before it began and what is published afterwards', async () => {
    await add('req_1');
    const { ids, jobs } = await consume('w1');
    await waitFor(() => ids().length === 1);
    await add('req_2');
    await waitFor(() => ids().length === 2);
    expect(ids()).toEqual(['req_1', 'req_2']);
    expect(jobs.isReading()).toBe(true);
  });

  it('claims the entries of a member that is gone, once, with their deliveries counted, and leaves a living member its own', async () => {
    await ensureGroup(redis, stream, GROUP);
    await add('req_dead_1');
    await add('req_dead_2');
    await hold('dead');
    await add('req_alive');
    await hold('alive');
    beat('alive');
    beat('w1');
    beat('w2');
    const [first, second] = await Promise.all([consume('w1'), consume('w2')]);
    await waitFor(() => first.received.length + second.received.length >= 2, { timeoutMs: 8_000 });
    // A claim of an entry that the other has just claimed would come with the other's next look.
    await waitFor(async () => (await pendingOf('dead')) === 0);
    const all = [...first.received, ...second.received];
    expect(all.map(({ job }) => job.header.requestId).sort()).toEqual(['req_dead_1', 'req_dead_2']);
    expect(all.map(({ deliveries }) => deliveries)).toEqual([2, 2]);
    expect(await pendingOf('alive')).toBe(1);
    expect((await pendingOf('w1')) + (await pendingOf('w2'))).toBe(2);
  });

  it('counts every delivery of an entry that its members keep dying of', async () => {
    await ensureGroup(redis, stream, GROUP);
    await add('req_1');
    await hold('dead-1');
    const [[id]] = (await redis.xpending(stream, GROUP, '-', '+', 1)) as [[string]];
    await redis.xclaim(stream, GROUP, 'dead-2', 0, id);
    await redis.xclaim(stream, GROUP, 'dead-3', 0, id);
    const { received } = await consume('w1');
    await waitFor(() => received.length === 1, { timeoutMs: 8_000 });
    expect(received[0]?.deliveries).toBe(4);
  });

  it('goes on when the stream is deleted', async () => {
    const { ids } = await consume('w1');
    await add('req_1');
    await waitFor(() => ids().length === 1);
    await redis.del(stream);
    await add('req_2');
    await waitFor(() => ids().includes('req_2'));
  });

  it('reads nothing while there is no free place, and goes on when it is woken', async () => {
    let places = 0;
    await add('req_1');
    await add('req_2');
    const { jobs, ids } = await consume('w1', { freePlaces: () => places });
    await waitFor(() => jobs.isReading());
    expect(await redis.xlen(stream)).toBe(2);
    expect(((await redis.xpending(stream, GROUP)) as [number])[0]).toBe(0);
    jobs.wake();
    places = 1;
    jobs.wake();
    await waitFor(() => ids().length >= 1);
    expect(ids()[0]).toBe('req_1');
  });

  it('takes no more than fits, however many streams it reads', async () => {
    const streams = ['express', 'standard', 'batch'].map((lane) => shard.names.dispatch(lane));
    for (const name of streams) for (let i = 0; i < 20; i++) await add(`req_${name}_${i}`, name);
    let held = 0;
    let most = 0;
    const { jobs } = await consume('w1', {
      streams,
      freePlaces: () => 10 - held,
      onJob: () => {
        held++;
        most = Math.max(most, held);
      },
    });
    await waitFor(() => held >= 10);
    for (let round = 0; round < 3; round++) {
      held = 0;
      jobs.wake();
      await waitFor(() => held >= 10);
    }
    expect(most).toBeLessThanOrEqual(10);
  });

  it('empties the streams in their order of precedence while it is short of places', async () => {
    const streams = ['express', 'standard', 'batch'].map((lane) => shard.names.dispatch(lane));
    const order: string[] = [];
    for (const name of streams) for (let i = 0; i < 6; i++) await add(`${name.split(':').at(-1)}`, name);
    let places = 4;
    const { jobs } = await consume('w1', {
      streams,
      freePlaces: () => places,
      onJob: ({ job }) => {
        places--;
        order.push(job.header.requestId);
      },
    });
    while (order.length < 18) {
      const before = order.length;
      await waitFor(() => order.length > before || places <= 0);
      if (places <= 0) {
        places = 4;
        jobs.wake();
      }
    }
    expect(order).toEqual([...Array(6).fill('express'), ...Array(6).fill('standard'), ...Array(6).fill('batch')]);
  });

  it('hands over what cannot be read, and goes on with the rest', async () => {
    const { ids, unreadable } = await consume('w1');
    await redis.xadd(stream, '*', 'payload', 'no header line');
    await redis.xadd(stream, '*', 'something', 'else');
    await redis.xadd(stream, '*', 'payload', '{"v":9}\n{}');
    await add('req_1');
    await waitFor(() => ids().length === 1);
    expect(unreadable.map(({ fields }) => fields[1]?.toString())).toEqual(['no header line', 'else', '{"v":9}\n{}']);
  });

  it('gets the entries again that went down with its connection, and goes on', async () => {
    const { received, ids, blockingRedis } = await consume('w1');
    await add('req_1');
    await waitFor(() => received.length === 1);
    // The connection breaks, and with it goes a reply that had handed out an entry.
    const id = await idOf(blockingRedis);
    await redis
      .multi()
      .client('KILL', 'ID', id)
      .xadd(stream, '*', ...jobFields(sampleJob({ requestId: 'req_2' })))
      .xreadgroup('GROUP', GROUP, 'w1', 'COUNT', 1, 'STREAMS', stream, '>')
      .exec();
    await waitFor(() => ids().includes('req_2'), { timeoutMs: 1_500 });
    await add('req_3');
    await waitFor(() => ids().includes('req_3'));
  });

  it('gets entries again that Redis had handed out when it stopped reading', async () => {
    await ensureGroup(redis, stream, GROUP);
    await add('req_1');
    await hold('w1');
    const { received } = await consume('w1');
    await waitFor(() => received.length === 1);
    expect(received[0]?.deliveries).toBeGreaterThan(1);
  });

  it('goes on past entries of its own that are no longer in the stream', async () => {
    await ensureGroup(redis, stream, GROUP);
    await add('req_1');
    await hold('w1');
    await redis.xtrim(stream, 'MAXLEN', 0);
    await add('req_2');
    const { ids } = await consume('w1');
    await waitFor(() => ids().length === 1);
    expect(ids()).toEqual(['req_2']);
    expect(await pendingOf('w1')).toBe(1);
  });

  it('stops though it waits for a place or for an entry', async () => {
    const idle = await consume('w1');
    await idle.jobs.stop();
    const full = await consume('w2', { freePlaces: () => 0 });
    await full.jobs.stop();
    expect([idle.jobs.isReading(), full.jobs.isReading()]).toEqual([false, false]);
  });

  /** A connection's id at the server, by its local port; only connections of this test are looked at. */
  async function idOf(connection: Redis): Promise<number> {
    const { localPort } = connection.stream as unknown as { localPort: number };
    const lines = String(await redis.client('LIST')).split('\n');
    const line = lines.find((each) => each.includes(`:${localPort} `) && each.includes(shard.shard)) ?? '';
    return Number(/^id=(\d+)/.exec(line)?.[1]);
  }
});
