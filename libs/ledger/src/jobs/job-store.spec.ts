import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { JobStore } from './create-job-store';
import type { JobRef, NewItem, NewJob, StoredItem } from './job-types';

describeWithPostgres('job store', () => {
  let test: TestLedger;
  let store: JobStore;
  let next = 0;
  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.jobs;
  });
  afterAll(() => test.end());

  const lease = { owner: 'w1', limit: 100, maxBytes: 1e9, leaseMs: 60_000, maxLosses: 3 };
  const items = (count: number, of: (i: number) => Partial<NewItem> = () => ({})): NewItem[] =>
    Array.from({ length: count }, (_, i) => ({ customId: `c${i}`, request: Buffer.from(`{"n":${i}}`), ...of(i) }));

  async function running(given: NewItem[], changes: Partial<NewJob> = {}): Promise<JobRef> {
    const ref = { tenantId: 'acme', jobId: `job_${(next += 1)}` };
    await store.create({ ...ref, kind: 'batch', ...changes });
    await store.addItems(ref, given);
    await store.seal(ref, given.length);
    await store.advance(ref, 'start');
    return ref;
  }
  const all = async (ref: JobRef, isDeadOnly = false): Promise<StoredItem[]> => {
    const found: StoredItem[] = [];
    for await (const page of store.stream(ref, { isDeadOnly }, { items: 3, bytes: 40 })) found.push(...page);
    return found;
  };
  const letLeasesRunOut = (): Promise<object[]> =>
    test.rows(`UPDATE batch_items SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL`);

  it('takes a job with its items, in chunks, and gives requests and results back byte for byte', async () => {
    const bytes = [Buffer.from([0, 1, 255, 0]), Buffer.alloc(0), Buffer.from('ü{},"\\')];
    const ref = await running(bytes.map((request, i) => ({ request, customId: i === 2 ? 'a"b\\c,{}' : undefined })));
    const leased = await store.lease(ref, lease);
    expect(leased.map(({ request }) => request)).toEqual(bytes);
    expect(leased.map(({ customId }) => customId)).toEqual([undefined, undefined, 'a"b\\c,{}']);
    await store.end(
      ref,
      bytes.map((result, index) => ({ index, state: 'succeeded', status: 200, costNanoUsd: 7, result })),
    );
    expect((await all(ref)).map(({ result }) => result)).toEqual(bytes);
    expect(await store.get(ref)).toMatchObject({ costNanoUsd: 21, counts: { total: 3, succeeded: 3 } });
  });

  it('runs nothing of a job before all its items are there', async () => {
    const ref = { tenantId: 'acme', jobId: 'unsealed' };
    expect(await store.create({ ...ref, kind: 'batch' })).toMatchObject({ state: 'queued' });
    expect(await store.create({ ...ref, kind: 'batch' })).toBeUndefined();
    await store.addItems(ref, items(2));
    await store.addItems(ref, items(2));
    expect(await store.advance(ref, 'start')).toMatchObject({ state: 'queued' });
    expect(await store.seal(ref, 3)).toBeUndefined();
    expect(await store.lease(ref, lease)).toEqual([]);
    expect(await store.seal(ref, 2)).toMatchObject({ counts: { total: 2 } });
    await expect(store.addItems(ref, items(1), { firstIndex: 2 })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('accepts one of several jobs that were handed in for the same id, and removes the other without a trace', async () => {
    const drafts = ['draft1', 'draft2'].map((jobId) => ({ tenantId: 'acme', jobId }));
    for (const [i, draft] of drafts.entries()) {
      await store.create({ ...draft, kind: 'batch' });
      await store.addItems(draft, items(i + 1));
    }
    const [first, second] = drafts as [JobRef, JobRef];
    expect(await store.seal(first, 1, { jobId: 'agreed', requestHash: 'h' })).toMatchObject({ jobId: 'agreed' });
    await expect(store.seal(second, 2, { jobId: 'agreed' })).rejects.toMatchObject({ sqlState: '23505' });
    await store.discard(second);
    expect(await store.get(first)).toBeUndefined();
    expect(await store.get(second)).toBeUndefined();
    const agreed = { tenantId: 'acme', jobId: 'agreed' };
    await store.discard(agreed);
    expect(await store.get(agreed)).toMatchObject({ requestHash: 'h', counts: { total: 1 } });
  });

  it('gives several jobs of several tenants at once', async () => {
    const refs = [
      await running(items(1)),
      { ...(await running(items(1))), tenantId: 'globex' },
      await running(items(2)),
    ];
    const found = await store.getSeveral(refs);
    expect(found.map(({ jobId }) => jobId).sort()).toEqual([refs[0]?.jobId, refs[2]?.jobId].sort());
  });

  it('is blind to other tenants, whatever is asked', async () => {
    const ref = await running(items(2));
    const other = { ...ref, tenantId: 'globex' };
    expect(await store.get(other)).toBeUndefined();
    expect(await store.list('globex', { limit: 10 })).toEqual([]);
    expect(await store.lease(other, lease)).toEqual([]);
    expect(await store.end(other, [{ index: 0, state: 'succeeded' }])).toEqual([]);
    expect(await store.endWaiting(other, 'cancelled')).toBe(0);
    expect(await store.renew(other, lease)).toBeUndefined();
    expect(await store.outlook(other)).toEqual({ open: 0, waitMs: 0, holders: [] });
    expect(await store.endLeases(other, ['w1'])).toBe(0);
    expect(await store.open('other', 5)).toBe(0);
    expect(await store.advance(other, 'cancel')).toBeUndefined();
    expect(await store.read(other, { states: ['pending'] })).toEqual([]);
    expect(await store.retryDead(other)).toBe(0);
    expect(await store.seal(other, 2)).toBeUndefined();
    expect(await store.get(ref)).toMatchObject({ state: 'running', counts: { succeeded: 0, cancelled: 0 } });
  });

  it('gives each item to one of several runners that ask at once, within their limits', async () => {
    const ref = await running(items(60));
    const taken = await Promise.all(
      ['a', 'b', 'c', 'd'].map((owner) => store.lease(ref, { ...lease, owner, limit: 15 })),
    );
    const indexes = taken.flat().map(({ index }) => index);
    expect(new Set(indexes).size).toBe(indexes.length);
    const rest = await store.lease(ref, lease);
    expect(indexes.length + rest.length).toBe(60);
    expect(await store.lease(ref, lease)).toEqual([]);
  });

  it('gives as many bytes as were asked for, and one item however large', async () => {
    const ref = await running(items(3, () => ({ request: Buffer.alloc(1_000) })));
    expect(await store.lease(ref, { ...lease, maxBytes: 1_001 })).toHaveLength(2);
    expect(await store.lease(ref, { ...lease, maxBytes: 1 })).toHaveLength(1);
  });

  it('gives out again what a lost runner held, as the same attempt, and lets the first result win', async () => {
    const ref = await running(items(1));
    await store.lease(ref, lease);
    expect(await store.lease(ref, { ...lease, owner: 'w2' })).toEqual([]);
    await letLeasesRunOut();
    expect(await store.lease(ref, { ...lease, owner: 'w2' })).toMatchObject([{ attempt: 1 }]);
    const late = await store.end(ref, [{ index: 0, state: 'succeeded', costNanoUsd: 5, result: Buffer.from('first') }]);
    expect(late).toEqual([0]);
    expect(await store.end(ref, [{ index: 0, state: 'failed', costNanoUsd: 9 }])).toEqual([]);
    expect(await all(ref)).toMatchObject([{ state: 'succeeded', costNanoUsd: 5, result: Buffer.from('first') }]);
    expect(await store.get(ref)).toMatchObject({ costNanoUsd: 5, counts: { succeeded: 1, failed: 0 } });
  });

  it('keeps what its runner renews, and tells it the state of the job', async () => {
    const ref = await running(items(2));
    await store.lease(ref, lease);
    await letLeasesRunOut();
    expect(await store.renew(ref, lease)).toEqual({ state: 'running', renewed: 2 });
    expect(await store.lease(ref, { ...lease, owner: 'w2' })).toEqual([]);
    await store.advance(ref, 'cancel');
    expect(await store.renew(ref, lease)).toMatchObject({ state: 'cancelling' });
  });

  it('takes items back for later, at the cost of an attempt or not, from their holder only', async () => {
    const ref = await running(items(3));
    await store.lease(ref, lease);
    await store.release(ref, 'somebody', [{ index: 2, delayMs: 0 }]);
    await store.release(ref, 'w1', [
      { index: 0, delayMs: 0, isUncounted: true },
      { index: 1, delayMs: 50_000, costNanoUsd: 4 },
    ]);
    expect(await store.get(ref)).toMatchObject({ costNanoUsd: 4 });
    const again = await store.lease(ref, { ...lease, owner: 'w2', limit: 1 });
    expect(again).toMatchObject([{ index: 0, attempt: 1 }]);
    expect(await store.lease(ref, { ...lease, owner: 'w2' })).toEqual([]);
    const { open, waitMs } = await store.outlook(ref);
    expect(open).toBe(3);
    expect(waitMs).toBeGreaterThan(30_000);
    expect(waitMs).toBeLessThanOrEqual(50_000);
  });

  it('asks the same question once: the others end as it did, for nothing, with its result', async () => {
    const ref = await running(items(5, (i) => ({ fingerprint: i === 1 ? undefined : `f${i % 2}` })));
    expect(await store.get(ref)).toMatchObject({ duplicates: 2 });
    const leased = await store.lease(ref, lease);
    expect(leased.map(({ index }) => index)).toEqual([0, 1, 3]);
    await store.end(ref, [{ index: 2, state: 'failed' }]);
    await store.end(ref, [{ index: 0, state: 'succeeded', status: 200, costNanoUsd: 9, result: Buffer.from('x') }]);
    expect(await all(ref)).toMatchObject(
      [0, 2, 4].map((index) => ({
        index,
        state: 'succeeded',
        status: 200,
        costNanoUsd: index === 0 ? 9 : 0,
        result: Buffer.from('x'),
        sameAsIndex: index === 0 ? undefined : 0,
      })),
    );
    expect(await store.get(ref)).toMatchObject({ costNanoUsd: 9, counts: { succeeded: 3 } });
  });

  it('ends on cancelling what nobody runs, and what is being run with its result', async () => {
    const ref = await running(items(6, (i) => ({ fingerprint: `f${i % 3}` })));
    await store.lease(ref, { ...lease, limit: 1 });
    await store.advance(ref, 'cancel');
    expect(await store.endWaiting(ref, 'cancelled')).toBe(2);
    expect(await store.advance(ref, 'finish')).toMatchObject({ state: 'cancelling', counts: { cancelled: 4 } });
    await store.end(ref, [{ index: 0, state: 'succeeded' }]);
    expect(await store.advance(ref, 'finish')).toMatchObject({
      state: 'cancelled',
      counts: { total: 6, succeeded: 2, cancelled: 4 },
      finishedAtMs: expect.any(Number),
    });
    expect(await store.advance(ref, 'start')).toMatchObject({ state: 'cancelled' });
  });

  it('lists the items that used up their attempts, and tries them again on demand', async () => {
    const ref = await running(items(4, (i) => ({ fingerprint: i >= 2 ? 'same' : undefined })));
    await store.lease(ref, { ...lease, maxLosses: 0 });
    await store.end(ref, [
      { index: 0, state: 'succeeded' },
      { index: 1, state: 'failed', errorCode: 'invalid_request', costNanoUsd: 2 },
    ]);
    await letLeasesRunOut();
    expect(await store.lease(ref, { ...lease, maxLosses: 0 })).toEqual([]);
    expect(await store.buryLost(ref, 0)).toBe(1);
    await store.advance(ref, 'items_ended');
    expect(await store.advance(ref, 'finish')).toMatchObject({ state: 'completed', counts: { failed: 3 } });
    expect(await all(ref, true)).toMatchObject([{ index: 2, isDead: true, errorCode: 'internal' }]);

    expect(await store.retryDead(ref)).toBe(1);
    expect(await store.get(ref)).toMatchObject({ state: 'queued', counts: { failed: 1 }, finishedAtMs: undefined });
    await store.advance(ref, 'start');
    expect(await store.lease(ref, lease)).toMatchObject([{ index: 2, attempt: 1 }]);
    await store.end(ref, [{ index: 2, state: 'succeeded', result: Buffer.from('late') }]);
    expect((await all(ref))[3]).toMatchObject({ state: 'succeeded', result: Buffer.from('late'), costNanoUsd: 0 });
    expect(await store.get(ref)).toMatchObject({ counts: { succeeded: 3, failed: 1 } });
    expect(await store.retryDead(ref)).toBe(0);
  });

  it('keeps counts and items in step while many write at once, in any order', async () => {
    const ref = await running(items(120, (i) => ({ fingerprint: `f${i % 90}` })));
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const order = Array.from({ length: 90 }, (_, i) => (i * 7 + writer * 11) % 90);
      for (let at = 0; at < order.length; at += 30) {
        const slice = order.slice(at, at + 30);
        await store.end(
          ref,
          slice.map((index) => ({ index, state: writer % 2 ? 'failed' : 'succeeded', costNanoUsd: 1 })),
        );
        await store.renew(ref, lease);
      }
    });
    await Promise.all(writers);
    const job = await store.get(ref);
    const found = await all(ref);
    expect(found).toHaveLength(120);
    expect(job?.costNanoUsd).toBe(90);
    expect(job?.counts.succeeded).toBe(found.filter(({ state }) => state === 'succeeded').length);
    expect(job?.counts.failed).toBe(found.filter(({ state }) => state === 'failed').length);
  });

  it('lists a tenant its accepted jobs, newest first, page by page', async () => {
    const refs = [];
    for (let i = 0; i < 3; i += 1) refs.push(await running([], { tenantId: 'acme' }));
    const [newest, second, third] = refs.reverse();
    const page = await store.list('acme', { limit: 2 });
    expect(page.map(({ jobId }) => jobId)).toEqual([newest?.jobId, second?.jobId]);
    const [after] = await store.list('acme', { limit: 1, afterJobId: second?.jobId });
    expect(after?.jobId).toBe(third?.jobId);
    expect(await store.list('acme', { limit: 5, kinds: ['openai_batch'] })).toEqual([]);
  });

  it('hands a webhook to one sender at a time, until it is settled', async () => {
    const ref = await running([], { webhook: { url: 'https://example.com/hook', secretRef: 's1' } });
    await store.advance(ref, 'items_ended');
    await store.advance(ref, 'finish');
    const claims = await Promise.all([store.claimWebhooks(5, 60_000), store.claimWebhooks(5, 60_000)]);
    expect(claims.flat()).toMatchObject([{ attempt: 1, job: { ...ref, state: 'completed' } }]);
    await store.settleWebhook(ref, 1, { state: 'pending', reason: 'timeout', delayMs: 0 });
    expect(await store.claimWebhooks(5, 60_000)).toMatchObject([{ attempt: 2 }]);
    await store.settleWebhook(ref, 1, { state: 'abandoned', reason: 'an old attempt' });
    await store.settleWebhook(ref, 2, { state: 'delivered' });
    expect(await store.get(ref)).toMatchObject({ webhookState: 'delivered' });
    expect(await store.claimWebhooks(5, 0)).toEqual([]);
  });

  it('deletes what is old, slice by slice, and gives up what was never handed in', async () => {
    const old = await running(items(30));
    await store.endWaiting(old, 'expired');
    await store.advance(old, 'items_ended');
    expect(await store.advance(old, 'finish')).toMatchObject({ state: 'expired' });
    const open = await running(items(1));
    const ref = { tenantId: 'acme', jobId: 'half' };
    await store.create({ ...ref, kind: 'batch' });
    await store.addItems(ref, items(1));
    const inAnHour = Date.now() + 3_600_000;
    const gone = await store.deleteOld({ finishedBeforeMs: inAnHour, unsealedBeforeMs: inAnHour });
    expect(gone.items).toBeGreaterThanOrEqual(31);
    expect([await store.get(old), await store.get(ref)]).toEqual([undefined, undefined]);
    expect(await store.get(open)).toBeDefined();
  });
});
