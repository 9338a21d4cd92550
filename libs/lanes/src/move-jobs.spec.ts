import { consumerGroups, decodePayload, encodePayload, type Priority } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, sampleJob, type SpecShard } from '@costlane/testing';
import fc from 'fast-check';
import { ensureGroup, fieldValue, toEntries, type StreamEntry } from './consumer-group';
import { createJobMover, type MovableCall } from './move-jobs';
import { createJobPublisher } from './publish-jobs';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('moving jobs from lanes to dispatch streams', () => {
  let shard: SpecShard;
  let redis: Redis;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
  });
  afterEach(() => shard.remove());

  async function laneWith(lane: Priority, ...requestIds: string[]): Promise<StreamEntry[]> {
    const stream = shard.names.lane(lane);
    await ensureGroup(redis, stream, consumerGroups.lanes);
    const publisher = createJobPublisher({ redis, names: shard.names });
    await Promise.all(requestIds.map((requestId) => publisher.publish(sampleJob({ requestId }), { lane })));
    return toEntries(
      await redis.xreadgroupBuffer('GROUP', consumerGroups.lanes, 'b1', 'COUNT', 100, 'STREAMS', stream, '>'),
    );
  }
  /** Requests of a stream's entries, those that follow another one after it. */
  async function requestsIn(stream: string): Promise<string[]> {
    const entries = (await redis.xrangeBuffer(stream, '-', '+')) as [Buffer, Buffer[]][];
    return entries.flatMap(([, fields]) => {
      const { header } = decodePayload(fieldValue(fields, 'payload') ?? Buffer.alloc(0));
      return [header.requestId, ...(header.followers ?? []).map(({ requestId }) => requestId)];
    });
  }
  const single = (entry: StreamEntry, provider = 'mock'): MovableCall => ({
    target: shard.names.dispatch(provider),
    entries: [entry],
  });
  /** A call that answers several jobs: the first one's entry, which names the others. */
  function shared(entries: readonly StreamEntry[], provider = 'mock'): MovableCall {
    const [leader, ...followers] = entries.map(({ fields }) =>
      decodePayload(fieldValue(fields, 'payload') ?? Buffer.alloc(0)),
    );
    if (!leader) throw new Error('a call has a job');
    const header = { ...leader.header, followers: followers.map((follower) => follower.header) };
    const merged = ['payload', encodePayload(header, leader.body)];
    return { target: shard.names.dispatch(provider), entries, merged };
  }
  async function pendingIn(lane: Priority): Promise<number> {
    return Number((await redis.xpending(shard.names.lane(lane), consumerGroups.lanes))[0]);
  }

  it('a moved job is in the dispatch stream as it was, and no longer in the lane', async () => {
    const entries = await laneWith('standard', 'req_1', 'req_2', 'req_3');
    const calls = entries.map((entry, index) => single(entry, index === 1 ? 'openai' : 'mock'));
    const { jobs, apart, depths } = await createJobMover({ redis })(calls);
    expect([jobs, apart]).toEqual([3, 0]);
    expect([...depths]).toEqual([
      [shard.names.dispatch('mock'), 2],
      [shard.names.dispatch('openai'), 1],
    ]);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_1', 'req_3']);
    expect(await requestsIn(shard.names.dispatch('openai'))).toEqual(['req_2']);
    const moved = (await redis.xrangeBuffer(shard.names.dispatch('openai'), '-', '+')) as [Buffer, Buffer[]][];
    expect(moved[0]?.[1]).toEqual(entries[1]?.fields);
    expect(await redis.xlen(shard.names.lane('standard'))).toBe(0);
    expect(await pendingIn('standard')).toBe(0);
  });

  it('jobs of several lanes move in one go, in the order that was given', async () => {
    const [late] = await laneWith('batch', 'req_1');
    const [early] = await laneWith('express', 'req_2');
    if (!late || !early) throw new Error('lanes are empty');
    expect((await createJobMover({ redis })([single(early), single(late)])).jobs).toBe(2);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_2', 'req_1']);
  });

  it('a job that somebody else has moved is passed over', async () => {
    const [entry] = await laneWith('standard', 'req_1');
    if (!entry) throw new Error('the lane is empty');
    const move = createJobMover({ redis });
    const other = createJobMover({ redis: await shard.connect() });
    const outcomes = await Promise.all([move([single(entry)]), other([single(entry)])]);
    expect(outcomes.map(({ jobs }) => jobs).sort()).toEqual([0, 1]);
    expect((await move([single(entry), single(entry)])).jobs).toBe(0);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_1']);
  });

  it('jobs that one call answers become one entry', async () => {
    const entries = await laneWith('standard', 'req_1', 'req_2', 'req_3');
    expect(await createJobMover({ redis })([shared(entries)])).toMatchObject({ jobs: 3, apart: 0 });
    expect(await redis.xlen(shard.names.dispatch('mock'))).toBe(1);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_1', 'req_2', 'req_3']);
    expect([await redis.xlen(shard.names.lane('standard')), await pendingIn('standard')]).toEqual([0, 0]);
  });

  it('where one of a call’s jobs is gone the others move each by itself', async () => {
    const entries = await laneWith('standard', 'req_1', 'req_2', 'req_3');
    const [leader] = entries;
    if (!leader) throw new Error('the lane is empty');
    const move = createJobMover({ redis });
    await move([single(leader, 'openai')]);
    expect(await move([shared(entries)])).toMatchObject({ jobs: 2, apart: 1 });
    expect(await requestsIn(shard.names.dispatch('openai'))).toEqual(['req_1']);
    expect(await requestsIn(shard.names.dispatch('mock'))).toEqual(['req_2', 'req_3']);
    expect(await redis.xlen(shard.names.dispatch('mock'))).toBe(2);
  });

  it('a job that goes back to the end of its lane is read by whoever comes next, as if for the first time', async () => {
    const [entry] = await laneWith('standard', 'req_1');
    if (!entry) throw new Error('the lane is empty');
    const lane = shard.names.lane('standard');
    await createJobMover({ redis })([{ target: lane, entries: [entry] }]);
    const read = await redis.xreadgroupBuffer('GROUP', consumerGroups.lanes, 'b2', 'STREAMS', lane, '>');
    expect(toEntries(read).map(({ fields }) => fields)).toEqual([entry.fields]);
    const pending = (await redis.xpending(lane, consumerGroups.lanes, '-', '+', 10)) as [
      string,
      string,
      number,
      number,
    ][];
    expect(pending.map(([, holder, , deliveries]) => [holder, deliveries])).toEqual([['b2', 1]]);
  });

  it('every job is in exactly one place, whoever moves what with whom and how often', async () => {
    const calls = fc.array(fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 3 }), async (movers) => {
        const streams = [shard.names.dispatch('mock'), shard.names.lane('express')];
        await redis.unlink(...streams);
        const ids = Array.from({ length: 8 }, (_, at) => `req_${at}`);
        const entries = await laneWith('express', ...ids);
        const connections = await Promise.all(movers.map(() => shard.connect()));
        const callOf = (members: readonly number[]): MovableCall => {
          const own = members.flatMap((member) => entries[member] ?? []);
          return own.length === 1 && own[0] ? single(own[0]) : shared(own);
        };
        await Promise.all(
          movers.map((own, at) => createJobMover({ redis: connections[at] ?? redis })(own.map(callOf))),
        );
        connections.forEach((connection) => connection.disconnect());
        const inLane = await requestsIn(shard.names.lane('express'));
        const touched = new Set(movers.flat(2).map((member) => `req_${member}`));
        const dispatched = await requestsIn(shard.names.dispatch('mock'));
        expect(dispatched.sort()).toEqual([...touched].sort());
        expect(inLane.sort()).toEqual(ids.filter((id) => !touched.has(id)));
        expect(await pendingIn('express')).toBe(inLane.length);
      }),
      { numRuns: 25 },
    );
  });

  it('moves nothing without jobs', async () => {
    expect((await createJobMover({ redis })([])).jobs).toBe(0);
  });
});
