import fc from 'fast-check';
import { clusteredVectors, cosineOf, createVectorSource, type VectorSource } from '../testing/sample-vectors';
import type { VectorQuery, VectorRecord } from '../vector-index';
import { createEmbeddedIndex, type EmbeddedIndex } from './create-embedded-index';

const place = { tenantId: 't', contextHash: 'c', modelClass: 'm' };
const recordsOf = (vectors: readonly Float32Array[], prefix = 'r'): VectorRecord[] =>
  vectors.map((vector, i) => ({ ...place, id: `${prefix}${i}`, expiresAtMs: Infinity, vector }));
const queryOf = (vector: Float32Array, minSimilarity: number, limit = 3): VectorQuery => ({
  ...place,
  vector,
  minSimilarity,
  limit,
});

/** Queries at a cosine of 0.8 to 1 from a stored vector. */
const nearQueries = (source: VectorSource, records: readonly VectorRecord[], count: number, minSimilarity = 0.8) =>
  Array.from({ length: count }, () => {
    const record = records[Math.floor(source.next() * records.length)];
    return queryOf(source.near(record?.vector ?? source.direction(), 0.8 + 0.2 * source.next()), minSimilarity);
  });

/** Share of the queries for which the nearest record comes first. Every match has to be a record, with its cosine, best first. */
async function recallOf(
  index: EmbeddedIndex,
  records: readonly VectorRecord[],
  queries: readonly VectorQuery[],
): Promise<number> {
  const found = await index.search(queries);
  const vectors = new Map(records.map(({ id, vector }) => [id, vector]));
  let [asked, right] = [0, 0];
  queries.forEach(({ vector, minSimilarity }, i) => {
    const matches = found[i] ?? [];
    let last = 1;
    for (const { id, similarity } of matches) {
      const stored = vectors.get(id);
      expect(stored && Math.abs(similarity - cosineOf(stored, vector))).toBeLessThan(1e-3);
      expect(similarity).toBeGreaterThanOrEqual(minSimilarity);
      expect(similarity).toBeLessThanOrEqual(last);
      last = similarity;
    }
    const best = records.reduce((most, record) => Math.max(most, cosineOf(record.vector, vector)), -1);
    if (best < minSimilarity) return;
    asked++;
    if ((matches[0]?.similarity ?? -1) > best - 5e-4) right++;
  });
  return asked === 0 ? 1 : right / asked;
}

jest.setTimeout(60_000);

describe('large groups of the embedded index', () => {
  let index: EmbeddedIndex;
  afterEach(() => index.close());

  it('finds the nearest of thousands as a comparison of everything does, whatever least similarity is asked for', async () => {
    const source = createVectorSource(96, 11);
    index = createEmbeddedIndex({ identity: { modelId: 'm', dimension: 96 }, maxPartRecords: 512 });
    const records = recordsOf(clusteredVectors(source, 3_000));
    await index.upsert(records);
    await index.settled();
    for (const minSimilarity of [0.92, 0.8, 0.5, -1]) {
      const queries = nearQueries(source, records, 60, minSimilarity);
      expect(await recallOf(index, records, queries)).toBeGreaterThanOrEqual(0.98);
    }
    const far = Array.from({ length: 40 }, () => queryOf(source.direction(), -1));
    expect(await recallOf(index, records, far)).toBeGreaterThanOrEqual(0.95);
  });

  it('finds what is new and not what is gone at any moment of being rearranged', async () => {
    const source = createVectorSource(64, 12);
    index = createEmbeddedIndex({
      identity: { modelId: 'm', dimension: 64 },
      maxPlainRecords: 64,
      maxPartRecords: 256,
    });
    const all = recordsOf(clusteredVectors(source, 2_400));
    let held: VectorRecord[] = [];
    let [asked, right] = [0, 0];
    // Nobody waits for the background here: it has its turns only while the calls give the event loop away.
    for (let from = 0; from < all.length; from += 150) {
      const added = all.slice(from, from + 150);
      await index.upsert(added);
      held = [...held, ...added];
      const gone = held.filter((_, i) => i % 7 === from % 7);
      await index.remove(
        't',
        gone.map(({ id }) => id),
      );
      held = held.filter((record) => !gone.includes(record));
      const queries = nearQueries(source, held, 20);
      right += (await recallOf(index, held, queries)) * queries.length;
      asked += queries.length;
    }
    expect(right / asked).toBeGreaterThanOrEqual(0.98);
    expect(await index.count()).toBe(held.length);
  });

  it('holds copies of one vector by the thousand, and finds another one among them', async () => {
    const source = createVectorSource(32, 13);
    index = createEmbeddedIndex({
      identity: { modelId: 'm', dimension: 32 },
      maxPlainRecords: 32,
      maxPartRecords: 128,
    });
    const copy = source.direction();
    const other = source.near(copy, 0.9);
    await index.upsert(recordsOf(Array.from({ length: 2_000 }, () => copy)));
    await index.upsert([{ ...place, id: 'other', expiresAtMs: Infinity, vector: other }]);
    await index.settled();
    expect((await index.search([queryOf(copy, 0.99)]))[0]).toHaveLength(3);
    expect((await index.search([queryOf(other, 0.95)]))[0]?.map(({ id }) => id)).toEqual(['other']);
  });

  it('passes over records whose time has passed, however many are nearer', async () => {
    const source = createVectorSource(32, 14);
    let nowMs = 0;
    index = createEmbeddedIndex({
      identity: { modelId: 'm', dimension: 32 },
      maxPlainRecords: 32,
      nowMs: () => nowMs,
    });
    const vector = source.direction();
    const near = recordsOf(Array.from({ length: 500 }, () => source.near(vector, 0.99)));
    await index.upsert(near.map((record) => ({ ...record, expiresAtMs: 1_000 })));
    await index.upsert(recordsOf([source.near(vector, 0.9)], 'late'));
    nowMs = 1_000;
    expect((await index.search([queryOf(vector, 0.8)]))[0]?.map(({ id }) => id)).toEqual(['late0']);
  });

  it('agrees with a comparison of everything after any sequence of additions, replacements and removals', async () => {
    const change = fc.record({
      kind: fc.constantFrom('add', 'add', 'replace', 'remove'),
      from: fc.integer({ min: 0, max: 299 }),
      count: fc.integer({ min: 1, max: 120 }),
      seed: fc.integer({ min: 1, max: 1_000 }),
    });
    let [asked, right] = [0, 0];
    index = createEmbeddedIndex({ identity: { modelId: 'm', dimension: 24 }, maxPlainRecords: 8, maxPartRecords: 64 });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        await index.removeTenant('t');
        const held = new Map<string, VectorRecord>();
        for (const { kind, from, count, seed } of changes) {
          const source = createVectorSource(24, seed);
          const ids = Array.from({ length: count }, (_, i) => `r${(from + i) % 300}`);
          if (kind === 'remove') {
            expect(await index.remove('t', ids)).toBe(ids.filter((id) => held.delete(id)).length);
            continue;
          }
          const vectors = clusteredVectors(source, count);
          const added = ids.map((id, i) => ({
            ...place,
            id,
            expiresAtMs: Infinity,
            vector: vectors[i] ?? source.direction(),
          }));
          await index.upsert(added);
          for (const record of added) held.set(record.id, record);
        }
        expect(await index.count('t')).toBe(held.size);
        const records = [...held.values()];
        const queries = nearQueries(createVectorSource(24, 5), records, records.length === 0 ? 0 : 10);
        right += (await recallOf(index, records, queries)) * queries.length;
        asked += queries.length;
      }),
      { numRuns: 40 },
    );
    expect(right / asked).toBeGreaterThanOrEqual(0.98);
  });
});
