import { replyField, type ReplyPart } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createReplyReader } from './read-replies';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('createReplyReader', () => {
  let shard: SpecShard;
  let redis: Redis;
  let stream: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    stream = shard.names.reply('g1');
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await shard.remove();
  });

  async function read(onPart: (part: ReplyPart) => void) {
    const blockingRedis = await shard.connect({ blocking: true });
    const options = { redis, blockingRedis, names: shard.names, gatewayId: 'g1', logger: shard.logger, onPart };
    const reader = createReplyReader(options);
    reader.start();
    stops.push(() => reader.stop());
    return { reader, blockingRedis };
  }
  const field = (seq: number, requestId = 'req_1'): string => replyField('c', 'a1', seq, requestId);

  it('hands over each part once and in order, also those written before it began', async () => {
    const parts: ReplyPart[] = [];
    await redis.xadd(stream, '*', field(0), 'a', field(1), 'b');
    await read((part) => parts.push(part));
    await redis.xadd(stream, '*', field(2), 'c');
    await waitFor(() => parts.length === 3);
    expect(parts.map(({ seq, value }) => `${seq}${value.toString()}`)).toEqual(['0a', '1b', '2c']);
  });

  it('passes over fields that are no reply part', async () => {
    const parts: ReplyPart[] = [];
    await read((part) => parts.push(part));
    await redis.xadd(stream, '*', 'something', 'else', field(0), 'a');
    await waitFor(() => parts.length === 1);
  });

  it('a part that makes its taker fail takes no other request’s parts with it', async () => {
    const taken: string[] = [];
    await read((part) => {
      if (part.requestId === 'bad') throw new Error('this part cannot be taken');
      taken.push(part.requestId);
    });
    await redis.xadd(stream, '*', field(0, 'good_1'), '', field(0, 'bad'), '', field(0, 'good_2'), '');
    await redis.xadd(stream, '*', field(0, 'good_3'), '');
    await waitFor(() => taken.length === 3);
    expect(taken).toEqual(['good_1', 'good_2', 'good_3']);
  });

  it('goes on where it was after its connection was lost', async () => {
    const seen: number[] = [];
    const { blockingRedis } = await read((part) => seen.push(part.seq));
    await redis.xadd(stream, '*', field(0), '');
    await waitFor(() => seen.length === 1);
    blockingRedis.disconnect(true);
    await redis.xadd(stream, '*', field(1), '');
    await waitFor(() => seen.length === 2);
    expect(seen).toEqual([0, 1]);
  });

  it('removes its stream when it stops', async () => {
    const { reader } = await read(() => undefined);
    await redis.xadd(stream, '*', field(0), '');
    await reader.stop();
    expect(await redis.exists(stream)).toBe(0);
  });
});
