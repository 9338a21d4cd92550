import { decodeItemReply, type ItemAnswer } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, startTcpProxy, waitFor, type SpecShard } from '@costlane/testing';
import { ensureGroup } from './consumer-group';
import { createItemFinisher } from './finish-items';

const redisUrl = redisUrlForTests();
const GROUP = 'gateway';
const reply: ItemAnswer = {
  kind: 'answered',
  status: 200,
  contentType: 'application/json',
  isRetryable: false,
  paidNanoUsd: 7,
  body: Buffer.from('{}'),
};

(redisUrl ? describe : describe.skip)('the end of an item', () => {
  let shard: SpecShard;
  let redis: Redis;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
  });
  afterEach(() => shard.remove());

  async function handedOut(): Promise<string> {
    const { items } = shard.names;
    await ensureGroup(redis, items, GROUP);
    const id = (await redis.xadd(items, '*', 'payload', 'x')) ?? '';
    await redis.xreadgroup('GROUP', GROUP, 'g1', 'COUNT', 1, 'STREAMS', items, '>');
    return id;
  }
  const left = async (): Promise<unknown[]> => [
    await redis.xlen(shard.names.items),
    ((await redis.xpending(shard.names.items, GROUP)) as unknown[])[0],
  ];
  const replies = async (): Promise<string[]> =>
    (await redis.xrange(shard.names.reply('r1'), '-', '+')).map(([, [field]]) => field ?? '');

  it('is its reply, which lives no longer than it takes to be read, and its acknowledgement', async () => {
    const entryId = await handedOut();
    const finisher = createItemFinisher({ redis, names: shard.names });
    await finisher.finish({ entryId, reply: { to: 'r1', taskId: 'task.1:x', reply } });
    const [entry] = await redis.xrangeBuffer(shard.names.reply('r1'), '-', '+');
    const [field, value] = entry?.[1] ?? [];
    expect(field?.toString()).toBe('r0.0:task.1:x');
    expect(decodeItemReply(value ?? Buffer.alloc(0))).toEqual(reply);
    expect(await redis.ttl(shard.names.reply('r1'))).toBeGreaterThan(100);
    expect(await left()).toEqual([0, 0]);
    finisher.stop();
  });

  it('told twice, or of an entry that Redis has lost, is told all the same', async () => {
    const entryId = await handedOut();
    const finisher = createItemFinisher({ redis, names: shard.names });
    for (const taskId of ['t1', 't2']) await finisher.finish({ entryId, reply: { to: 'r1', taskId, reply } });
    expect(await replies()).toEqual(['r0.0:t1', 'r0.0:t2']);
    expect(await left()).toEqual([0, 0]);
    finisher.stop();
  });

  it('waits for Redis while that is away', async () => {
    const entryId = await handedOut();
    const proxy = await startTcpProxy(redisUrl ?? '');
    const { logger, names } = shard;
    const away = createRedis(proxy.url, { name: 'spec', logger });
    await waitFor(() => away.status === 'ready');
    const finisher = createItemFinisher({ redis: away, names });
    await proxy.stop();
    let isTaken = false;
    const finished = finisher
      .finish({ entryId, reply: { to: 'r1', taskId: 't1', reply } })
      .then(() => (isTaken = true));
    await waitFor(() => away.status !== 'ready');
    expect([isTaken, await replies()]).toEqual([false, []]);
    await proxy.start();
    await finished;
    expect(await replies()).toEqual(['r0.0:t1']);
    finisher.stop();
    away.disconnect();
    await proxy.stop();
  });

  it('is given up when the gateway goes: the item is another one’s then', async () => {
    const entryId = await handedOut();
    const proxy = await startTcpProxy(redisUrl ?? '');
    const { logger, names } = shard;
    const away = createRedis(proxy.url, { name: 'spec', logger });
    await waitFor(() => away.status === 'ready');
    await proxy.stop();
    const finisher = createItemFinisher({ redis: away, names });
    const finished = finisher.finish({ entryId, reply: { to: 'r1', taskId: 't1', reply } });
    finisher.stop();
    await finished;
    expect([await replies(), await left()]).toEqual([[], [1, 1]]);
    away.disconnect();
  });
});
