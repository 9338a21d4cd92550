import { exactEpochKey, exactIndexKey, exactKey, invalidateChannel } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createResponseStore, type ExactFill, type ResponseStoreOptions } from './exact-tier';
import { sampleAnswer } from './testing/sample-answer';

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
      await redis.unlink(exactIndexKey(each), exactEpochKey(each), ...keys);
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
  const left = async (tenantId = tenant, keys = ['a', 'b', 'c']): Promise<string> => {
    const store = storeOf();
    const found = await Promise.all(keys.map((key) => store.find(tenantId, key)));
    return keys.filter((_, index) => found[index]).join('');
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

    it('is not outrun by a fill that is under way', async () => {
      const store = storeOf();
      const slow = await shard.connect();
      // Whatever this store asks first, the invalidation runs to its end before it goes on.
      const original = slow.hgetall.bind(slow);
      jest.spyOn(slow, 'hgetall').mockImplementation(async (key) => {
        const epochs = await original(key);
        await store.invalidate({ kind: 'cache', tenantId: tenant, all: true });
        return epochs;
      });
      const stored = await createResponseStore({ redis: slow, maxEntryBytes: 100_000 }).fill([
        fillOf('late', { askedAtMs: Date.now() - 1_000 }),
      ]);
      expect(stored).toBe(0);
      expect(await left(tenant, ['late'])).toBe('');
    });
  });

  it('holds no more entries of a tenant than it may; the ones that expire first go first', async () => {
    const store = storeOf({ maxEntriesPerTenant: 3 });
    await store.fill([fillOf('theirs', { tenantId: other, ttlSeconds: 5 })]);
    for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries())
      await store.fill([fillOf(key, { ttlSeconds: key === 'c' ? 5 : 100 + index })]);
    expect(await left(tenant, ['a', 'b', 'c', 'd', 'e'])).toBe('bde');
    expect(await redis.zcard(exactIndexKey(tenant))).toBe(3);
    expect(await left(other, ['theirs'])).toBe('theirs');
  });

  it('drops entries from the index when they have expired', async () => {
    let nowMs = Date.now();
    const store = storeOf({ now: () => nowMs });
    await store.fill([fillOf('a', { ttlSeconds: 5 })]);
    nowMs += 6_000;
    await store.fill([fillOf('b')]);
    expect(await redis.zcard(exactIndexKey(tenant))).toBe(1);
  });
});
