import { CostlaneError } from '@costlane/domain';
import {
  createLedger,
  createMigratedDatabase,
  type BatchJob,
  type Ledger,
  type ScratchDatabase,
  type JobRef,
} from '@costlane/ledger';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import { silent } from '../testing/test-gateway';
import { createJobService, type JobServiceOptions } from './create-job-service';
import type { JobService, SubmittedRequest, Submission } from './job-service';

const databaseUrl = databaseUrlForTests();
const SIGNING_SECRET = 'a-secret-for-specs';

const ask = (prompt: string, over: Partial<SubmittedRequest> = {}): SubmittedRequest => ({
  customId: prompt,
  isShared: true,
  request: {
    v: 1,
    endpoint: '/v1/inference',
    caller: { tenantId: 'acme', role: 'member' },
    headers: {},
    body: Buffer.from(JSON.stringify({ prompt: prompt.replace(/#.*/, '') })),
  },
  ...over,
});
const batch: Submission = { tenantId: 'acme', kind: 'batch' };

(databaseUrl ? describe : describe.skip)('jobs for doors', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  let announced: string[] = [];
  let begun: JobRef[] = [];
  let jobs: JobService & { close(): void };
  const service = (options: Partial<JobServiceOptions> = {}) =>
    createJobService({
      store: {
        ...ledger.jobs,
        create: (job) => {
          begun.push(job);
          return ledger.jobs.create(job);
        },
      },
      announce: async ({ jobId }) => void announced.push(jobId),
      maxItems: 5,
      webhookSigningSecret: SIGNING_SECRET,
      watch: { firstMs: 10, maxMs: 20 },
      ...options,
    });
  /** Jobs that were begun and never accepted, as far as they are still there. */
  const traces = async (): Promise<(BatchJob | undefined)[]> => {
    const found = await Promise.all(begun.map((ref) => ledger.jobs.get(ref)));
    return found.filter((job) => job !== undefined && job.sealedAtMs === undefined);
  };
  /** As a runner would. */
  const end = async ({ tenantId, jobId, counts }: BatchJob, indexes?: number[]): Promise<void> => {
    const ref = { tenantId, jobId };
    await ledger.jobs.advance(ref, 'start');
    const all = Array.from({ length: counts.total }, (_, i) => i);
    await ledger.jobs.end(
      ref,
      (indexes ?? all).map((index) => ({ index, state: 'succeeded', status: 200, result: Buffer.from(`r${index}`) })),
    );
    await ledger.jobs.advance(ref, 'items_ended');
    await ledger.jobs.advance(ref, 'finish');
  };

  beforeAll(async () => {
    scratch = await createMigratedDatabase(databaseUrl ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: silent });
  });
  beforeEach(() => {
    announced = [];
    begun = [];
    jobs = service();
  });
  afterEach(() => jobs.close());
  afterAll(async () => {
    await ledger.close();
    await scratch.drop();
  });

  it('are durable and announced when they are taken in, and ask the same question once', async () => {
    const requests = [ask('a'), ask('a#2'), ask('b'), ask('b#2', { isShared: false })];
    const job = await jobs.submit({ ...batch, metadata: { run: 7 }, completionWindowMs: 60_000 }, requests);
    expect(job).toMatchObject({
      jobId: expect.stringMatching(/^batch_[0-9a-f]{24}$/),
      state: 'queued',
      counts: { total: 4 },
      duplicates: 1,
      metadata: { run: 7 },
      completionWindowMs: 60_000,
    });
    expect(Math.abs((job.deadlineAtMs ?? 0) - job.createdAtMs - 60_000)).toBeLessThan(5_000);
    expect(announced).toEqual([job.jobId]);
    expect(await jobs.get('acme', job.jobId)).toEqual(job);
  });

  it('are refused beyond as many open ones as a tenant may have, but for one that is handed in again', async () => {
    const few = service({ maxOpenJobs: 2 });
    const tenant = { ...batch, tenantId: 'crowded' };
    const first = await few.submit({ ...tenant, jobId: 'batch_again' }, [ask('a')]);
    const second = await few.submit(tenant, [ask('b')]);
    await expect(few.submit(tenant, [ask('c')])).rejects.toMatchObject({
      code: 'overloaded',
      message: expect.stringContaining('JOB_TENANT_MAX_OPEN'),
    });
    expect(await few.submit({ ...tenant, jobId: 'batch_again' }, [ask('a')])).toEqual(first);
    expect(await few.submit({ ...tenant, kind: 'openai_batch' }, [ask('d')])).toMatchObject({ state: 'queued' });
    await expect(few.submit({ ...tenant, tenantId: 'roomy' }, [ask('c')])).resolves.toBeDefined();
    for (const { jobId } of await few.list('crowded', { limit: 9 }))
      if (jobId !== first.jobId) await end(await few.get('crowded', jobId));
    expect(second.tenantId).toBe('crowded');
    expect(await few.submit(tenant, [ask('c')])).toMatchObject({ state: 'queued' });
    few.close();
  });

  it.each([
    ['no requests', () => [], { code: 'invalid_request', field: 'requests' }],
    ['too many', () => Array.from({ length: 6 }, (_, i) => ask(String(i))), { message: expect.stringContaining('5') }],
    ['an id twice', () => [ask('a'), ask('b'), ask('a')], { field: 'requests[2].custom_id' }],
    [
      'a request that is wrong',
      function* () {
        yield ask('a');
        throw new CostlaneError('invalid_request', 'Line 2', { field: 'prompt' });
      },
      { code: 'invalid_request', message: 'Line 2', field: 'prompt' },
    ],
  ])('leave nothing behind when refused: %s', async (_name, requests, error) => {
    await expect(jobs.submit(batch, requests())).rejects.toMatchObject(error);
    expect(announced).toEqual([]);
    expect(begun).not.toEqual([]);
    expect(await traces()).toEqual([]);
  });

  it('are refused with text that Postgres cannot keep', async () => {
    await expect(jobs.submit({ ...batch, metadata: { text: '\0' } }, [ask('a')])).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('are the same under the same id, whoever hands them in when', async () => {
    const submission = { ...batch, jobId: 'batch_agreed' };
    const requests = [ask('a'), ask('b')];
    const both = await Promise.all([service().submit(submission, requests), jobs.submit(submission, requests)]);
    expect(both.map(({ jobId, counts }) => `${jobId} ${counts.total}`)).toEqual(Array(2).fill('batch_agreed 2'));
    const again = await jobs.submit({ ...submission, completionWindowMs: 1_000 }, requests);
    expect(again.createdAtMs).toBe(both[0]?.createdAtMs);
    expect((await jobs.list('acme', { limit: 50 })).filter(({ jobId }) => jobId.includes('agreed'))).toHaveLength(1);
    expect(begun).not.toEqual([]);
    expect(await traces()).toEqual([]);
  });

  it.each([
    ['requests', {}, [ask('a'), ask('c')]],
    ['number of requests', {}, [ask('a')]],
    ['metadata', { metadata: { x: 1 } }, [ask('a'), ask('b')]],
  ])('are refused under the id of another job: other %s', async (_name, over, requests) => {
    const submission = { ...batch, jobId: `batch_taken` };
    await jobs.submit(submission, [ask('a'), ask('b')]);
    await expect(jobs.submit({ ...submission, ...over }, requests)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('are there for their own tenant alone, and not before they are handed in completely', async () => {
    const job = await jobs.submit(batch, [ask('a')]);
    const missing = { code: 'not_found' };
    await expect(jobs.get('globex', job.jobId)).rejects.toMatchObject(missing);
    await expect(jobs.cancel('globex', job.jobId)).rejects.toMatchObject(missing);
    await expect(jobs.retryDead('globex', job.jobId)).rejects.toMatchObject(missing);
    await expect(jobs.wait('globex', job.jobId, { waitMs: 9 })).rejects.toMatchObject(missing);
    await expect(jobs.items('globex', job.jobId)[Symbol.asyncIterator]().next()).rejects.toMatchObject(missing);
    expect(await jobs.list('globex', { limit: 9 })).toEqual([]);
    await ledger.jobs.create({ tenantId: 'acme', jobId: 'half', kind: 'batch' });
    await expect(jobs.get('acme', 'half')).rejects.toMatchObject(missing);
    await expect(jobs.get('acme', "x'\0")).rejects.toMatchObject(missing);
    await ledger.jobs.discard({ tenantId: 'acme', jobId: 'half' });
  });

  it('are listed newest first, behind a job, by kind', async () => {
    const first = await jobs.submit({ tenantId: 'lister', kind: 'job' }, [ask('a')]);
    const second = await jobs.submit({ tenantId: 'lister', kind: 'batch' }, [ask('a')]);
    const idsOf = (list: BatchJob[]): string[] => list.map(({ jobId }) => jobId);
    expect(idsOf(await jobs.list('lister', { limit: 9 }))).toEqual([second.jobId, first.jobId]);
    expect(idsOf(await jobs.list('lister', { limit: 9, after: second.jobId }))).toEqual([first.jobId]);
    expect(idsOf(await jobs.list('lister', { limit: 9, kinds: ['batch', 'openai_batch'] }))).toEqual([second.jobId]);
    await expect(jobs.list('lister', { limit: 9, after: 'batch_none' })).rejects.toMatchObject({ field: 'after' });
  });

  it('give the items that have ended while others run, page by page, from any of them on', async () => {
    const job = await jobs.submit(batch, [ask('a'), ask('b'), ask('c'), ask('d')]);
    await end(job, [0, 2, 3]);
    const read = async (filter = {}): Promise<string[]> => {
      const seen = [];
      for await (const page of jobs.items('acme', job.jobId, filter))
        for (const item of page) seen.push(`${item.customId}=${String(item.result)}`);
      return seen;
    };
    expect(await read()).toEqual(['a=r0', 'c=r2', 'd=r3']);
    expect(await read({ firstIndex: 1, limit: 1 })).toEqual(['c=r2']);
    expect(await read({ states: ['running', 'pending'] })).toEqual(['b=undefined']);
    expect(await read({ isDeadOnly: true })).toEqual([]);
  });

  it('wake all who wait for them when they end, with one query at a time', async () => {
    const store = { ...ledger.jobs, getSeveral: jest.fn(ledger.jobs.getSeveral) };
    jobs = service({ store });
    const ids = [];
    for (const prompt of ['a', 'b']) ids.push(await jobs.submit(batch, [ask(prompt)]));
    const waits = ids.flatMap((job) => [1, 2, 3].map(() => jobs.wait('acme', job.jobId, { waitMs: 10_000 })));
    await waitFor(() => store.getSeveral.mock.calls.some(([refs]) => refs.length === 2));
    for (const job of ids) await end(job);
    const ended = await Promise.all(waits);
    expect(ended.map(({ state }) => state)).toEqual(Array(6).fill('completed'));
    const { length } = store.getSeveral.mock.calls;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(store.getSeveral.mock.calls).toHaveLength(length);
  });

  it('tell how they stand when the wait is over, or nobody waits any more, or something has changed', async () => {
    const job = await jobs.submit(batch, [ask('a'), ask('b')]);
    const leaving = new AbortController();
    const left = jobs.wait('acme', job.jobId, { waitMs: 60_000, signal: leaving.signal });
    expect(await jobs.wait('acme', job.jobId, { waitMs: 30 })).toMatchObject({ state: 'queued' });
    leaving.abort();
    expect(await left).toMatchObject({ state: 'queued' });
    const changed = jobs.wait('acme', job.jobId, { waitMs: 60_000, until: ({ counts }) => counts.succeeded > 0 });
    await end(job, [1]);
    expect(await changed).toMatchObject({ state: 'running', counts: { succeeded: 1 } });
    const closing = jobs.wait('acme', job.jobId, { waitMs: 60_000 });
    await jobs.get('acme', job.jobId);
    jobs.close();
    expect(await closing).toMatchObject({ state: 'running' });
  });

  it('are cancelled, and stay as they are once they have ended', async () => {
    const job = await jobs.submit(batch, [ask('a')]);
    announced = [];
    expect(await jobs.cancel('acme', job.jobId)).toMatchObject({ state: 'cancelling' });
    expect(announced).toEqual([job.jobId]);
    const done = await jobs.submit(batch, [ask('a')]);
    await end(done);
    expect(await jobs.cancel('acme', done.jobId)).toMatchObject({ state: 'completed' });
  });

  it('try dead items again, with the whole time anew', async () => {
    const job = await jobs.submit({ ...batch, completionWindowMs: 60_000 }, [ask('a'), ask('b')]);
    await ledger.jobs.advance(job, 'start');
    await ledger.jobs.end(job, [{ index: 0, state: 'failed', errorCode: 'upstream_error', isDead: true }]);
    const later = service({ now: () => Date.now() + 3_600_000 });
    expect(await later.retryDead('acme', job.jobId)).toBe(1);
    const { deadlineAtMs = 0, counts } = await jobs.get('acme', job.jobId);
    expect(deadlineAtMs - Date.now()).toBeGreaterThan(3_600_000);
    expect(counts.failed).toBe(0);
    expect(await jobs.retryDead('acme', job.jobId)).toBe(0);
  });

  it('take a webhook that can be sent and signed', async () => {
    const webhookUrl = 'https://hooks.example/costlane';
    const job = await jobs.submit({ ...batch, webhookUrl }, [ask('a')]);
    expect(job.webhook?.url).toBe(webhookUrl);
    await expect(jobs.submit({ ...batch, webhookUrl: 'http://10.0.0.1/' }, [ask('a')])).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'webhook.url',
    });
    const unsigned = service({ webhookSigningSecret: undefined });
    await expect(unsigned.submit({ ...batch, webhookUrl }, [ask('a')])).rejects.toThrow('WEBHOOK_SIGNING_SECRET');
    expect(jobs.webhookSecret('acme')).not.toBe(jobs.webhookSecret('globex'));
  });

  it('are unavailable, within two seconds and with a hint, while Postgres is away', async () => {
    const gone = createLedger({ databaseUrl: 'postgres://u:p@127.0.0.1:1/x', logger: silent, connectTimeoutMs: 1_500 });
    const away = service({ store: gone.jobs });
    const refusal = { code: 'unavailable', retryAfterMs: expect.any(Number) };
    await expect(away.submit(batch, [ask('a')])).rejects.toMatchObject(refusal);
    await expect(away.get('acme', 'batch_1')).rejects.toMatchObject(refusal);
    await expect(away.list('acme', { limit: 1 })).rejects.toMatchObject(refusal);
    await gone.close();
    const silence = service({ store: { ...ledger.jobs, get: () => new Promise(() => undefined) } });
    const startedAt = performance.now();
    await expect(silence.get('acme', 'batch_1')).rejects.toMatchObject(refusal);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  it('are waited for through a short outage, not through a long one', async () => {
    let isAway = true;
    const getSeveral: typeof ledger.jobs.getSeveral = (refs) =>
      isAway ? Promise.reject(new CostlaneError('unavailable', 'away')) : ledger.jobs.getSeveral(refs);
    const store = { ...ledger.jobs, getSeveral };
    const job = await jobs.submit(batch, [ask('a')]);
    const impatient = service({ store, watch: { firstMs: 5, maxMs: 5, patienceMs: 20 } });
    await expect(impatient.wait('acme', job.jobId, { waitMs: 60_000 })).rejects.toMatchObject({ code: 'unavailable' });
    const patient = service({ store, watch: { firstMs: 5, maxMs: 5 } });
    const waiting = patient.wait('acme', job.jobId, { waitMs: 60_000 });
    await end(job);
    isAway = false;
    expect(await waiting).toMatchObject({ state: 'completed' });
  });

  it('are taken in although nobody could be told', async () => {
    const errors: unknown[] = [];
    const announce = (): Promise<void> => Promise.reject(new Error('redis is away'));
    const job = await service({ announce, onError: (error) => errors.push(error) }).submit(batch, [ask('a')]);
    expect(await jobs.get('acme', job.jobId)).toMatchObject({ state: 'queued' });
    expect(errors).toHaveLength(1);
  });
});
