import { inFlightKey, type CacheFill } from '@costlane/contracts';
import { createLogger, createRedis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import type { InferenceRequest } from '../inference-request';
import { give, startSpecGateway, type SpecGateway } from './spec-support/spec-gateway';

const redisUrl = redisUrlForTests();
const SHARED = 'costlane_gateway_shared_calls_total';
const FALLBACK = 'costlane_fallback_total';

(redisUrl ? describe : describe.skip)('two gateways that are asked the same', () => {
  let shard: SpecShard;
  let one: SpecGateway;
  let other: SpecGateway;
  let same: Partial<InferenceRequest>;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    // The exact tier's keys and claims are everybody's: a tenant of its own keeps a test to itself.
    same = { caller: { tenantId: shard.shard, role: 'member', rateLimitPerMinute: 0 } };
    [one, other] = [await startSpecGateway(shard, 'g1'), await startSpecGateway(shard, 'g2')];
  });
  afterEach(async () => {
    for (const gateway of [one, other]) await gateway.close();
    await shard.remove();
  });

  /** `one` asks the provider, `other` follows. */
  async function shared(request: Partial<InferenceRequest> = {}) {
    const leader = one.ask({ ...same, ...request });
    const call = await one.call();
    const follower = other.ask({ ...same, ...request });
    await waitFor(() => [...call.members].some(({ isRemote }) => isRemote));
    return { leader, follower, call };
  }

  it('ask the provider once, and both clients get the whole answer', async () => {
    const { leader, follower, call } = await shared();
    give(call, 'r', 0, '{"id":1}');
    await waitFor(() => follower.heard.length > 0);
    for (const { heard } of [leader, follower]) expect(heard).toEqual(['whole json {"id":1}']);
    expect([one.dispatched.length, other.dispatched.length]).toEqual([1, 0]);
  });

  it('charge the one who asked, and tell and record of the other that it saved the whole price', async () => {
    const { leader, follower, call } = await shared();
    give(call, 'r', 0, '{}');
    await waitFor(() => follower.ends.length > 0);
    expect(leader.ends[0]).toMatchObject({ tier: 'miss', paidNanoUsd: 70, savedNanoUsd: 30 });
    expect(follower.ends[0]).toMatchObject({ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: 100 });
    expect([one.recorded, other.recorded]).toEqual([[], [{ how: 'shared', requestId: follower.requestId }]]);
  });

  it('give a stream from its beginning to one who comes in its middle, and go on with both', async () => {
    const leader = one.ask({ ...same, stream: true });
    const call = await one.call();
    give(call, 'h', 0);
    give(call, 'c', 1, 'a');
    const follower = other.ask({ ...same, stream: true });
    await waitFor(() => follower.heard.includes('a'));
    const second = other.ask({ ...same, stream: true });
    give(call, 'c', 2, 'b');
    await waitFor(() => second.heard.includes('b'));
    give(call, 'e', 3);
    await waitFor(() => second.heard.includes('end ok') && follower.heard.includes('end ok'));
    for (const { heard } of [leader, follower, second]) expect(heard).toEqual(['head', 'a', 'b', 'end ok']);
    expect(await other.counterOf(SHARED, { outcome: 'followed' })).toBe(1);
    expect(other.recorded.map(({ requestId }) => requestId)).toEqual([follower.requestId, second.requestId]);
  });

  it('go on for the other’s client when the one who asked has left', async () => {
    const { leader, follower, call } = await shared({ stream: true });
    give(call, 'h', 0);
    leader.leave();
    give(call, 'c', 1, 'a');
    give(call, 'e', 2);
    await waitFor(() => follower.heard.includes('end ok'));
    expect(follower.heard).toEqual(['head', 'a', 'end ok']);
    expect(one.cancelled).toEqual([]);
  });

  it('go on for the one who asked when the other’s client has left', async () => {
    const { leader, follower, call } = await shared();
    follower.leave();
    await waitFor(() => call.members.size === 1);
    expect(one.cancelled).toEqual([]);
    give(call, 'r', 0, '{}');
    expect(leader.heard).toEqual(['whole json {}']);
    expect([follower.heard, other.recorded]).toEqual([[], []]);
  });

  it('cancel the call when the last client has left, at whichever gateway it was', async () => {
    const { leader, follower, call } = await shared();
    leader.leave();
    expect(one.cancelled).toEqual([]);
    follower.leave();
    await waitFor(() => one.cancelled.length > 0);
    expect([one.cancelled, other.cancelled]).toEqual([[call.requestId], []]);
    expect([one.calls.size(), other.calls.size()]).toEqual([0, 0]);
  });

  it('share an error, too', async () => {
    const { follower, call } = await shared();
    const body = JSON.stringify({ message: 'slow down' });
    give(call, 'r', 0, body, { status: 429, errorCode: 'upstream_rate_limited', baselineNanoUsd: 0 });
    await waitFor(() => follower.heard.length > 0);
    expect(follower.heard).toEqual(['whole json upstream_rate_limited']);
    const { requestId } = follower;
    expect(other.recorded).toEqual([{ how: 'shared', requestId, errorCode: 'upstream_rate_limited' }]);
  });

  it('end at the follower’s own deadline, and the call goes on for the one who asked', async () => {
    const leader = one.ask(same);
    const call = await one.call();
    const follower = other.ask({ ...same, deadlineAtMs: Date.now() + 400 });
    await waitFor(() => call.members.size === 2);
    await waitFor(() => follower.heard.length > 0);
    expect(follower.heard).toEqual(['whole json deadline_exceeded']);
    await waitFor(() => call.members.size === 1);
    give(call, 'r', 0, '{}');
    expect(leader.heard).toEqual(['whole json {}']);
  });

  it('share nothing between tenants, whatever a gateway claims', async () => {
    one.ask(same);
    const call = await one.call();
    const stranger = {
      ...same,
      caller: { tenantId: `${shard.shard}-2`, role: 'member', rateLimitPerMinute: 0 } as const,
    };
    other.ask(stranger);
    await other.call();
    const join = { kind: 'join', from: 'g2', relay: '~x', requestId: 'req_x', form: 's', fingerprint: 'f00' } as const;
    const { requestId: leaderRequestId } = call;
    const note = {
      ...join,
      form: 'w',
      leaderRequestId,
      tenantId: stranger.caller.tenantId,
      deadlineAtMs: Date.now(),
      priority: 'standard',
    } as const;
    one.sharing.hear(note);
    expect(call.members.size).toBe(1);
    expect(await one.counterOf(SHARED, { outcome: 'refused' })).toBe(1);
  });

  it('share neither what opted out of sharing nor what has an idempotency key', async () => {
    for (const request of [{ useCache: false }, { idempotency: { keyHash: 'k', bodyHash: 'b' } }]) {
      for (const gateway of [one, other]) {
        const before = gateway.dispatched.length;
        gateway.ask({ ...same, ...request });
        await gateway.call(before);
      }
    }
    expect([one.dispatched.length, other.dispatched.length]).toEqual([2, 2]);
  });

  it('share no call between a stream and a whole answer, nor where only one takes answers to like questions', async () => {
    one.ask(same);
    await one.call();
    other.ask({ ...same, stream: true });
    await other.call(0);
    other.ask({ ...same, useSemanticCache: false });
    await other.call(1);
    expect(await other.counterOf(SHARED, { outcome: 'followed' })).toBe(0);
  });

  it('leave a call of low priority to those who can wait; who cannot asks anew, and is followed from then on', async () => {
    one.ask({ ...same, priority: 'batch' });
    const idle = await one.call();
    other.ask({ ...same, priority: 'express' });
    const urgent = await other.call();
    one.ask({ ...same, priority: 'standard' });
    await waitFor(() => urgent.members.size === 2);
    expect([idle.members.size, one.dispatched.length]).toEqual([1, 1]);
  });

  it('answer one who comes after the end from the first one’s memory, while the exact tier has it not yet', async () => {
    one.ask({ ...same, stream: true });
    const call = await one.call();
    give(call, 'h', 0);
    give(call, 'c', 1, 'data: 1\n\n');
    give(call, 'e', 2, '', { isStored: true, contentType: 'text/event-stream' });
    const late = other.ask({ ...same, stream: true });
    await waitFor(() => late.heard.length > 0);
    expect(late.heard).toEqual(['whole sse data: 1\n\n']);
    expect(late.ends[0]).toMatchObject({ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: 100 });
    expect(await one.counterOf(SHARED, { outcome: 'given' })).toBe(1);
  });

  it('ask anew after an answer that was not stored', async () => {
    const { follower, call } = await shared();
    give(call, 'r', 0, '{}');
    await waitFor(() => follower.heard.length > 0);
    other.ask(same);
    await other.call();
    expect(await other.counterOf(FALLBACK, {})).toBe(0);
  });

  it('take over at once from one who has ended its call without giving the claim back', async () => {
    one.ask(same);
    const call = await one.call();
    one.sharing.keepClaim(call);
    give(call, 'r', 0, '{}');
    other.ask(same);
    await other.call();
    expect(await one.counterOf(SHARED, { outcome: 'refused' })).toBe(1);
    one.ask(same);
    await waitFor(async () => (await other.counterOf(SHARED, { outcome: 'relayed' })) === 1);
    expect(one.dispatched).toHaveLength(1);
  });

  const fillOf = (fingerprint: string): CacheFill => ({
    tenantId: shard.shard,
    fingerprint,
    ttlSeconds: 5,
    entry: {
      v: 1,
      form: 'json',
      provider: 'mock',
      modelAsked: 'm',
      modelUsed: 'm-up',
      baselineNanoUsd: 100,
      askedAtMs: Date.now(),
      createdAtMs: Date.now(),
    },
  });

  it('find an answer that came into the exact tier between the look-up and the claim', async () => {
    const lookUp = other.redis.mgetBuffer.bind(other.redis);
    other.redis.mgetBuffer = async (...keys: unknown[]) => {
      other.redis.mgetBuffer = lookUp;
      const values = await lookUp(...(keys as string[]));
      await one.store(fillOf('f00'), Buffer.from('{"id":1}'));
      return values;
    };
    const { heard, ends } = other.ask(same);
    await waitFor(() => heard.length > 0);
    expect([heard, ends[0]?.tier]).toEqual([['whole json {"id":1}'], 'exact']);
    expect(await other.redis.exists(inFlightKey(shard.shard, 'w', 'f00'))).toBe(0);
  });

  describe('and have a semantic cache', () => {
    const question = { text: 'what is it', contextHash: 'c' };
    const like = { fingerprint: 'f99', similarity: 0.99, probability: 0.99, isAudited: false };
    let third: SpecGateway;
    let finds: ((hit: typeof like | undefined) => void)[];

    beforeEach(async () => {
      finds = [];
      third = await startSpecGateway(
        shard,
        'g3',
        {},
        {
          find: () => new Promise((resolve) => finds.push((hit) => resolve({ hit }))),
          connected: () => 1,
          close: () => undefined,
        },
      );
    });
    afterEach(() => third.close());

    it('do not wait for it where another gateway is asking', async () => {
      one.ask(same);
      const call = await one.call();
      const follower = third.ask({ ...same, needs: () => ({ question }) });
      await waitFor(() => call.members.size === 2);
      expect(finds).toHaveLength(1);
      give(call, 'r', 0, '{}');
      await waitFor(() => follower.heard.length > 0);
      expect([follower.heard, third.dispatched]).toEqual([['whole json {}'], []]);
    });

    it('share what it finds with those who came meanwhile, and give the claim back', async () => {
      await one.store(fillOf('f99'), Buffer.from('{"id":99}'));
      const leader = third.ask({ ...same, needs: () => ({ question }) });
      const key = inFlightKey(shard.shard, 'w', 'f00');
      await waitFor(async () => (await third.redis.exists(key)) === 1);
      const follower = one.ask(same);
      await waitFor(async () => (await third.counterOf(SHARED, { outcome: 'relayed' })) === 1);
      finds[0]?.(like);
      await waitFor(() => follower.heard.length > 0);
      for (const { heard } of [leader, follower]) expect(heard).toEqual(['whole json {"id":99}']);
      expect(follower.ends[0]).toMatchObject({ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: 100 });
      await waitFor(async () => (await third.redis.exists(key)) === 0);
    });
  });
});
