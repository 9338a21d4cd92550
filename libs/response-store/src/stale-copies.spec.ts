import {
  everyTenant,
  exactEpochKey,
  exactEpochOfAllKey,
  exactIndexKey,
  exactKey,
  staleIndexKey,
  staleKey,
} from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, type SpecShard } from '@costlane/testing';
import { createResponseStore, type ExactFill, type ResponseStoreOptions } from './exact-tier';
import type { CacheInvalidation } from './memory-tier';
import { createStaleLookup } from './stale-copies';
import { sampleAnswer } from './testing/sample-answer';

const serverUrl = redisUrlForTests();
/** A database of its own: what goes for every tenant must not go for other specs. */
const redisUrl = serverUrl && Object.assign(new URL(serverUrl), { pathname: '/10' }).href;
const DAY_SECONDS = 86_400;

(redisUrl ? describe : describe.skip)('answers kept beyond their lifetime', () => {
  let shard: SpecShard;
  let redis: Redis;
  let tenantId: string;
  let otherTenant: string;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    [tenantId, otherTenant] = [`${shard.shard}:a`, `${shard.shard}:b`];
  });
  afterEach(async () => {
    await storeOf().invalidate({ kind: 'cache', tenantId: everyTenant, all: true });
    await redis.unlink(exactEpochOfAllKey, exactEpochKey(tenantId), exactEpochKey(otherTenant));
    await shard.remove();
  });

  const storeOf = (options: Partial<ResponseStoreOptions> = {}) =>
    createResponseStore({ redis, maxEntryBytes: 100_000, staleSeconds: DAY_SECONDS, ...options });
  const fillOf = (fingerprint: string, answer: Parameters<typeof sampleAnswer>[0] = {}, fill = {}): ExactFill => {
    const { header, body, tag } = sampleAnswer(answer);
    return { fill: { tenantId, fingerprint, ttlSeconds: 60, tag, entry: header, isStaleKept: true, ...fill }, body };
  };
  const find = (fingerprint: string, tenant = tenantId) => createStaleLookup(redis)(tenant, fingerprint);
  /** What happens when an answer's time is over: its key goes, and with the next fill its place in the index. */
  const expire = async (...fingerprints: string[]): Promise<void> => {
    await redis.unlink(exactIndexKey(tenantId), ...fingerprints.map((fingerprint) => exactKey(tenantId, fingerprint)));
  };

  it('are found when the answer itself has gone, for as long as was set', async () => {
    await storeOf().fill([fillOf('a', { body: Buffer.from('{"n":1}'), tag: 't' })]);
    await expire('a');
    expect(await find('a')).toMatchObject({ body: Buffer.from('{"n":1}'), tag: 't', header: { modelUsed: 'm' } });
    const ttl = await redis.ttl(staleKey(tenantId, 'a'));
    expect(ttl).toBeGreaterThan(DAY_SECONDS + 50);
    expect(ttl).toBeLessThanOrEqual(DAY_SECONDS + 60);
    expect(await redis.zcard(staleIndexKey(tenantId))).toBe(1);
  });

  it('are those whose tenant wants it, and none where nothing is to be kept', async () => {
    await storeOf().fill([fillOf('a', {}, { isStaleKept: undefined })]);
    await storeOf({ staleSeconds: 0 }).fill([fillOf('b')]);
    await createResponseStore({ redis, maxEntryBytes: 100_000 }).fill([fillOf('c')]);
    expect(await Promise.all(['a', 'b', 'c'].map((name) => find(name)))).toEqual([undefined, undefined, undefined]);
  });

  it('are their tenant’s alone', async () => {
    await storeOf().fill([fillOf('a')]);
    expect(await find('a', otherTenant)).toBeUndefined();
  });

  it.each<[string, Partial<CacheInvalidation>, string[]]>([
    ['key', { key: 'a' }, ['b', 'c', 'd']],
    ['model that answered', { model: 'm1' }, ['b', 'd']],
    ['tag', { tag: 't' }, ['a', 'c', 'd']],
    ['all', { all: true }, []],
    ['all of every tenant', { tenantId: everyTenant, all: true }, []],
  ])('go with an invalidation by %s, long after the answers themselves', async (_, what, left) => {
    const fills = [
      fillOf('a', { modelUsed: 'm1' }),
      fillOf('b', { tag: 't' }),
      fillOf('c', { modelAsked: 'm1' }),
      fillOf('d'),
    ];
    await storeOf().fill(fills);
    await expire('a', 'b', 'c', 'd');
    const removed = await storeOf().invalidate({ kind: 'cache', tenantId, ...what } as CacheInvalidation);
    const found = await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => ((await find(name)) ? [name] : [])));
    expect([removed, found.flat()]).toEqual([4 - left.length, left]);
    expect(await redis.zcard(staleIndexKey(tenantId))).toBe(left.length);
  });

  it('leave another tenant’s alone when one tenant’s go', async () => {
    await storeOf().fill([fillOf('a'), fillOf('a', {}, { tenantId: otherTenant })]);
    await storeOf().invalidate({ kind: 'cache', tenantId, all: true });
    expect([await find('a'), await find('a', otherTenant)]).toEqual([undefined, expect.anything()]);
  });

  it('count once, with the answer, where both are there', async () => {
    await storeOf().fill([fillOf('a')]);
    expect(await storeOf().invalidate({ kind: 'cache', tenantId, key: 'a' })).toBe(1);
    expect([await find('a'), await redis.exists(exactKey(tenantId, 'a'))]).toEqual([undefined, 0]);
  });

  it('are not kept of an answer that was asked before an invalidation', async () => {
    await storeOf().invalidate({ kind: 'cache', tenantId, tag: 't' });
    const askedAtMs = Date.now() - 1_000;
    expect(await storeOf().fill([fillOf('a', { tag: 't', askedAtMs }), fillOf('b', { askedAtMs })])).toBe(1);
    expect([await find('a'), await find('b')]).toEqual([undefined, expect.anything()]);
  });

  it('are not kept where an invalidation came while the answer was being stored', async () => {
    const store = storeOf();
    const hlen = redis.hlen.bind(redis);
    let looks = 0;
    jest.spyOn(redis, 'hlen').mockImplementation((async (...args: Parameters<typeof hlen>) => {
      // Behind the writes: the mark is there, the entries were looked for before they were.
      if (++looks === 2) await redis.hset(exactEpochKey(tenantId), 'all', Date.now() + 1_000);
      return hlen(...args);
    }) as typeof redis.hlen);
    expect(await store.fill([fillOf('a')])).toBe(0);
    expect(await find('a')).toBeUndefined();
  });

  it('are bounded: those that would expire first go first', async () => {
    const store = storeOf({ maxEntriesPerTenant: 2 });
    await store.fill([fillOf('a', {}, { ttlSeconds: 300 }), fillOf('b', {}, { ttlSeconds: 100 })]);
    await store.fill([fillOf('c', {}, { ttlSeconds: 200 })]);
    const found = await Promise.all(['a', 'b', 'c'].map(async (name) => Boolean(await find(name))));
    expect([found, await redis.zcard(staleIndexKey(tenantId))]).toEqual([[true, false, true], 2]);
  });

  it('are nothing when what is there is damaged', async () => {
    await redis.set(staleKey(tenantId, 'a'), 'no answer', 'EX', 60);
    expect(await find('a')).toBeUndefined();
    await redis.unlink(staleKey(tenantId, 'a'));
  });
});
