import { createLogger, createRedis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import type { InferenceRequest } from '../inference-request';
import type { SharingTiming } from './sharing-timing';
import { give, startSpecGateway, type SpecGateway } from './spec-support/spec-gateway';

const redisUrl = redisUrlForTests();
const SHARED = 'costlane_gateway_shared_calls_total';
const FALLBACK = 'costlane_fallback_total';

(redisUrl ? describe : describe.skip)('a gateway that follows another one', () => {
  let shard: SpecShard;
  let same: Partial<InferenceRequest>;
  const started: SpecGateway[] = [];

  beforeEach(() => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    same = { stream: true, caller: { tenantId: shard.shard, role: 'member', rateLimitPerMinute: 0 } };
  });
  afterEach(async () => {
    for (const gateway of started.splice(0)) await gateway.close();
    await shard.remove();
  });

  const start = async (gatewayId: string, timing?: Partial<SharingTiming>): Promise<SpecGateway> => {
    const gateway = await startSpecGateway(shard, gatewayId, timing);
    started.push(gateway);
    return gateway;
  };
  const follow = async (holder: SpecGateway, follower: SpecGateway) => {
    const leader = holder.ask(same);
    const call = await holder.call();
    const following = follower.ask(same);
    await waitFor(() => call.members.size === 2);
    return { leader, following, call };
  };

  it('asks by itself when the other one dies before it has passed anything on', async () => {
    const [holder, follower] = [await start('g1'), await start('g2', { silenceTimeoutMs: 400 })];
    const { following } = await follow(holder, follower);
    holder.kill();
    const call = await follower.call();
    give(call, 'h', 0);
    give(call, 'c', 1, 'a');
    give(call, 'e', 2);
    expect(following.heard).toEqual(['head', 'a', 'end ok']);
    expect(following.ends[0]).toMatchObject({ tier: 'miss', paidNanoUsd: 70 });
    expect(follower.recorded).toEqual([]);
    expect(await follower.counterOf(FALLBACK, { kind: 'sharing_lost' })).toBe(1);
  });

  it('ends a stream of which its client has seen a part when the other one dies', async () => {
    const [holder, follower] = [await start('g1'), await start('g2', { silenceTimeoutMs: 400 })];
    const { following, call } = await follow(holder, follower);
    give(call, 'h', 0);
    give(call, 'c', 1, 'a');
    await waitFor(() => following.heard.includes('a'));
    holder.kill();
    await waitFor(() => following.heard.length > 2);
    expect(following.heard).toEqual(['head', 'a', 'end stream_interrupted']);
    expect(follower.dispatched).toEqual([]);
    const { requestId } = following;
    expect(follower.recorded).toEqual([{ how: 'shared', requestId, errorCode: 'stream_interrupted' }]);
  });

  it('keeps waiting while a slow provider says nothing, for the other one says that it is alive', async () => {
    const [holder, follower] = [
      await start('g1', { beatIntervalMs: 50 }),
      await start('g2', { silenceTimeoutMs: 600 }),
    ];
    const { following, call } = await follow(holder, follower);
    const quietUntilMs = Date.now() + 1_500;
    await waitFor(() => Date.now() > quietUntilMs);
    expect(follower.dispatched).toEqual([]);
    give(call, 'r', 0, '{}');
    await waitFor(() => following.heard.length > 0);
    expect(following.heard).toEqual(['whole json {}']);
  });

  it('asks by itself when a claim’s gateway does not answer, and is followed from then on', async () => {
    const [holder, follower, third] = [await start('g1'), await start('g2', { ackTimeoutMs: 100 }), await start('g3')];
    holder.ask(same);
    await holder.call();
    holder.kill();
    follower.ask(same);
    const call = await follower.call();
    expect(await follower.counterOf(FALLBACK, { kind: 'sharing_unacknowledged' })).toBe(1);
    const joined = third.ask(same);
    await waitFor(() => call.members.size === 2);
    give(call, 'r', 0, '{}');
    await waitFor(() => joined.heard.length > 0);
    expect(third.dispatched).toEqual([]);
  });

  it('goes its own way at once when the other one stops in an orderly way', async () => {
    const [holder, follower] = [await start('g1'), await start('g2', { silenceTimeoutMs: 60_000 })];
    const { call } = await follow(holder, follower);
    holder.sharing.refuse();
    await holder.sharing.close();
    await follower.call();
    expect(call.members.size).toBe(1);
  });

  it('finds a call of long standing, whose claim was renewed', async () => {
    const [holder, follower] = [await start('g1', { claimLifetimeMs: 600, beatIntervalMs: 50 }), await start('g2')];
    holder.ask(same);
    const call = await holder.call();
    const longAfterMs = Date.now() + 1_500;
    await waitFor(() => Date.now() > longAfterMs);
    follower.ask(same);
    await waitFor(() => call.members.size === 2);
    expect(await follower.counterOf(SHARED, { outcome: 'followed' })).toBe(1);
  });

  it('asks by itself when Redis goes away, before anything came and for every new question', async () => {
    const [holder, follower] = [await start('g1'), await start('g2', { silenceTimeoutMs: 60_000 })];
    await follow(holder, follower);
    follower.redis.disconnect();
    await follower.call();
    follower.ask({ ...same, fingerprint: 'f01' });
    await follower.call(1);
    expect(await follower.counterOf(FALLBACK, { kind: 'sharing_lost' })).toBe(1);
    expect(await follower.counterOf(FALLBACK, { kind: 'sharing_skipped' })).toBeGreaterThan(0);
  });

  it('takes nothing from one whose relay it has given up', async () => {
    const [holder, follower] = [await start('g1'), await start('g2', { ackTimeoutMs: 100 })];
    holder.ask(same);
    const call = await holder.call();
    // It passes its answer on, but the word that it does is lost.
    holder.redis.publish = () => Promise.resolve(0);
    const following = follower.ask(same);
    const own = await follower.call();
    give(call, 'h', 0);
    give(call, 'c', 1, 'theirs');
    give(own, 'h', 0);
    give(own, 'c', 1, 'ours');
    give(own, 'e', 2);
    expect(following.heard).toEqual(['head', 'ours', 'end ok']);
    await waitFor(() => call.members.size === 1);
  });
});
