import { CostlaneError } from '@costlane/domain';
import { waitFor } from '@costlane/testing';
import { createVectorSource, toUnit } from '../testing/sample-vectors';
import { Arena } from './arena';
import { createEmbeddedIndex, type EmbeddedIndex, type EmbeddedIndexOptions } from './create-embedded-index';
import type { EvictableRecord } from './records';
import type { RemovedRecord } from './vector-store';

const DIMENSION = 32;
const source = createVectorSource(DIMENSION, 21);
/** Cheap to make, and near to no other one. */
function sparseVector(dimension: number): Float32Array {
  const vector = new Float32Array(dimension);
  for (let i = 0; i < 6; i++) vector[Math.floor(source.next() * dimension)] = 1;
  return toUnit(vector);
}

jest.setTimeout(60_000);

describe('bounds of the embedded index', () => {
  let index: EmbeddedIndex;
  let removed: RemovedRecord[];
  afterEach(() => index.close());

  const open = (options: Partial<EmbeddedIndexOptions>): void => {
    removed = [];
    index = createEmbeddedIndex({
      identity: { modelId: 'm', dimension: DIMENSION },
      onRemoved: (record) => removed.push(record),
      ...options,
    });
  };
  const record = (id: string, more: Partial<EvictableRecord> = {}): EvictableRecord => ({
    id,
    tenantId: 'a',
    contextHash: 'c',
    modelClass: 'm',
    expiresAtMs: Infinity,
    vector: source.direction(),
    ...more,
  });
  const held = async (tenantId = 'a'): Promise<string> => {
    const query = { tenantId, contextHash: 'c', modelClass: 'm', limit: 100, minSimilarity: -1 };
    const [matches] = await index.search([{ ...query, vector: source.direction() }]);
    return (matches ?? [])
      .map(({ id }) => id)
      .sort()
      .join('');
  };

  it.each([
    ['lru', 'what was used longest ago', 'abdx'],
    ['lfu', 'what was used least', 'abcx'],
    ['cost_aware', 'what saves least for its bytes', 'acdx'],
  ] as const)('under %s evicts %s', async (policy, _, left) => {
    open({ policy, maxEntriesPerTenant: 4 });
    const worth = { a: 5_000_000, b: 1, c: 3_000_000, d: 4_000_000 };
    for (const [id, valueNanoUsd] of Object.entries(worth))
      await index.upsert([record(id, { valueNanoUsd, sizeBytes: 1_000 })]);
    const used = policy === 'lfu' ? ['c', 'c', 'a', 'b'] : policy === 'lru' ? ['a', 'b', 'd'] : [];
    for (const id of used) expect(index.touch('a', id)).toBe(true);
    expect(index.touch('a', 'unknown')).toBe(false);
    await index.upsert([record('x', { valueNanoUsd: 10_000_000 })]);
    expect(await held()).toBe(left);
    expect(removed).toHaveLength(1);
    expect(removed[0]).toMatchObject({ tenantId: 'a', reason: 'evicted' });
    expect(index.stats()).toMatchObject({ entries: 4, evictions: 1, expirations: 0 });
  });

  it('holds a tenant to its entries, and takes nothing from another for it', async () => {
    open({ maxEntriesPerTenant: 3 });
    await index.upsert([record('o', { tenantId: 'b' })]);
    for (const id of 'abcdefg') {
      await index.upsert([record(id)]);
      expect(await index.count('a')).toBeLessThanOrEqual(3);
    }
    expect([await held(), await held('b')]).toEqual(['efg', 'o']);
  });

  it('never holds more bytes than it may, and takes them from the tenant that has most', async () => {
    const maxBytes = 1 << 20;
    open({ maxBytes });
    await index.upsert(['x', 'y'].map((id) => record(id, { tenantId: 'small' })));
    for (let i = 0; i < 2_000; i++) {
      await index.upsert([record(`r${i}`)]);
      expect(index.stats().bytes).toBeLessThanOrEqual(maxBytes);
    }
    const { entries, bytes, evictions } = index.stats();
    expect(bytes).toBeGreaterThan(0.9 * maxBytes);
    expect(entries + evictions).toBe(2_002);
    expect(await held('small')).toBe('xy');
    expect(removed).toHaveLength(evictions);
  });

  it('gives every byte back that it has counted', async () => {
    open({ maxPlainRecords: 16 });
    const names = Array.from({ length: 300 }, (_, i) => `r${i}`);
    await index.upsert(names.map((id, i) => record(id, { contextHash: `c${i % 5}`, tenantId: `t${i % 3}` })));
    await index.upsert(names.map((id, i) => record(id, { contextHash: 'other', tenantId: `t${i % 3}` })));
    for (const tenantId of ['t0', 't1']) await index.removeTenant(tenantId);
    await index.remove('t2', names);
    expect(index.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('lets go of what has expired without being asked', async () => {
    let nowMs = 0;
    open({ nowMs: () => nowMs });
    await index.upsert([record('a', { expiresAtMs: 1_000 }), record('b', { expiresAtMs: 2_000 })]);
    nowMs = 1_500;
    await waitFor(() => index.stats().entries === 1, { timeoutMs: 10_000 });
    expect(removed).toEqual([{ tenantId: 'a', id: 'a', reason: 'expired' }]);
    expect(index.stats()).toMatchObject({ expirations: 1, evictions: 0 });
    expect(await held()).toBe('b');
  });

  it('gives memory back when most of it is not used any more, and finds what is left meanwhile', async () => {
    open({ identity: { modelId: 'm', dimension: 1_536 }, maxPlainRecords: 128, maxPartRecords: 512 });
    const records = Array.from({ length: 5_000 }, (_, i) =>
      record(`r${i}`, { vector: sparseVector(1_536), contextHash: i % 50 === 0 ? 'd' : 'c' }),
    );
    await index.upsert(records);
    const before = index.stats().reservedBytes;
    const isKept = (i: number): boolean => i % 16 === 0;
    await index.remove(
      'a',
      records.filter((_, i) => !isKept(i)).map(({ id }) => id),
    );
    const queries = records.map(({ vector, contextHash }) => ({
      ...{ tenantId: 'a', modelClass: 'm', limit: 1, minSimilarity: 0.9, vector, contextHash },
    }));
    const expected = records.map(({ id }, i) => (isKept(i) ? [id] : []));
    const found = async (): Promise<string[][]> =>
      (await index.search(queries)).map((matches) => matches.map(({ id }) => id));
    // The call's own pauses are the background's turns.
    expect(await found()).toEqual(expected);
    await index.settled();
    expect(index.stats().reservedBytes).toBeLessThan(before / 4);
    expect(await found()).toEqual(expected);
  });

  it('refuses a record for which there is no memory, and is as it was before', async () => {
    open({});
    await index.upsert([record('a')]);
    const before = index.stats();
    const noMemory = new CostlaneError('unavailable', 'there is no memory for more vectors');
    jest.spyOn(Arena.prototype, 'takeSlot').mockImplementationOnce(() => {
      throw noMemory;
    });
    await expect(index.upsert([record('b', { tenantId: 'b', contextHash: 'd' })])).rejects.toBe(noMemory);
    expect(index.stats()).toEqual(before);
    await index.upsert([record('c')]);
    expect(await held()).toBe('ac');
  });

  it('gives the event loop away during calls of much work', async () => {
    open({ maxPlainRecords: 64 });
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const records = Array.from({ length: 6_000 }, (_, i) => record(`r${i}`));
    await index.upsert(records);
    expect(turns).toBeGreaterThan(5);
    turns = 0;
    const query = { tenantId: 'a', contextHash: 'c', modelClass: 'm', limit: 5, minSimilarity: 0.5 };
    await index.search(records.slice(0, 3_000).map(({ vector }) => ({ ...query, vector })));
    expect(turns).toBeGreaterThan(5);
    clearInterval(count);
  });

  it.each([
    ['identity.dimension', { identity: { modelId: 'm', dimension: 0 } }],
    ['identity.dimension', { identity: { modelId: 'm', dimension: 4_000 } }],
    ['maxBytes', { maxBytes: 1_000 }],
    ['maxBytes', { maxBytes: 2 ** 33 }],
    ['maxEntriesPerTenant', { maxEntriesPerTenant: 0 }],
  ])('refuses a setting of %s that it cannot keep to', (field, options) => {
    open({});
    const identity = { modelId: 'm', dimension: DIMENSION };
    expect(() => createEmbeddedIndex({ identity, ...options })).toThrow(
      expect.objectContaining({ code: 'invalid_request', field }),
    );
  });
});
