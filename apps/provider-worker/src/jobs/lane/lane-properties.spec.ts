import { databaseUrlForTests } from '@costlane/testing';
import fc from 'fast-check';
import { ORDINARY_NANO_USD, startLaneBench, underTest, type LaneBench, type SpecItem } from '../testing/lane-bench';

const word = fc.constantFrom('river', 'lake', '[[mock: status=400]]', '[[mock: status=503]]', '[[mock: status=429]]');
const anyItem: fc.Arbitrary<SpecItem> = fc.record(
  {
    content: word,
    cached: fc.constant(true as const),
    refused: fc.constant(true as const),
    header: fc.constantFrom({}, { provider: 'google' }, { baselineModel: 'other' }, { stream: true }),
    fingerprint: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: ['content'] },
);
const anyBehaviour = fc.record(
  {
    endsAs: fc.constantFrom('completed' as const, 'expired' as const, 'failed' as const),
    answered: fc.nat(4),
    isInOrder: fc.boolean(),
    malformedEvery: fc.integer({ min: 1, max: 4 }),
    isRepeating: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Of one fingerprint there is one question. */
const consistent = (items: SpecItem[]): SpecItem[] =>
  items.map((item) => ({
    ...(items.find(({ fingerprint }) => fingerprint && fingerprint === item.fingerprint) ?? item),
  }));

(databaseUrlForTests() ? describe : describe.skip).each(underTest)('whatever $provider makes of a batch', (under) => {
  let bench: LaneBench;
  beforeAll(async () => {
    bench = await startLaneBench(under);
  });
  afterAll(() => bench?.end());

  it('each item ends once, is paid once, and the books add up', async () => {
    const jobs = fc.array(anyItem, { minLength: 1, maxLength: 12 }).map(consistent);
    await fc.assert(
      fc.asyncProperty(jobs, anyBehaviour, async (items, behaviour) => {
        bench.reset();
        bench.mock.state.batches.setBehaviour(behaviour);
        const ref = await bench.newJob(items);
        const job = await bench.runToEnd(bench.runner(bench.lane()), ref);
        const { total, succeeded, failed } = job.counts;
        expect([job.state, succeeded + failed]).toEqual(['completed', total]);
        const records = bench.records(ref);
        expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(records.length);
        for (const { baselineNanoUsd, paidNanoUsd, savings } of records)
          expect(baselineNanoUsd - paidNanoUsd).toBe(
            savings.cache + savings.routing + savings.prefix + savings.batching,
          );
        const stored = await bench.store.read(ref);
        const direct = stored.filter(
          ({ result, sameAsIndex }) => sameAsIndex === undefined && result?.toString().startsWith('direct'),
        );
        const paid = records.reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0);
        expect(job.costNanoUsd).toBe(paid + direct.length * ORDINARY_NANO_USD);
        expect(bench.asked.filter(({ mode }) => mode === 'execute')).toHaveLength(direct.length);
        expect([...bench.timesSent().values()].every((times) => times === 1)).toBe(true);
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});
