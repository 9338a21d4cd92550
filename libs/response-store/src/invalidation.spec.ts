import {
  everyTenant,
  exactAgeKey,
  exactEpochKey,
  exactEpochOfAllKey,
  exactIndexKey,
  exactRankKey,
  exactTenantsKey,
  invalidateChannel,
} from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createResponseStore, type ExactFill } from './exact-tier';
import { createMemoryTier, type CacheInvalidation, type MemoryTier } from './memory-tier';
import { sampleAnswer } from './testing/sample-answer';

const serverUrl = redisUrlForTests();
/** A database of its own: what goes for every tenant must not go for other specs. Messages pass between databases, so the channel is renamed. */
const redisUrl = serverUrl && Object.assign(new URL(serverUrl), { pathname: '/12' }).href;
/** An invalidation has to be felt everywhere within this. */
const FELT_WITHIN_MS = 1_000;

(redisUrl ? describe : describe.skip)('an invalidation with two gateways', () => {
  let shard: SpecShard;
  let redis: Redis;
  let tenants: [string, string];
  let gateways: MemoryTier[];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    tenants = [`${shard.shard}:a`, `${shard.shard}:b`];
    const channel = `${shard.shard}:${invalidateChannel}`;
    const publish = redis.publish.bind(redis);
    jest.spyOn(redis, 'publish').mockImplementation((_channel, text) => publish(channel, text));
    gateways = await Promise.all(
      [1, 2].map(async () => {
        const memory = createMemoryTier({ maxEntries: 100, ttlMs: 60_000, maxBytes: 10_000_000 });
        const subscriber = await shard.connect({ blocking: true });
        subscriber.on('message', (_, text: string) => void memory.invalidate(JSON.parse(text) as CacheInvalidation));
        await subscriber.subscribe(channel);
        return memory;
      }),
    );
  });
  afterEach(async () => {
    await createResponseStore({ redis, maxEntryBytes: 1 }).invalidate({
      kind: 'cache',
      tenantId: everyTenant,
      all: true,
    });
    const keys = tenants.flatMap((tenant) => [
      exactEpochKey(tenant),
      exactIndexKey(tenant),
      exactRankKey(tenant, 'lru'),
      exactAgeKey(tenant, 'lru'),
    ]);
    await redis.unlink(exactEpochOfAllKey, exactTenantsKey, ...keys);
    await shard.remove();
  });

  const storeOf = () => createResponseStore({ redis, maxEntryBytes: 100_000 });
  const fillOf = (
    tenantId: string,
    fingerprint: string,
    answer: Parameters<typeof sampleAnswer>[0] = {},
  ): ExactFill => {
    const { header, body, tag } = sampleAnswer(answer);
    return { fill: { tenantId, fingerprint, ttlSeconds: 60, tag, entry: header }, body };
  };
  const fillEverywhere = async (): Promise<void> => {
    for (const tenant of tenants) {
      const fills = [
        fillOf(tenant, 'a', { modelUsed: 'm1' }),
        fillOf(tenant, 'b', { tag: 't' }),
        fillOf(tenant, 'c', { modelAsked: 'm1' }),
      ];
      await storeOf().fill(fills);
      for (const memory of gateways)
        for (const { fill, body } of fills)
          memory.set(tenant, fill.fingerprint, { header: fill.entry, body, tag: fill.tag });
    }
  };
  /** What each tenant is still given, by Redis and by each gateway. */
  const given = async (): Promise<string[]> => {
    const inRedis = await Promise.all(
      tenants.flatMap((tenant) => [...'abc'].map(async (key) => ((await storeOf().find(tenant, key)) ? key : ''))),
    );
    const inMemory = gateways.map((memory) =>
      tenants.flatMap((tenant) => [...'abc'].map((key) => (memory.get(tenant, key) ? key : ''))),
    );
    return [inRedis, ...inMemory].map((keys) => keys.join(''));
  };

  it.each([
    ['key', { key: 'b' }, 1, 'acabc'],
    ['model', { model: 'm1' }, 2, 'babc'],
    ['tag', { tag: 't' }, 1, 'acabc'],
    ['all of a tenant', { all: true as const }, 3, 'abc'],
  ])('by %s is felt by both within a second', async (_by, what, removed, expected) => {
    await fillEverywhere();
    expect(await given()).toEqual(['abcabc', 'abcabc', 'abcabc']);
    const beforeMs = performance.now();
    expect(await storeOf().invalidate({ kind: 'cache', tenantId: tenants[0], ...what })).toBe(removed);
    await waitFor(async () => (await given()).every((keys) => keys === expected));
    expect(performance.now() - beforeMs).toBeLessThan(FELT_WITHIN_MS);
  });

  it('of every tenant is felt by both within a second, and says how many entries went', async () => {
    await fillEverywhere();
    const beforeMs = performance.now();
    expect(await storeOf().invalidate({ kind: 'cache', tenantId: everyTenant, all: true })).toBe(6);
    await waitFor(async () => (await given()).every((keys) => keys === ''));
    expect(performance.now() - beforeMs).toBeLessThan(FELT_WITHIN_MS);
    expect(await storeOf().invalidate({ kind: 'cache', tenantId: everyTenant, all: true })).toBe(0);
  });

  it('of every tenant keeps out answers that were asked before it, everywhere, and none that were asked after', async () => {
    const askedAtMs = Date.now();
    await storeOf().invalidate({ kind: 'cache', tenantId: everyTenant, all: true });
    await waitFor(() => gateways.every((memory) => memory.isOutdated('x', 'y', sampleAnswer({ askedAtMs }))));
    const [tenant, other] = tenants;
    expect(await storeOf().fill([fillOf(tenant, 'a', { askedAtMs }), fillOf(other, 'b', { askedAtMs })])).toBe(0);
    const fresh = { askedAtMs: Date.now() + 5 };
    expect(await storeOf().fill([fillOf(tenant, 'c', fresh)])).toBe(1);
    for (const memory of gateways) {
      memory.set(tenant, 'a', sampleAnswer({ askedAtMs }));
      memory.set(tenant, 'c', sampleAnswer({ askedAtMs: Date.now() + 5 }));
    }
    expect(await given()).toEqual(['c', 'c', 'c']);
  });

  it('of every tenant is not outrun by a fill that is under way', async () => {
    const slow = await shard.connect();
    const original = slow.hlen.bind(slow);
    jest.spyOn(slow, 'hlen').mockImplementationOnce(async (key) => {
      const marks = await original(key);
      await storeOf().invalidate({ kind: 'cache', tenantId: everyTenant, all: true });
      return marks;
    });
    const late = createResponseStore({ redis: slow, maxEntryBytes: 100_000 });
    expect(await late.fill([fillOf(tenants[0], 'a', { askedAtMs: Date.now() - 1_000 })])).toBe(0);
    expect((await given())[0]).toBe('');
  });
});
