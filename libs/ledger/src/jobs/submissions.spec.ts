import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { JobStore } from './create-job-store';
import type { JobRef } from './job-types';
import type { SubmittedItem } from './submissions';

describeWithPostgres('items of batches at providers', () => {
  let test: TestLedger;
  let store: JobStore;
  let next = 0;
  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.jobs;
  });
  afterAll(() => test.end());

  const batch = { batchKey: 'b_1', group: 'g' };
  async function collected(plans: (Buffer | undefined)[]): Promise<JobRef> {
    const ref = { tenantId: 'acme', jobId: `job_${(next += 1)}` };
    await store.create({ ...ref, kind: 'batch' });
    await store.addItems(
      ref,
      plans.map((_, i) => ({ request: Buffer.from(`request ${i}`) })),
    );
    await store.seal(ref, plans.length);
    await store.advance(ref, 'start');
    await store.lease(ref, { owner: 'w', limit: 1_000, maxBytes: 1e9, leaseMs: 60_000, maxLosses: 3 });
    const items = plans.map((prepared, index) => ({ index, prepared }));
    expect(await store.collect(ref, 'w', batch, items)).toHaveLength(plans.length);
    return ref;
  }
  async function all(ref: JobRef): Promise<SubmittedItem[]> {
    const items: SubmittedItem[] = [];
    for await (const item of store.submittedItems(ref, batch.batchKey)) items.push(item);
    return items;
  }
  const plansLeft = async (): Promise<number> =>
    (await test.rows(`SELECT 1 FROM batch_items WHERE prepared IS NOT NULL`)).length;

  it('come back in their order with what was prepared, byte for byte, however many pages they take', async () => {
    const plans = Array.from({ length: 450 }, (_, i) => (i % 3 === 0 ? undefined : Buffer.from([i % 256, 0, 255])));
    const ref = await collected(plans);
    const items = await all(ref);
    expect(items.map(({ index }) => index)).toEqual(plans.map((_, index) => index));
    expect(items.map(({ prepared }) => prepared)).toEqual(plans);
    expect(items[7]?.request.toString()).toBe('request 7');
    await store.endSubmission(ref, batch.batchKey);
  });

  it('are read by pages that hold few large ones', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 7);
    const ref = await collected([large, large, large, Buffer.from('small')]);
    const items = await all(ref);
    expect(items.map(({ prepared }) => prepared?.length)).toEqual([large.length, large.length, large.length, 5]);
    await store.endSubmission(ref, batch.batchKey);
  });

  it('are found by their index while they have no end, and what was prepared goes with their end', async () => {
    const ref = await collected([0, 1, 2, 3].map((i) => Buffer.from(`plan ${i}`)));
    expect(await plansLeft()).toBe(4);
    await store.end(ref, [{ index: 1, state: 'succeeded', status: 200, result: Buffer.from('x') }]);
    const some = await store.someSubmittedItems(ref, batch.batchKey, [3, 1, 0, 99]);
    expect(some.map(({ index, prepared }) => `${index} ${prepared?.toString()}`).sort()).toEqual([
      '0 plan 0',
      '3 plan 3',
    ]);
    expect(await store.someSubmittedItems({ ...ref, tenantId: 'other' }, batch.batchKey, [0])).toEqual([]);
    expect(await store.totals()).toMatchObject({ submittedItems: 3 });
    expect(await plansLeft()).toBe(3);
    expect(await store.endSubmission(ref, batch.batchKey)).toBe(3);
    expect(await plansLeft()).toBe(0);
    expect(await store.totals()).toMatchObject({ submittedItems: 0 });
  });

  it('a failed try that was answered is counted, and so is one that is tried again by hand', async () => {
    const ref = await collected([undefined]);
    await store.endSubmission(ref, batch.batchKey);
    const lease = { owner: 'w', limit: 10, maxBytes: 1e9, leaseMs: 60_000, maxLosses: 3 };
    const tries = async (): Promise<(number | undefined)[]> =>
      (await store.lease(ref, lease)).map((item) => item.tries);
    expect(await tries()).toEqual([0]);
    await store.release(ref, 'w', [{ index: 0, delayMs: 0 }]);
    expect(await tries()).toEqual([0]);
    await store.release(ref, 'w', [{ index: 0, delayMs: 0, isAnswered: true }]);
    expect(await tries()).toEqual([1]);
    await store.end(ref, [{ index: 0, state: 'failed', errorCode: 'internal', isDead: true }]);
    expect(await store.totals()).toMatchObject({ deadItems: 1 });
    await store.retryDead(ref);
    expect(await tries()).toEqual([2]);
  });

  it('with the same question as another one are told with that one, until they have their end', async () => {
    const ref = { tenantId: 'acme', jobId: 'twins' };
    await store.create({ ...ref, kind: 'batch' });
    const fingerprints = ['a', 'b', 'a', 'a', undefined];
    await store.addItems(
      ref,
      fingerprints.map((fingerprint) => ({ fingerprint, request: Buffer.from('x') })),
    );
    await store.seal(ref, fingerprints.length);
    await store.advance(ref, 'start');
    const leased = await store.lease(ref, { owner: 'w', limit: 9, maxBytes: 1e9, leaseMs: 60_000, maxLosses: 3 });
    const expected = [
      [0, [2, 3]],
      [1, undefined],
      [4, undefined],
    ];
    expect(leased.map(({ index, followers }) => [index, followers])).toEqual(expected);
    await store.collect(ref, 'w', batch, leased);
    const some = await store.someSubmittedItems(ref, batch.batchKey, [0, 1]);
    expect(some.sort((a, b) => a.index - b.index).map(({ followers }) => followers)).toEqual([[2, 3], undefined]);
  });

  it('are taken over from lost runners a bounded number of times, which costs them no attempt', async () => {
    const ref = await collected([undefined]);
    await store.endSubmission(ref, batch.batchKey);
    const lease = { owner: 'w', limit: 10, maxBytes: 1e9, leaseMs: 0, maxLosses: 5 };
    for (let runner = 0; runner <= 5; runner += 1)
      expect((await store.lease(ref, lease)).map(({ attempt }) => attempt)).toEqual([1]);
    expect(await store.lease(ref, lease)).toEqual([]);
    expect(await store.buryLost(ref, 6)).toBe(0);
    expect(await store.buryLost(ref, 5)).toBe(1);
    await store.retryDead(ref);
    expect(await store.lease(ref, lease)).toHaveLength(1);
  });

  it('the store is ready where its tables are', async () => {
    expect(await store.isReady()).toBe(true);
  });
});
