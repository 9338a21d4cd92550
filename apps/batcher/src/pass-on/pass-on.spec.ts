import { consumerGroups, decodePayload, jobFields, type JobHeader } from '@costlane/contracts';
import { ensureGroup, fieldValue } from '@costlane/lanes';
import { createLogger, createRedis, createTracing, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor, type SpecShard } from '@costlane/testing';
import { createPassOn } from './pass-on';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('createPassOn', () => {
  let shard: SpecShard;
  let redis: Redis;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
  });
  afterEach(() => shard.remove());

  /** A job in a lane that the batcher has read, as its consumer hands it over. */
  async function read(lane: 'express' | 'standard' | 'batch', header: Partial<JobHeader>) {
    const stream = shard.names.lane(lane);
    await ensureGroup(redis, stream, consumerGroups.lanes);
    const job = sampleJob(header);
    const id = String(await redis.xadd(stream, '*', ...jobFields(job)));
    await redis.xreadgroup('GROUP', consumerGroups.lanes, 'b1', 'COUNT', 1, 'STREAMS', stream, '>');
    const fields = jobFields(job).map((field) => Buffer.from(field));
    return [{ entry: { stream, id }, job, deliveries: 1 }, fields] as const;
  }
  function passOnWith(connection = redis) {
    const counted: number[] = [];
    const passOn = createPassOn({
      redis: connection,
      names: shard.names,
      logger: shard.logger,
      tracing: createTracing({ service: 'spec', isEnabled: false, sampleRatio: 0, logger: shard.logger }),
      onMoved: (jobs) => counted.push(jobs),
    });
    return { passOn, counted };
  }
  async function waiting(provider: string): Promise<string[]> {
    const entries = (await redis.xrangeBuffer(shard.names.dispatch(provider), '-', '+')) as [Buffer, Buffer[]][];
    return entries.map(
      ([, fields]) => decodePayload(fieldValue(fields, 'payload') ?? Buffer.alloc(0)).header.requestId,
    );
  }

  it('moves jobs to their providers in the order in which they came', async () => {
    const { passOn, counted } = passOnWith();
    const jobs = [
      await read('express', { requestId: '1', provider: 'mock' }),
      await read('standard', { requestId: '2', provider: 'openai' }),
      await read('express', { requestId: '3', provider: 'mock' }),
    ];
    for (const job of jobs) passOn.take(...job);
    expect(passOn.inHand()).toBe(3);
    await passOn.idle();
    expect(passOn.inHand()).toBe(0);
    expect([await waiting('mock'), await waiting('openai')]).toEqual([['1', '3'], ['2']]);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(3);
    for (const lane of ['express', 'standard'] as const) expect(await redis.xlen(shard.names.lane(lane))).toBe(0);
  });

  it('moves a job once that it is given twice', async () => {
    const { passOn, counted } = passOnWith();
    const job = await read('standard', { requestId: '1' });
    passOn.take(...job);
    passOn.take(...job);
    await passOn.idle();
    passOn.take(...job);
    await passOn.idle();
    expect(await waiting('mock')).toEqual(['1']);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('keeps jobs in hand until Redis takes them', async () => {
    const own = await shard.connect();
    const { passOn } = passOnWith(own);
    const job = await read('standard', { requestId: '1' });
    own.disconnect();
    await waitFor(() => own.status === 'end');
    passOn.take(...job);
    await new Promise((resolve) => setImmediate(resolve));
    expect(passOn.inHand()).toBe(1);
    void own.connect();
    await waitFor(() => passOn.inHand() === 0);
    expect(await waiting('mock')).toEqual(['1']);
  });
});
