import {
  exactAgeKey,
  exactEpochKey,
  exactIndexKey,
  exactKey,
  exactRankKey,
  exactTenantsKey,
  invalidateChannel,
} from '@costlane/contracts';
import { evictionPolicies } from '@costlane/domain';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createResponseStore, type ExactFill, type ResponseStore, type ResponseStoreOptions } from './exact-tier';
import { sampleAnswer } from './testing/sample-answer';
import { createUseReports } from './use-reports';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('createResponseStore', () => {
  let shard: SpecShard;
  let redis: Redis;
  let tenant: string;
  let other: string;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    tenant = `${shard.shard}:a`;
    other = `${shard.shard}:b`;
  });
  afterEach(async () => {
    for (const each of [tenant, other]) {
      const members = await redis.zrange(exactIndexKey(each), '0', '-1');
      const keys = members.map((member) => exactKey(each, member.split('|')[0] ?? ''));
      const ranks = evictionPolicies.flatMap((policy) => [exactRankKey(each, policy), exactAgeKey(each, policy)]);
      await redis.unlink(exactIndexKey(each), exactEpochKey(each), ...ranks, ...keys);
      await redis.zrem(exactTenantsKey, each);
    }
    await shard.remove();
  });

  const storeOf = (options: Partial<ResponseStoreOptions> = {}) =>
    createResponseStore({ redis, maxEntryBytes: 100_000, ...options });
  const fillOf = (
    fingerprint: string,
    {
      tenantId = tenant,
      ttlSeconds = 60,
      ...answer
    }: Parameters<typeof sampleAnswer>[0] & { tenantId?: string; ttlSeconds?: number } = {},
  ): ExactFill => {
    const { header, body, tag } = sampleAnswer(answer);
    return { fill: { tenantId, fingerprint, ttlSeconds, tag, entry: header }, body };
  };
  const left = async (tenantId = tenant, keys: Iterable<string> = 'abc'): Promise<string> => {
    const all = [...keys];
    const found = await redis.mget(...all.map((key) => exactKey(tenantId, key)));
    return all.filter((_, index) => found[index]).join('');
  };

  it('gives back what was filled in, bytes untouched, to the tenant that it was filled in for', async () => {
    const store = storeOf();
    const body = Buffer.from([0, 10, 13, 255, 254, 0]);
    const fill = fillOf('a', { body, tag: 't', form: 'sse' });
    expect(await store.fill([fill])).toBe(1);
    expect(await store.find(tenant, 'a')).toEqual({ header: fill.fill.entry, body, tag: 't' });
    expect(await store.find(other, 'a')).toBeUndefined();
    expect(await store.find(tenant, 'b')).toBeUndefined();
  });

  it('asks for all look-ups of one tick in one command, and each gets its own', async () => {
    const store = storeOf();
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await store.fill(keys.filter((_, index) => index % 2 === 0).map((key) => fillOf(key, { body: Buffer.from(key) })));
    const asked = jest.spyOn(redis, 'mgetBuffer');
    const found = await Promise.all(keys.map((key) => store.find(tenant, key)));
    expect(asked).toHaveBeenCalledTimes(1);
    expect(found.map((answer) => answer?.body.toString())).toEqual(
      keys.map((key, index) => (index % 2 === 0 ? key : undefined)),
    );
  });

  it('fills several tenants at once, each its own', async () => {
    const store = storeOf();
    expect(await store.fill([fillOf('a'), fillOf('a', { tenantId: other, body: Buffer.from('theirs') })])).toBe(2);
    expect((await store.find(other, 'a'))?.body.toString()).toBe('theirs');
    expect((await store.find(tenant, 'a'))?.body.toString()).not.toBe('theirs');
  });

  it('stores an answer for as long as the request allows', async () => {
    await storeOf().fill([fillOf('a', { ttlSeconds: 7 })]);
    const ttl = await redis.ttl(exactKey(tenant, 'a'));
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(7);
    expect(await redis.ttl(exactIndexKey(tenant))).toBeGreaterThan(7);
  });

  it('leaves out an answer that is too large, and stores those beside it', async () => {
    const store = storeOf({ maxEntryBytes: 10 });
    const stored = await store.fill([fillOf('a', { body: Buffer.alloc(11) }), fillOf('b', { body: Buffer.alloc(10) })]);
    expect(stored).toBe(1);
    expect(await left()).toBe('b');
  });

  it('rejects a look-up and a fill when Redis does not answer', async () => {
    const gone = await shard.connect();
    gone.disconnect();
    await waitFor(() => gone.status === 'end');
    const store = createResponseStore({ redis: gone, maxEntryBytes: 100 });
    await expect(store.find(tenant, 'a')).rejects.toThrow();
    await expect(store.fill([fillOf('a')])).rejects.toThrow();
  });

  it.each([
    ['no header line', 'text'],
    ['a header that is no JSON', '{\nbody'],
    ['a header of null', 'null\nbody'],
    ['an answer of another version', '{"header":{"v":2}}\nbody'],
    ['nothing', ''],
  ])('takes an entry with %s for a miss', async (_, stored) => {
    await redis.set(exactKey(tenant, 'damaged'), stored, 'EX', 10);
    expect(await storeOf().find(tenant, 'damaged')).toBeUndefined();
  });

  describe('invalidation', () => {
    beforeEach(async () => {
      for (const tenantId of [tenant, other]) {
        await storeOf().fill([
          fillOf('a', { tenantId, modelAsked: 'auto', modelUsed: 'm|1', tag: 't 1' }),
          fillOf('b', { tenantId, modelAsked: 'm|1', modelUsed: 'm1-2026', tag: 't2' }),
          fillOf('c', { tenantId, modelAsked: 'm2', modelUsed: 'm2' }),
        ]);
      }
    });

    it.each([
      [{ key: 'a' }, 'bc'],
      [{ key: 'unknown' }, 'abc'],
      [{ model: 'm|1' }, 'c'],
      [{ model: 'm2' }, 'ab'],
      [{ tag: 't 1' }, 'bc'],
      [{ tag: 't3' }, 'abc'],
      [{ all: true as const }, ''],
    ])('by %j leaves %j of the tenant, all of another, and tells the gateways', async (what, expected) => {
      const listener = await shard.connect({ blocking: true });
      const told: string[] = [];
      listener.on('message', (_, text: string) => told.push(text));
      await listener.subscribe(invalidateChannel);
      const message = { kind: 'cache' as const, tenantId: tenant, ...what };
      expect(await storeOf().invalidate(message)).toBe(3 - expected.length);
      expect(await left()).toBe(expected);
      expect(await left(other)).toBe('abc');
      await waitFor(() => told.some((text) => text === JSON.stringify(message)));
      expect(await redis.zcard(exactIndexKey(tenant))).toBe(expected.length);
    });

    it.each([{ key: 'x' }, { model: 'm' }, { tag: 't' }, { all: true as const }])(
      'by %j keeps out answers that were asked before it',
      async (what) => {
        const store = storeOf({ now: () => 10_000 });
        await store.invalidate({ kind: 'cache', tenantId: tenant, ...what });
        const asked = (askedAtMs: number, tenantId = tenant): ExactFill =>
          fillOf('x', { askedAtMs, tenantId, modelAsked: 'm', tag: 't' });
        expect(await store.fill([asked(9_999)])).toBe(0);
        expect(await store.fill([asked(10_000)])).toBe(0);
        expect(await store.find(tenant, 'x')).toBeUndefined();
        expect(await store.fill([asked(9_999, other)])).toBe(1);
        expect(await store.fill([asked(10_001)])).toBe(1);
      },
    );

    it('is forgotten when no answer can be older than it, also where a tenant invalidates all the time', async () => {
      let nowMs = 1_000_000;
      const store = storeOf({ now: () => nowMs });
      const invalidate = (key: number) => store.invalidate({ kind: 'cache', tenantId: tenant, key: `k${key}` });
      await Promise.all(Array.from({ length: 600 }, (_, at) => invalidate(at)));
      expect(await redis.hlen(exactEpochKey(tenant))).toBe(600);
      nowMs += 3_600_001;
      await Promise.all(Array.from({ length: 255 }, (_, at) => invalidate(1_000 + at)));
      expect(await redis.hlen(exactEpochKey(tenant))).toBeLessThan(256);
      expect(await redis.hget(exactEpochKey(tenant), 'key:k1254')).toBe(String(nowMs));
    });

    it('is not outrun by a fill that is under way', async () => {
      const store = storeOf();
      const slow = await shard.connect();
      // Whatever this store asks first, the invalidation runs to its end before it goes on.
      const original = slow.hlen.bind(slow);
      jest.spyOn(slow, 'hlen').mockImplementation(async (key) => {
        const marks = await original(key);
        await store.invalidate({ kind: 'cache', tenantId: tenant, all: true });
        return marks;
      });
      const stored = await createResponseStore({ redis: slow, maxEntryBytes: 100_000 }).fill([
        fillOf('late', { askedAtMs: Date.now() - 1_000 }),
      ]);
      expect(stored).toBe(0);
      expect(await left(tenant, ['late'])).toBe('');
    });
  });

  describe('a tenant that has too many entries', () => {
    /** Fills one after the other, so that each has a time of its own. */
    const fillEach = async (store: ResponseStore, clock: { nowMs: number }, fills: readonly ExactFill[]) => {
      for (const fill of fills) {
        clock.nowMs += 10;
        await store.fill([fill]);
      }
    };

    it.each(evictionPolicies)(
      'by %s keeps as many as it may, touches no other tenant, and says how many went',
      async (policy) => {
        let evicted = 0;
        const store = storeOf({ policy, maxEntriesPerTenant: 3, onEvicted: (entries) => (evicted += entries) });
        await store.fill([fillOf('theirs', { tenantId: other })]);
        await store.fill([...'abcde'].map((key) => fillOf(key)));
        await store.fill([fillOf('f')]);
        const kept = await left(tenant, 'abcdef');
        expect([kept.length, evicted]).toEqual([3, 3]);
        expect(await left(other, ['theirs'])).toBe('theirs');
        for (const key of [exactIndexKey(tenant), exactRankKey(tenant, policy)]) {
          const members = await redis.zrange(key, '0', '-1');
          expect(
            members
              .map((member) => member.charAt(0))
              .sort()
              .join(''),
          ).toBe(kept);
        }
      },
    );

    it.each([
      ['lru', 'was used longest ago', 'acde'],
      ['lfu', 'was used least', 'abde'],
    ] as const)('by %s loses what %s', async (policy, _what, expected) => {
      const clock = { nowMs: Date.now() };
      const store = storeOf({ policy, maxEntriesPerTenant: 4, now: () => clock.nowMs });
      await fillEach(store, clock, [fillOf('a'), fillOf('b'), fillOf('c')]);
      for (const key of 'bbba') {
        await store.find(tenant, key);
        await store.find(tenant, 'nothing');
      }
      clock.nowMs += 10;
      await store.flushUses();
      clock.nowMs += 10;
      // What the memory tier gives counts as well.
      if (policy === 'lru') store.used(tenant, 'c', sampleAnswer());
      for (const key of 'aa') await store.find(tenant, key);
      await store.flushUses();
      await fillEach(store, clock, [fillOf('d'), fillOf('e')]);
      expect(await left(tenant, 'abcde')).toBe(expected);
    });

    it('by cost_aware loses what saves least for each byte that it takes', async () => {
      const store = storeOf({ policy: 'cost_aware', maxEntriesPerTenant: 3 });
      await store.fill([
        fillOf('a', { baselineNanoUsd: 900_000 }),
        fillOf('b', { baselineNanoUsd: 900_000, body: Buffer.alloc(50_000) }),
        fillOf('c', { baselineNanoUsd: 300_000 }),
        fillOf('d', { baselineNanoUsd: 100_000 }),
        fillOf('e', { baselineNanoUsd: 40_000 }),
      ]);
      expect(await left(tenant, 'abcde')).toBe('acd');
    });

    it('by cost_aware keeps what is cheap and asked often', async () => {
      const store = storeOf({ policy: 'cost_aware', maxEntriesPerTenant: 2 });
      const [cheap, dear] = [fillOf('a', { baselineNanoUsd: 10_000 }), fillOf('b', { baselineNanoUsd: 50_000 })];
      await store.fill([cheap, dear]);
      for (let i = 0; i < 5; i++) await store.find(tenant, 'a');
      await store.flushUses();
      await store.fill([fillOf('c', { baselineNanoUsd: 90_000 })]);
      expect(await left(tenant, 'abc')).toBe('ac');
    });

    it('does not forget how much an entry was used when it is stored again', async () => {
      const store = storeOf({ policy: 'lfu', maxEntriesPerTenant: 2 });
      await store.fill([fillOf('a')]);
      for (let i = 0; i < 3; i++) await store.find(tenant, 'a');
      await store.flushUses();
      await store.fill([fillOf('a'), fillOf('b')]);
      await store.fill([fillOf('c')]);
      expect(await left(tenant, 'abc')).toBe('ac');
    });

    it('by lfu lets newcomers overtake in time what was popular once', async () => {
      const store = storeOf({ policy: 'lfu', maxEntriesPerTenant: 3 });
      await store.fill([fillOf('a')]);
      for (let i = 0; i < 2; i++) await store.find(tenant, 'a');
      await store.flushUses();
      let rounds = 0;
      for (; (await left(tenant, 'a')) !== '' && rounds < 100; rounds++) {
        await store.fill([fillOf(`n${rounds}`)]);
        await store.find(tenant, `n${rounds}`);
        await store.flushUses();
      }
      expect(rounds).toBeGreaterThan(2);
      expect(rounds).toBeLessThan(40);
    });

    it('does not rank what has gone since it was used', async () => {
      const store = storeOf({ policy: 'lfu' });
      await store.fill([fillOf('a')]);
      await store.find(tenant, 'a');
      await store.invalidate({ kind: 'cache', tenantId: tenant, all: true });
      await store.flushUses();
      expect(await redis.zcard(exactRankKey(tenant, 'lfu'))).toBe(0);
    });

    it('loses entries that have no rank by their expiry, and keeps those that have one', async () => {
      const store = storeOf({ maxEntriesPerTenant: 10 });
      await store.fill([
        fillOf('a', { ttlSeconds: 50 }),
        fillOf('b', { ttlSeconds: 90 }),
        fillOf('c', { ttlSeconds: 20 }),
      ]);
      await redis.unlink(exactRankKey(tenant, 'lru'));
      await storeOf({ maxEntriesPerTenant: 2 }).fill([fillOf('d')]);
      // The only one with a rank is taken first; of the others the one that expires first.
      expect(await redis.zcard(exactIndexKey(tenant))).toBe(2);
      expect(await left(tenant, 'abcd')).toBe('ab');
    });
  });

  it('drops entries from index and rank when they have expired', async () => {
    let nowMs = Date.now();
    const store = storeOf({ now: () => nowMs });
    await store.fill(Array.from({ length: 1_500 }, (_, index) => fillOf(`a${index}`, { ttlSeconds: 5 })));
    expect(await redis.zcard(exactRankKey(tenant, 'lru'))).toBe(1_500);
    nowMs += 6_000;
    await store.fill([fillOf('b')]);
    expect(await redis.zcard(exactIndexKey(tenant))).toBe(1);
    expect(await redis.zcard(exactRankKey(tenant, 'lru'))).toBe(1);
  });

  it('tells Redis of uses once an interval, in one call a tenant, and only where there were any', async () => {
    const uses = createUseReports({ redis, policy: 'lfu', intervalMs: 20 });
    const store = storeOf({ policy: 'lfu' });
    const [a, b] = [fillOf('a'), fillOf('b', { tenantId: other })];
    await store.fill([a, b]);
    const calls = jest.spyOn(redis, 'evalsha');
    for (let i = 0; i < 100; i++) uses.used(tenant, 'a', { header: a.fill.entry, body: a.body });
    uses.used(other, 'b', { header: b.fill.entry, body: b.body });
    expect(calls).not.toHaveBeenCalled();
    const scoreOf = async (tenantId: string): Promise<number> => {
      const [, score] = await redis.zrange(exactRankKey(tenantId, 'lfu'), '0', '0', 'WITHSCORES');
      return Number(score);
    };
    await waitFor(async () => (await scoreOf(tenant)) === 801 && (await scoreOf(other)) === 9);
    expect(calls).toHaveBeenCalledTimes(2);
    await uses.flush();
    expect(calls).toHaveBeenCalledTimes(2);
    uses.used(tenant, 'a', { header: a.fill.entry, body: a.body });
    uses.stop();
    await uses.flush();
    expect(calls).toHaveBeenCalledTimes(2);
  });

  it('does not mind when Redis cannot be told of uses', async () => {
    const gone = await shard.connect();
    gone.disconnect();
    await waitFor(() => gone.status === 'end');
    const uses = createUseReports({ redis: gone, policy: 'lru' });
    uses.used(tenant, 'a', sampleAnswer());
    await expect(uses.flush()).resolves.toBeUndefined();
  });
});
