import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { JobStore } from './create-job-store';

const COUNT = 400;
const ref = { tenantId: 'acme', jobId: 'job' };

describeWithPostgres('items that are read', () => {
  let test: TestLedger;
  let store: JobStore;

  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.jobs;
    await store.create({ ...ref, kind: 'batch' });
    await store.addItems(
      ref,
      Array.from({ length: COUNT }, (_, i) => ({ request: Buffer.from(String(i)) })),
    );
    await store.seal(ref, COUNT);
    await store.advance(ref, 'start');
    await store.end(
      ref,
      [0, 1, 150, 151, 152, 399].map((index) => ({
        index,
        state: index === 151 ? 'failed' : 'succeeded',
        status: 200,
      })),
    );
  });
  afterAll(() => test.end());

  it.each([
    ['all that have ended', {}, [0, 1, 150, 151, 152, 399]],
    ['those in a state', { states: ['failed'] }, [151]],
    ['those behind an index', { afterIndex: 151 }, [152, 399]],
    ['none behind the last', { afterIndex: 399 }, []],
    ['none behind the largest index there is', { afterIndex: 2 ** 31 - 2 }, []],
    ['none in a state that none is in', { states: ['expired'] }, []],
  ] as const)('are %s, however far apart they are', async (_, options, expected) => {
    const found: number[] = [];
    for await (const page of store.stream(ref, options, { items: 2, bytes: 1e6 })) {
      expect(page.length).toBeLessThanOrEqual(2);
      found.push(...page.map(({ index }) => index));
    }
    expect(found).toEqual(expected);
  });

  it('are none of a job that is not there', async () => {
    expect(await store.read({ tenantId: 'other', jobId: 'job' })).toEqual([]);
  });
});
