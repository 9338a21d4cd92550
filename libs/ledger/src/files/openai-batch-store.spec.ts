import type { ItemEnd, JobRef } from '../jobs/job-types';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import type { NewOpenAiBatch, OpenAiBatchRef } from './batch-types';
import { resultFileId } from './file-types';
import type { OpenAiBatchStore } from './openai-batch-store';

describeWithPostgres('store of OpenAI’s batches', () => {
  let test: TestLedger;
  let store: OpenAiBatchStore;
  let next = 0;
  beforeAll(async () => {
    test = await startTestLedger();
    store = test.ledger.openAiBatches;
  });
  beforeEach(() => test.rows(`DELETE FROM openai_batches`));
  afterAll(() => test.end());

  async function created(changes: Partial<NewOpenAiBatch> = {}): Promise<OpenAiBatchRef> {
    const batch = await store.create({
      tenantId: 'acme',
      batchId: `batch_${(next += 1)}`,
      inputFileId: 'file-1',
      endpoint: '/v1/embeddings',
      completionWindow: '24h',
      completionWindowMs: 86_400_000,
      metadata: { a: 'ü' },
      caller: { tenantId: 'acme', role: 'member' },
      headers: { 'x-costlane-feature': 'f' },
      ...changes,
    });
    if (!batch) throw new Error('there is no room');
    return { tenantId: batch.tenantId, batchId: batch.batchId };
  }
  /** A batch whose job has ended so. */
  async function ended(ends: Omit<ItemEnd, 'index'>[], changes: Partial<NewOpenAiBatch> = {}): Promise<OpenAiBatchRef> {
    const ref = await created(changes);
    const job: JobRef = { tenantId: ref.tenantId, jobId: ref.batchId };
    const { jobs } = test.ledger;
    await jobs.create({ ...job, kind: 'openai_batch' });
    await jobs.addItems(
      job,
      ends.map((_, i) => ({ customId: `ü"\u0001\n\u2028${i}`, request: Buffer.from('{}') })),
    );
    await jobs.seal(job, ends.length);
    expect(await store.submitted(ref)).toBe(true);
    await jobs.advance(job, 'start');
    await jobs.lease(job, { owner: 'w', limit: 100, maxBytes: 1e6, leaseMs: 60_000, maxLosses: 3 });
    await jobs.end(
      job,
      ends.map((end, index) => ({ ...end, index })),
    );
    await jobs.advance(job, 'items_ended');
    await jobs.advance(job, 'finish');
    return ref;
  }
  const good = (result: string): Omit<ItemEnd, 'index'> => ({
    state: 'succeeded',
    status: 200,
    result: Buffer.from(result),
  });

  it('shows what was asked for, and the job once there is one', async () => {
    const ref = await ended([good('{}')]);
    expect(await store.get(ref)).toMatchObject({
      inputFileId: 'file-1',
      endpoint: '/v1/embeddings',
      metadata: { a: 'ü' },
      caller: { tenantId: 'acme', role: 'member' },
      headers: { 'x-costlane-feature': 'f' },
      state: 'submitted',
      job: { jobId: ref.batchId, state: 'completed', counts: { total: 1, succeeded: 1 } },
    });
    expect(await store.get({ ...ref, tenantId: 'globex' })).toBeUndefined();
    expect(await store.cancel({ ...ref, tenantId: 'globex' })).toBeUndefined();
    expect(await store.list('globex', { limit: 5 })).toEqual([]);
  });

  it('makes one batch of an id, and gives the one that is there', async () => {
    const ref = await created();
    const { tenantId, batchId } = ref;
    expect(await created({ batchId, endpoint: '/v1/responses' })).toEqual(ref);
    expect(await store.get(ref)).toMatchObject({ endpoint: '/v1/embeddings' });
    expect(await store.list(tenantId, { limit: 10 })).toHaveLength(1);
    await created({ batchId, tenantId: 'globex', endpoint: '/v1/responses' });
    expect(await store.get({ batchId, tenantId: 'globex' })).toMatchObject({ endpoint: '/v1/responses' });
  });

  it('gives each file to one reader at a time, the oldest first, and anew when its reader is lost', async () => {
    const [first, second] = [await created(), await created()];
    const claims = await Promise.all(['v1', 'v2', 'v3'].map((reader) => store.claim(reader, 60_000)));
    expect(claims.map((claim) => claim?.batch.batchId).sort()).toEqual([first.batchId, second.batchId, undefined]);
    const reader =
      claims[0]?.batch.batchId === first.batchId ? 'v1' : claims[1]?.batch.batchId === first.batchId ? 'v2' : 'v3';
    expect(await store.renew(first, reader, 60_000)).toBe(true);
    expect(await store.renew(first, 'stranger', 60_000)).toBe(false);
    await test.rows(`UPDATE openai_batches SET validator_until = now() - interval '1 second' WHERE id = $1`, [
      first.batchId,
    ]);
    expect(await store.claim('v9', 60_000)).toMatchObject({ attempt: 2, batch: { batchId: first.batchId } });
    expect(await store.renew(first, reader, 60_000)).toBe(false);
    await store.release(first, 'v9', 0);
    expect(await store.claim('v8', 60_000)).toMatchObject({ attempt: 3 });
    await store.release(first, 'v8', 60_000);
    expect(await store.claim('v7', 60_000)).toBeUndefined();
  });

  it('lets no tenant keep the others waiting, and takes a hundred of each at the most', async () => {
    for (let i = 0; i < 100; i += 1) await created({ tenantId: 'many' });
    await expect(created({ tenantId: 'many' })).rejects.toThrow('no room');
    const few = await created({ tenantId: 'few' });
    expect((await store.claim('v1', 60_000))?.batch.tenantId).toBe('many');
    const second = await store.claim('v2', 60_000);
    expect(second?.batch.batchId).toBe(few.batchId);
    expect((await store.claim('v3', 60_000))?.batch.tenantId).toBe('many');
    await store.submitted(few);
    expect(await created({ tenantId: 'few' })).toBeDefined();
  });

  it('fails with what is wrong with its file', async () => {
    const ref = await created();
    const errors = [{ code: 'invalid_json_line', message: 'no JSON', line: 3 }];
    expect(await store.failed(ref, errors)).toBe(true);
    expect(await store.failed(ref, [])).toBe(false);
    expect(await store.get(ref)).toMatchObject({ state: 'failed', errors, endedAtMs: expect.any(Number) });
    expect(await store.claim('v', 1_000)).toBeUndefined();
  });

  it('ends with being cancelled while its file is read, and is not submitted then', async () => {
    const ref = await created();
    await store.claim('v', 60_000);
    expect(await store.cancel(ref)).toMatchObject({ state: 'cancelled', cancellingAtMs: expect.any(Number) });
    expect(await store.renew(ref, 'v', 60_000)).toBe(false);
    expect(await store.submitted(ref)).toBe(false);
    expect(await store.get(ref)).toMatchObject({ state: 'cancelled' });
  });

  it('lists newest first, by pages', async () => {
    const made = [await created(), await created(), await ended([good('{}')])].map(({ batchId }) => batchId);
    const names = async (options: { limit: number; afterBatchId?: string }): Promise<string[]> =>
      (await store.list('acme', options)).map(({ batchId }) => batchId);
    expect(await names({ limit: 10 })).toEqual([...made].reverse());
    expect(await names({ limit: 1, afterBatchId: made[2] })).toEqual([made[1]]);
    expect(await names({ limit: 1, afterBatchId: 'unknown' })).toEqual([]);
  });

  it('has files of its results when it has ended, of those parts that are not empty', async () => {
    const files = async (tenantId: string): Promise<string[]> =>
      (await test.ledger.files.list(tenantId, { limit: 10, purpose: 'batch_output' })).map(({ fileId }) => fileId);
    await created({ tenantId: 'r0' });
    const both = await ended([good('{}'), { state: 'expired' }], { tenantId: 'r1' });
    await ended([{ state: 'failed', status: 400, result: Buffer.from('{}') }], { tenantId: 'r2' });
    expect(await files('r0')).toEqual([]);
    expect((await files('r1')).sort()).toEqual([
      resultFileId(both.batchId, 'error'),
      resultFileId(both.batchId, 'output'),
    ]);
    expect(await files('r2')).toEqual([expect.stringMatching(/-error$/)]);
    const ref = { tenantId: 'r1', fileId: resultFileId(both.batchId, 'output') };
    expect(await test.ledger.files.get(ref)).toMatchObject({
      ...ref,
      batchId: both.batchId,
      part: 'output',
      filename: `${both.batchId}_output.jsonl`,
    });
    expect(await test.ledger.files.get({ ...ref, tenantId: 'r2' })).toBeUndefined();
  });

  it('deletes results with their file, and hides them when their time is over', async () => {
    const ref = await ended([good('{"secret":1}'), { state: 'failed', status: 400, result: Buffer.from('{"why":1}') }]);
    const file = { tenantId: 'acme', fileId: resultFileId(ref.batchId, 'output') };
    expect(await test.ledger.files.remove(file)).toBe(true);
    expect(await test.ledger.files.remove(file)).toBe(false);
    expect(await store.get(ref)).toMatchObject({ isOutputGone: true, isErrorGone: false });
    const left = await test.ledger.jobs.read({ tenantId: 'acme', jobId: ref.batchId });
    expect(left.map(({ result }) => result?.toString())).toEqual([undefined, '{"why":1}']);

    const late = await ended([good('{}')], { resultsExpireAfterSeconds: 0 });
    expect(await store.get(late)).toMatchObject({ isOutputGone: true });
    expect(
      await test.ledger.files.get({ tenantId: 'acme', fileId: resultFileId(late.batchId, 'output') }),
    ).toBeUndefined();
  });

  it('measures a part of its results without reading them', async () => {
    const ref = await ended([
      good('{"a":1}'),
      good('{}'),
      { state: 'failed', errorCode: 'internal' },
      { state: 'expired' },
    ]);
    const customIdBytes = Buffer.byteLength(JSON.stringify('ü"\u0001\n\u20280'));
    expect(await store.measure(ref, 'output')).toEqual([
      {
        state: 'succeeded',
        isAnswered: true,
        status: 200,
        errorCode: undefined,
        lines: 2,
        resultBytes: 9,
        customIdBytes: 2 * customIdBytes,
        indexDigits: 2,
      },
    ]);
    const errors = await store.measure(ref, 'error');
    expect(
      errors.map(({ state, isAnswered, errorCode, lines }) => [state, isAnswered, errorCode, lines]).sort(),
    ).toEqual([
      ['expired', false, undefined, 1],
      ['failed', false, 'internal', 1],
    ]);
    expect(await store.measure({ ...ref, tenantId: 'globex' }, 'output')).toEqual([]);
  });

  it('forgets what ended before, and what had its job deleted', async () => {
    const [open, failed, done] = [await created(), await created(), await ended([good('{}')])];
    await store.failed(failed, []);
    expect(await store.deleteOld({ endedBeforeMs: Date.now() - 60_000 })).toBe(0);
    await test.ledger.jobs.deleteOld({ finishedBeforeMs: Date.now() + 60_000, unsealedBeforeMs: 0 });
    expect(await store.get(done)).toBeUndefined();
    expect(await store.list('acme', { limit: 10 })).toHaveLength(2);
    expect(await store.deleteOld({ endedBeforeMs: Date.now() + 60_000 })).toBe(2);
    expect(await store.get(open)).toMatchObject({ state: 'validating' });
  });
});
