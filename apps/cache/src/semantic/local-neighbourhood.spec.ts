import { exactKey } from '@costlane/contracts';
import { waitFor } from '@costlane/testing';
import { createEmbeddedIndex } from '@costlane/vector-index';
import { plainIndex } from '../testing/plain-index';
import { describeWithRedis, silent, testRedis, type TestRedis } from '../testing/test-redis';
import { vectorOf, wordEmbedder } from '../testing/word-models';
import { createEntrySource } from './entry-source';
import { createLocalNeighbourhood, type LocalNeighbourhoodOptions } from './local-neighbourhood';
import type { SemanticEntry } from './semantic-entry';
import { createVectorStore } from './vector-store';

describeWithRedis('stored questions in the memory of one replica', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());

  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  function setup(over: Partial<LocalNeighbourhoodOptions> = {}) {
    const index = plainIndex();
    const embedder = wordEmbedder();
    const neighbourhood = createLocalNeighbourhood({
      index,
      source: createEntrySource(test.redis),
      embedder,
      maxEntries: 10_000,
      policy: 'lru',
      limit: 3,
      logger: silent,
      ...over,
    });
    open.push(neighbourhood);
    const find = async (tenantId: string, text: string, more: { contextHash?: string; model?: string } = {}) => {
      const query = { tenantId, contextHash: 'c', model: 'm', vector: vectorOf(text), minSimilarity: 0.9, ...more };
      const [found] = await neighbourhood.find([query]);
      return { isLoading: found?.isLoading, texts: found?.candidates.map(({ entry }) => entry?.text) ?? [] };
    };
    return { index, embedder, neighbourhood, find };
  }

  it('are read in the background when a tenant is first asked about, while others are served', async () => {
    const [tenantId, other] = [test.tenant(), test.tenant()];
    await test.fill(tenantId, 'why is the sky blue');
    await test.fill(other, 'why is the sky blue');
    const { find, neighbourhood } = setup();
    expect(await find(tenantId, 'why is the sky blue')).toEqual({ isLoading: true, texts: [] });
    await neighbourhood.idle();
    expect(await find(tenantId, 'is the sky blue why')).toEqual({ isLoading: false, texts: ['why is the sky blue'] });
    expect(neighbourhood.entries()).toBe(1);
    expect((await find(other, 'why is the sky blue')).texts).toEqual([]);
  });

  it('stay as the policy has it where the index is as full as the catalog', async () => {
    const tenantId = test.tenant();
    const index = createEmbeddedIndex({ identity: { modelId: 'words', dimension: 64 }, maxEntriesPerTenant: 3 });
    const { find, neighbourhood } = setup({ index, maxEntries: 3 });
    await find(tenantId, 'x');
    await neighbourhood.idle();
    const keys = [];
    for (const text of ['why is the sky blue', 'who wrote hamlet', 'how far is the moon'])
      keys.push(await test.fill(tenantId, text));
    for (const key of keys) await neighbourhood.onFilled(tenantId, [key]);
    neighbourhood.touch({ tenantId, fingerprint: keys[0] } as SemanticEntry);
    await neighbourhood.onFilled(tenantId, [await test.fill(tenantId, 'what do cats eat')]);
    expect((await find(tenantId, 'is the sky blue why')).texts).toEqual(['why is the sky blue']);
    expect((await find(tenantId, 'hamlet who wrote')).texts).toEqual([]);
    expect(await index.count()).toBe(3);
  });

  it('are found beside one without a word, which nothing is like', async () => {
    const tenantId = test.tenant();
    const silence = '\u200b';
    const words = wordEmbedder();
    const embedder = {
      ...words,
      embed: async (texts: readonly string[]) =>
        Promise.all(texts.map(async (text) => (text === silence ? new Float32Array(64) : vectorOf(text)))),
    };
    const index = createEmbeddedIndex({ identity: { modelId: 'words', dimension: 64 } });
    await test.fill(tenantId, silence);
    await test.fill(tenantId, 'why is the sky blue');
    const { find, neighbourhood } = setup({ index, embedder });
    await find(tenantId, 'x');
    await neighbourhood.idle();
    expect(await find(tenantId, 'is the sky blue why')).toEqual({ isLoading: false, texts: ['why is the sky blue'] });
    await neighbourhood.onFilled(tenantId, [
      await test.fill(tenantId, silence, { contextHash: 'another' }),
      await test.fill(tenantId, 'who wrote hamlet'),
    ]);
    expect((await find(tenantId, 'hamlet who wrote')).texts).toEqual(['who wrote hamlet']);
  });

  it('are found only in their own context and of their own model', async () => {
    const tenantId = test.tenant();
    await test.fill(tenantId, 'a b c', { contextHash: 'one', model: 'm1' });
    const { find, neighbourhood } = setup();
    await find(tenantId, 'x');
    await neighbourhood.idle();
    expect((await find(tenantId, 'a b c', { contextHash: 'one', model: 'm1' })).texts).toEqual(['a b c']);
    expect((await find(tenantId, 'a b c', { contextHash: 'two', model: 'm1' })).texts).toEqual([]);
    expect((await find(tenantId, 'a b c', { contextHash: 'one', model: 'm2' })).texts).toEqual([]);
  });

  it('are followed as they are stored, for tenants that were asked about', async () => {
    const [tenantId, unasked] = [test.tenant(), test.tenant()];
    const { find, neighbourhood } = setup();
    await find(tenantId, 'x');
    await neighbourhood.idle();
    const fingerprint = await test.fill(tenantId, 'who wrote hamlet');
    await neighbourhood.onFilled(tenantId, [fingerprint]);
    await neighbourhood.onFilled(unasked, [await test.fill(unasked, 'who wrote hamlet')]);
    expect((await find(tenantId, 'hamlet wrote who')).texts).toEqual(['who wrote hamlet']);
    expect(neighbourhood.entries(unasked)).toBe(0);
  });

  it('are forgotten by key, model, tag, tenant and altogether', async () => {
    const [tenantId, other] = [test.tenant(), test.tenant()];
    const { find, neighbourhood, index } = setup();
    for (const one of [tenantId, other]) await find(one, 'x');
    await neighbourhood.idle();
    const byKey = await test.fill(tenantId, 'one');
    const rest = [
      await test.fill(tenantId, 'two', { model: 'gone' }),
      await test.fill(tenantId, 'three', { tag: 'gone' }),
      await test.fill(tenantId, 'four'),
    ];
    await neighbourhood.onFilled(tenantId, [byKey, ...rest]);
    await neighbourhood.onFilled(other, [await test.fill(other, 'five')]);
    for (const [selection, left] of [
      [{ key: byKey }, 3],
      [{ model: 'gone' }, 2],
      [{ tag: 'gone' }, 1],
      [{ all: true as const }, 0],
    ] as const) {
      await neighbourhood.remove(tenantId, selection);
      expect([neighbourhood.entries(tenantId), await index.count(tenantId)]).toEqual([left, left]);
    }
    expect((await find(other, 'five')).texts).toEqual(['five']);
    await neighbourhood.clear();
    expect([neighbourhood.entries(), await index.count()]).toEqual([0, 0]);
  });

  it('are bounded: what goes from the catalog goes from the index', async () => {
    const tenantId = test.tenant();
    const { find, neighbourhood, index } = setup({ maxEntries: 5 });
    await find(tenantId, 'x');
    await neighbourhood.idle();
    for (let at = 0; at < 12; at++)
      await neighbourhood.onFilled(tenantId, [await test.fill(tenantId, `question number ${at}`)]);
    expect([neighbourhood.entries(), await index.count(), neighbourhood.evicted()]).toEqual([5, 5, 7]);
    expect((await find(tenantId, 'question number 11')).texts[0]).toBe('question number 11');
  });

  it('are read again after something may have been missed', async () => {
    const tenantId = test.tenant();
    const { find, neighbourhood } = setup();
    await find(tenantId, 'x');
    await neighbourhood.idle();
    await test.fill(tenantId, 'what did i miss');
    expect((await find(tenantId, 'what did i miss')).texts).toEqual([]);
    neighbourhood.reload();
    await find(tenantId, 'x');
    await neighbourhood.idle();
    expect((await find(tenantId, 'what did i miss')).texts).toEqual(['what did i miss']);
  });

  it('are asked about again when reading them failed', async () => {
    const tenantId = test.tenant();
    await test.fill(tenantId, 'a b c d');
    const { find, neighbourhood, embedder } = setup();
    embedder.failing = new Error('away');
    await find(tenantId, 'a b c d');
    await neighbourhood.idle();
    embedder.failing = undefined;
    const texts = await waitFor(async () => {
      const found = await find(tenantId, 'a b c d');
      return found.texts.length > 0 && found.texts;
    });
    expect(texts).toEqual(['a b c d']);
  });

  it('cost no second embedding after a restart where vectors are kept', async () => {
    const tenantId = test.tenant();
    const fingerprints = await Promise.all(['one two', 'three four'].map((text) => test.fill(tenantId, text)));
    const vectors = createVectorStore(test.redis, 'words', 64);
    const first = setup({ vectors });
    await first.find(tenantId, 'x');
    await first.neighbourhood.idle();
    expect(first.embedder.texts.sort()).toEqual(['one two', 'three four']);
    const second = setup({ vectors });
    await second.find(tenantId, 'x');
    await second.neighbourhood.idle();
    expect(second.embedder.texts).toEqual([]);
    expect((await second.find(tenantId, 'two one')).texts).toEqual(['one two']);
    const key = `costlane:vector:${tenantId}:${fingerprints[0]}:words`;
    const left = await test.redis.pttl(exactKey(tenantId, fingerprints[0]!));
    expect(await test.redis.pttl(key)).toBeLessThan(left + 1_000);
    const otherModel = setup({ vectors: createVectorStore(test.redis, 'other words', 64) });
    await otherModel.find(tenantId, 'x');
    await otherModel.neighbourhood.idle();
    expect(otherModel.embedder.texts).toHaveLength(2);
  });
});
