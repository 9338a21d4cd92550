import fc from 'fast-check';
import type { VectorIndex, VectorRecord } from '../vector-index';
import { searchAll } from './brute-force-index';
import { createVectorSource, type VectorSource } from './sample-vectors';

interface Precision {
  dimension: number;
  /** How far a similarity may be off. */
  tolerance: number;
}

/** The property part of the contract: any sequence of changes, then every answer. For specs only. */
export function describeAgainstBruteForce(
  { index, now }: { index: () => VectorIndex; now: () => number },
  { dimension, tolerance }: Precision,
): void {
  it('agrees with a comparison of everything after any sequence of changes', async () => {
    const change = fc.record({
      kind: fc.constantFrom('upsert', 'upsert', 'upsert', 'remove', 'removeTenant'),
      tenantId: fc.constantFrom('p', 'q'),
      group: fc.constantFrom('c1', 'c2'),
      id: fc.integer({ min: 0, max: 11 }),
      seed: fc.integer({ min: 1, max: 40 }),
      isShort: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), fc.integer(), async (changes, seed) => {
        await Promise.all(['p', 'q'].map((tenantId) => index().removeTenant(tenantId)));
        const model = new Map<string, VectorRecord>();
        for (const { kind, tenantId, group, id, seed: of, isShort } of changes) {
          const key = `${tenantId}/${id}`;
          if (kind === 'upsert') {
            const vector = createVectorSource(dimension, of).direction();
            const place = { tenantId, contextHash: group, modelClass: 'm', vector };
            const record = { id: `${id}`, expiresAtMs: now() + (isShort ? 0 : 1_000), ...place };
            await index().upsert([record]);
            model.set(key, record);
          } else if (kind === 'remove') {
            await index().remove(tenantId, [`${id}`]);
            model.delete(key);
          } else {
            await index().removeTenant(tenantId);
            for (const each of model.keys()) if (each.startsWith(`${tenantId}/`)) model.delete(each);
          }
        }
        const source = createVectorSource(dimension, seed);
        await expectSameAnswers(index(), [...model.values()], source, now(), tolerance);
      }),
      { numRuns: 25 },
    );
  });
}

async function expectSameAnswers(
  index: VectorIndex,
  records: readonly VectorRecord[],
  source: VectorSource,
  nowMs: number,
  tolerance: number,
): Promise<void> {
  const queries = ['p', 'q'].flatMap((tenantId) =>
    ['c1', 'c2'].flatMap((contextHash) =>
      [0.05, -1].map((minSimilarity) => ({
        ...{ tenantId, contextHash, modelClass: 'm', minSimilarity, limit: 4, vector: source.direction() },
      })),
    ),
  );
  const found = await index.search(queries);
  queries.forEach((query, i) => {
    const expected = searchAll(records, query, nowMs);
    const matches = found[i] ?? [];
    // Records at nearly the same cosine may change places, and one at the least similarity may be on either side of it.
    expect(Math.abs(matches.length - expected.length)).toBeLessThanOrEqual(1);
    matches.forEach((match, place) => {
      const wanted = expected[place]?.similarity ?? query.minSimilarity;
      expect(Math.abs(match.similarity - wanted)).toBeLessThan(tolerance);
    });
  });
  const alive = records.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  for (const tenantId of ['p', 'q'])
    expect(await index.count(tenantId)).toBe(alive.filter((record) => record.tenantId === tenantId).length);
}
