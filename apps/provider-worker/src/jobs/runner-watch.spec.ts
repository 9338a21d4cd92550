import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createRunnerWatch } from './runner-watch';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('runners that are gone', () => {
  let shard: SpecShard;
  let redis: Redis;
  let nowMs = 0;
  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    await waitFor(() => redis.status === 'ready');
    nowMs = 0;
  });
  afterEach(() => shard.remove());
  const beat = (name: string) => redis.set(shard.names.alive(name), '{"concurrency":1,"inFlight":0}');
  const silence = (name: string) => redis.del(shard.names.alive(name));
  const watching = () => createRunnerWatch({ redis, names: shard.names, runnerId: 'self', now: () => nowMs });

  it('are those that are silent twice, some seconds apart', async () => {
    const watch = watching();
    await beat('self');
    await beat('alive');
    const owners = ['self', 'alive', 'dead'];
    expect(await watch.gone(owners)).toEqual({ gone: [], againInMs: 3_500 });
    nowMs = 3_500;
    expect(await watch.gone(owners)).toEqual({ gone: ['dead'], againInMs: undefined });
  });

  it('are not those that are heard of in between', async () => {
    const watch = watching();
    await beat('self');
    await watch.gone(['late']);
    await beat('late');
    nowMs = 2_000;
    await watch.gone(['late']);
    await silence('late');
    nowMs = 4_000;
    expect(await watch.gone(['late'])).toMatchObject({ gone: [] });
  });

  it('are none while our own heartbeat is gone as well: Redis has forgotten all of them', async () => {
    const watch = watching();
    await beat('self');
    await watch.gone(['other']);
    await silence('self');
    nowMs = 4_000;
    expect(await watch.gone(['other'])).toEqual({ gone: [], againInMs: undefined });
    await beat('self');
    nowMs = 4_100;
    expect(await watch.gone(['other'])).toMatchObject({ gone: [] });
  });
});
