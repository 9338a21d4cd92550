import { consumerGroups, decodePayload } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, type SpecShard } from '@costlane/testing';
import { ensureGroup, fieldValue, toEntries, type StreamEntry } from './consumer-group';
import { createJobMover } from './move-jobs';
import { createJobPublisher } from './publish-jobs';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('moving jobs from a lane to dispatch streams', () => {
  let shard: SpecShard;
  let redis: Redis;
  let lane: string;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    lane = shard.names.lane('standard');
  });
  afterEach(() => shard.remove());

  async function laneWith(...requestIds: string[]): Promise<StreamEntry[]> {
    await ensureGroup(redis, lane, consumerGroups.lanes);
    const publisher = createJobPublisher({ redis, names: shard.names });
    for (const requestId of requestIds) await publisher.publish(sampleJob({ requestId }), { lane: 'standard' });
    return toEntries(
      await redis.xreadgroupBuffer('GROUP', consumerGroups.lanes, 'b1', 'COUNT', 100, 'STREAMS', lane, '>'),
    );
  }
  async function requestsIn(stream: string): Promise<string[]> {
    const entries = (await redis.xrangeBuffer(stream, '-', '+')) as [Buffer, Buffer[]][];
    return entries.map(
      ([, fields]) => decodePayload(fieldValue(fields, 'payload') ?? Buffer.alloc(0)).header.requestId,
    );
  }

  it('a moved job is in the dispatch stream as it was, and no longer in the lane', async () => {
    const entries = await laneWith('req_1', 'req_2', 'req_3');
    const target = (index: number): string => shard.names.dispatch(index === 1 ? 'openai' : 'mock');
    const jobs = entries.map(({ id, fields }, index) => ({ id, fields, target: target(index) }));
    expect(await createJobMover({ redis })(lane, jobs)).toBe(3);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_1', 'req_3']);
    expect(await requestsIn(shard.names.dispatch('openai'))).toEqual(['req_2']);
    const moved = (await redis.xrangeBuffer(shard.names.dispatch('openai'), '-', '+')) as [Buffer, Buffer[]][];
    expect(moved[0]?.[1]).toEqual(entries[1]?.fields);
    expect(await redis.xlen(lane)).toBe(0);
    expect((await redis.xpending(lane, consumerGroups.lanes))[0]).toBe(0);
  });

  it('a job that somebody else has moved is passed over', async () => {
    const [entry] = await laneWith('req_1');
    const job = { id: entry?.id ?? '', fields: entry?.fields ?? [], target: shard.names.dispatch('mock') };
    const move = createJobMover({ redis });
    const outcomes = await Promise.all([
      move(lane, [job]),
      createJobMover({ redis: await shard.connect() })(lane, [job]),
    ]);
    expect(outcomes.sort()).toEqual([0, 1]);
    expect(await move(lane, [job, job])).toBe(0);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_1']);
  });

  it('moves nothing without jobs', async () => {
    expect(await createJobMover({ redis })(lane, [])).toBe(0);
  });
});
