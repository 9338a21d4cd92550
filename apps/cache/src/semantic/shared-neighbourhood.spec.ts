import { exactKey } from '@costlane/contracts';
import type { Embedder } from '@costlane/embedding';
import { createMetrics } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { plainIndex } from '../testing/plain-index';
import { describeWithRedis, silent, testRedis, type TestRedis } from '../testing/test-redis';
import { vectorOf, wordEmbedder } from '../testing/word-models';
import { createEntrySource } from './entry-source';
import { createSharedNeighbourhood } from './shared-neighbourhood';

describeWithRedis('stored questions in a shared database', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());

  const setup = (index = plainIndex(), embedder: Embedder = wordEmbedder()) => {
    const metrics = createMetrics({ service: 'spec' });
    const source = createEntrySource(test.redis);
    const options = {
      index,
      source,
      embedder,

      limit: 3,
      logger: silent,
      metrics,
      recountMs: 1,
    };
    const neighbourhood = createSharedNeighbourhood(options);
    const find = async (tenantId: string, text: string, contextHash = 'c') => {
      const query = { tenantId, contextHash, model: 'm', vector: vectorOf(text), minSimilarity: 0.9 };
      return (await neighbourhood.find([query]))[0]?.candidates.map(({ entry, timesAsked }) => [
        entry?.text,
        timesAsked,
      ]);
    };
    return { index, neighbourhood, find };
  };

  it('are found by every replica, in their tenant and context only', async () => {
    const [tenantId, index] = [test.tenant(), plainIndex()];
    const [one, other] = [setup(index), setup(index)];
    await one.neighbourhood.onFilled(tenantId, [await test.fill(tenantId, 'who wrote hamlet')]);
    expect(await other.find(tenantId, 'hamlet who wrote')).toEqual([['who wrote hamlet', 0]]);
    expect(await other.find(test.tenant(), 'hamlet who wrote')).toEqual([]);
    expect(await other.find(tenantId, 'hamlet who wrote', 'another')).toEqual([]);
  });

  it('are not believed where the database gives one of another context', async () => {
    const [tenantId, index] = [test.tenant(), plainIndex()];
    const { find } = setup(index);
    const id = await test.fill(tenantId, 'a b c', { contextHash: 'true context' });
    const wrong = {
      id,
      tenantId,
      contextHash: 'c',
      modelClass: 'm',
      expiresAtMs: Date.now() + 9_000,
      vector: vectorOf('a b c'),
    };
    await index.upsert([wrong]);
    expect(await find(tenantId, 'a b c')).toEqual([[undefined, 0]]);
  });

  it('are counted in the database, whichever replica stored them, and for each tenant by itself', async () => {
    const [tenantId, second, index] = [test.tenant(), test.tenant(), plainIndex()];
    const [one, other] = [setup(index).neighbourhood, setup(index).neighbourhood];
    for (const [tenant, text] of [
      [tenantId, 'a b c'],
      [tenantId, 'd e f'],
      [second, 'a b c'],
    ] as const)
      await one.onFilled(tenant, [await test.fill(tenant, text)]);
    const counts = () => [other.entries(), other.entries(tenantId), other.entries(second)];
    await waitFor(() => counts().join() === '3,2,1');
    await one.onFilled(tenantId, [await test.fill(tenantId, 'a b c')]);
    await index.removeTenant(second);
    await waitFor(() => counts().join() === '2,2,0');
  });

  it('are stored beside one without a word, which nothing is like', async () => {
    const tenantId = test.tenant();
    const silence = '\u200b';
    const embed = async (texts: readonly string[]) =>
      texts.map((text) => (text === silence ? new Float32Array(64) : vectorOf(text)));
    const index = plainIndex();
    const upsert = jest.spyOn(index, 'upsert');
    const { neighbourhood } = setup(index, { ...wordEmbedder(), embed });
    await neighbourhood.onFilled(tenantId, [await test.fill(tenantId, silence), await test.fill(tenantId, 'a b c')]);
    expect(upsert.mock.calls.flatMap(([records]) => records)).toHaveLength(1);
  });

  it('are removed when their answer is found gone', async () => {
    const tenantId = test.tenant();
    const { find, neighbourhood, index } = setup();
    const fingerprint = await test.fill(tenantId, 'a b c');
    await neighbourhood.onFilled(tenantId, [fingerprint]);
    await test.redis.del(exactKey(tenantId, fingerprint));
    expect(await find(tenantId, 'a b c')).toEqual([[undefined, 0]]);
    await waitFor(async () => (await index.count(tenantId)) === 0);
  });

  it('count how often they came up, and are forgotten by key and tenant', async () => {
    const tenantId = test.tenant();
    const { find, neighbourhood, index } = setup();
    const [a, b] = [await test.fill(tenantId, 'a b c'), await test.fill(tenantId, 'd e f')];
    await neighbourhood.onFilled(tenantId, [a, b]);
    const [entry] = await createEntrySource(test.redis).read(tenantId, [a]);
    neighbourhood.touch(entry!);
    expect(await find(tenantId, 'a b c')).toEqual([['a b c', 1]]);
    await neighbourhood.remove(tenantId, { key: a });
    expect(await index.count(tenantId)).toBe(1);
    await neighbourhood.remove(tenantId, { all: true });
    expect(await index.count(tenantId)).toBe(0);
  });

  it('fail a look-up when the database fails, so that it is a miss', async () => {
    const { find, index } = setup();
    index.failing = new Error('away');
    await expect(find(test.tenant(), 'a')).rejects.toThrow('away');
  });
});
