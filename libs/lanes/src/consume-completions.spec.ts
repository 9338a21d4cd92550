import { completionFields, type Completion } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleRecord, waitFor, type SpecShard } from '@costlane/testing';
import { createCompletionConsumer, groupLag, type CompletionConsumerOptions } from './consume-completions';
import { ensureGroup, type StreamEntry } from './consumer-group';
import { startHeartbeat } from './liveness';

const redisUrl = redisUrlForTests();
const GROUP = 'ledger';

(redisUrl ? describe : describe.skip)('createCompletionConsumer', () => {
  let shard: SpecShard;
  let redis: Redis;
  let stream: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    stream = shard.names.completions;
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await shard.remove();
  });

  async function consume(options: Partial<CompletionConsumerOptions> = {}) {
    const batches: string[][] = [];
    const unreadable: StreamEntry[] = [];
    const blockingRedis = await shard.connect({ blocking: true });
    const consumer = createCompletionConsumer({
      redis,
      blockingRedis,
      names: shard.names,
      group: GROUP,
      consumer: 'l1',
      logger: shard.logger,
      handle: async (batch) => void batches.push(idsOf(batch)),
      onUnreadable: (entry) => unreadable.push(entry),
      ...options,
    });
    consumer.start();
    stops.push(() => consumer.stop());
    return { consumer, batches, unreadable, blockingRedis };
  }

  const idsOf = (batch: Completion[]): string[] => batch.map(({ record }) => record.requestId);
  const add = (...requestIds: string[]): Promise<unknown> =>
    redis.xadd(
      stream,
      '*',
      ...completionFields(requestIds.map((requestId) => ({ record: sampleRecord({ requestId }) }))),
    );
  const pending = async (): Promise<number> => ((await redis.xpending(stream, GROUP)) as [number])[0];

  it('hands over completions in order, those of several entries together, and acknowledges them', async () => {
    await add('1', '2');
    await add('3');
    const { batches } = await consume();
    await waitFor(() => batches.flat().length === 3);
    expect(batches).toEqual([['1', '2', '3']]);
    await add('4');
    await waitFor(() => batches.length === 2);
    await waitFor(async () => (await pending()) === 0);
  });

  it('hands over the same batch again while it is not taken, and nothing past it', async () => {
    const offered: string[][] = [];
    await add('1');
    await consume({
      handle: async (batch) => {
        offered.push(idsOf(batch));
        if (offered.length === 1) await add('2');
        if (offered.length < 3) throw new Error('the database is away');
      },
    });
    await waitFor(() => offered.length === 4);
    expect(offered).toEqual([['1'], ['1'], ['1'], ['2']]);
  });

  it('acknowledges nothing that was not taken, and hands it to the next process under its name', async () => {
    await add('1');
    let tries = 0;
    const first = await consume({
      handle: () => {
        tries++;
        return Promise.reject(new Error('the database is away'));
      },
    });
    await waitFor(() => tries > 0);
    await first.consumer.stop();
    expect(await pending()).toBe(1);
    const second = await consume();
    await waitFor(() => second.batches.flat().length === 1);
    await waitFor(async () => (await pending()) === 0);
  });

  it('claims what a member held that is gone', async () => {
    await ensureGroup(redis, stream, GROUP);
    await add('1');
    await redis.xreadgroup('GROUP', GROUP, 'dead', 'COUNT', 10, 'STREAMS', stream, '>');
    await add('2');
    await redis.xreadgroup('GROUP', GROUP, 'alive', 'COUNT', 10, 'STREAMS', stream, '>');
    const state = () => ({ concurrency: 1, inFlight: 0 });
    const beat = startHeartbeat({ redis, names: shard.names, consumer: 'alive', logger: shard.logger, state });
    stops.push(() => beat.stop());
    const { batches } = await consume();
    await waitFor(() => batches.flat().length === 1, { timeoutMs: 8_000 });
    await waitFor(async () => (await pending()) === 1);
    expect(batches.flat()).toEqual(['1']);
  });

  it('gets entries again that went down with its connection', async () => {
    const { batches, blockingRedis } = await consume();
    await add('1');
    await waitFor(() => batches.flat().length === 1);
    const { localPort } = blockingRedis.stream as unknown as { localPort: number };
    const lines = String(await redis.client('LIST')).split('\n');
    const id = Number(/^id=(\d+)/.exec(lines.find((line) => line.includes(`:${localPort} `)) ?? '')?.[1]);
    await redis
      .multi()
      .client('KILL', 'ID', id)
      .xadd(stream, '*', ...completionFields([{ record: sampleRecord({ requestId: '2' }) }]))
      .xreadgroup('GROUP', GROUP, 'l1', 'COUNT', 1, 'STREAMS', stream, '>')
      .exec();
    await waitFor(() => batches.flat().includes('2'));
    await waitFor(async () => (await pending()) === 0);
  });

  it('goes on past entries of its own that are no longer in the stream', async () => {
    await ensureGroup(redis, stream, GROUP);
    await add('1');
    await add('2');
    await redis.xreadgroup('GROUP', GROUP, 'l1', 'COUNT', 10, 'STREAMS', stream, '>');
    await redis.xtrim(stream, 'MAXLEN', 0);
    await add('3');
    const { batches } = await consume();
    await waitFor(() => batches.flat().length === 1);
    await waitFor(async () => (await pending()) === 0);
    expect(batches.flat()).toEqual(['3']);
  });

  it('goes on when the stream is deleted', async () => {
    const { batches } = await consume();
    await add('1');
    await waitFor(() => batches.flat().includes('1'));
    await redis.del(stream);
    await add('2');
    await waitFor(() => batches.flat().includes('2'));
  });

  it('passes over an entry that cannot be read, tells of it, and takes the rest', async () => {
    await redis.xadd(stream, '*', 'x', 'y');
    await add('1');
    const { batches, unreadable } = await consume();
    await waitFor(() => batches.flat().length === 1);
    expect(unreadable.map(({ fields }) => fields.map(String))).toEqual([['x', 'y']]);
    await waitFor(async () => (await pending()) === 0);
  });

  it('tells how many entries wait and how many are in hand', async () => {
    expect(await groupLag(redis, stream, GROUP)).toEqual({ entries: 0, pending: 0 });
    await add('1');
    await add('2');
    expect(await groupLag(redis, stream, GROUP)).toEqual({ entries: 2, pending: 0 });
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { consumer } = await consume({ handle: () => held });
    await waitFor(async () => (await consumer.lag()).pending === 2);
    await add('3');
    expect(await consumer.lag()).toEqual({ entries: 1, pending: 2 });
    release?.();
    await waitFor(async () => {
      const lag = await consumer.lag();
      return lag.entries === 0 && lag.pending === 0;
    });
  });
});
