import { CostlaneError } from '@costlane/domain';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import type { JobService } from '../jobs/job-service';
import { startBatchesFixture, type BatchesFixture } from '../testing/batches-fixture';

const describeWithPostgres = databaseUrlForTests() ? describe : describe.skip;

describeWithPostgres('reading input files of batches', () => {
  let doors: BatchesFixture;
  /** Of the test that runs: a tenant and a batch of its own. */
  let ref = { tenantId: 't0', batchId: 'batch_0' };
  let next = 0;
  beforeAll(async () => {
    doors = await startBatchesFixture();
  });
  beforeEach(() => {
    next += 1;
    ref = { tenantId: `t${next}`, batchId: `batch_${next}` };
  });
  afterAll(() => doors.close());

  const file = (count: number): string =>
    Array.from({ length: count }, (_, i) =>
      JSON.stringify({ custom_id: `n${i}`, method: 'POST', url: '/v1/embeddings', body: { input: i } }),
    ).join('\n');
  /** A batch that nobody has been told of. */
  async function waiting(content: string): Promise<string> {
    const { body } = await doors.upload(content, { tenant: ref.tenantId });
    const fileId = String(body['id']);
    await doors.ledger.openAiBatches.create({
      ...ref,
      inputFileId: fileId,
      endpoint: '/v1/embeddings',
      completionWindow: '24h',
      completionWindowMs: 86_400_000,
      caller: { tenantId: ref.tenantId, role: 'member' },
      headers: {},
    });
    return fileId;
  }
  const stateNow = async () => (await doors.ledger.openAiBatches.get(ref))?.state;
  const jobsNow = async () => (await doors.jobs.list(ref.tenantId, { limit: 10 })).map(({ jobId }) => jobId);
  const read = async (validation = doors.validation): Promise<void> => {
    validation.wake();
    await validation.idle();
  };

  it('goes on with what a gateway that died had begun, and makes one job of it', async () => {
    await waiting(file(10));
    await doors.ledger.openAiBatches.claim('dead', 1);
    await waitFor(async () => {
      await read();
      return (await stateNow()) === 'submitted';
    });
    expect(await jobsNow()).toEqual([ref.batchId]);
  });

  it('makes one job where a gateway died just after it had handed it in', async () => {
    await waiting(file(10));
    let deaths = 0;
    const dying: Pick<JobService, 'submit' | 'cancel'> = {
      async submit(...given) {
        const job = await doors.jobs.submit(...given);
        if ((deaths += 1) === 1) throw new CostlaneError('unavailable', 'gone');
        return job;
      },
      cancel: () => Promise.reject(new Error('nobody cancels')),
    };
    await read(doors.anotherValidation({ jobs: dying, retryMs: 0 }));
    expect([deaths, await stateNow(), await jobsNow()]).toEqual([2, 'submitted', [ref.batchId]]);
    expect(await doors.jobs.get(ref.tenantId, ref.batchId)).toMatchObject({ counts: { total: 10 } });
  });

  it('reads a file once, however many gateways look for one', async () => {
    await waiting(file(500));
    let submissions = 0;
    const counting: JobService = {
      ...doors.jobs,
      submit: (...given) => {
        submissions += 1;
        return doors.jobs.submit(...given);
      },
    };
    const gateways = ['g1', 'g2', 'g3'].map((validator) => doors.anotherValidation({ validator, jobs: counting }));
    await Promise.all(gateways.map(read));
    expect([submissions, await stateNow()]).toEqual([1, 'submitted']);
  });

  it('is not passed over when many come at once', async () => {
    const lines = `${file(3)}\n`;
    const { body } = await doors.upload(lines, { tenant: ref.tenantId });
    const fields = { input_file_id: body['id'], endpoint: '/v1/embeddings', completion_window: '24h' };
    await Promise.all(
      Array.from({ length: 12 }, () => doors.post('/v1/batches', fields, { 'x-tenant': ref.tenantId })),
    );
    await waitFor(async () => (await jobsNow()).length === 10);
    await doors.validation.idle();
    const { body: list } = await doors.get('/v1/batches', ref.tenantId);
    expect((list['data'] as unknown as { status: string }[]).map(({ status }) => status)).toEqual(
      Array(12).fill('in_progress'),
    );
  });

  it('leaves no job of a batch that is cancelled while its file is read', async () => {
    await waiting(file(1_000));
    const validation = doors.anotherValidation({
      jobs: {
        ...doors.jobs,
        submit: async (submission, requests) => {
          const cancelAfter = async function* () {
            let count = 0;
            for await (const one of requests) {
              if ((count += 1) === 500) await doors.ledger.openAiBatches.cancel(ref);
              yield one;
            }
          };
          return doors.jobs.submit(submission, cancelAfter());
        },
      },
    });
    await read(validation);
    expect(await stateNow()).toBe('cancelled');
    expect(await jobsNow()).toEqual([]);
  });

  it('cancels the job of a batch that is cancelled in the last moment', async () => {
    await waiting(file(3));
    const validation = doors.anotherValidation({
      jobs: {
        ...doors.jobs,
        submit: async (...given) => {
          const job = await doors.jobs.submit(...given);
          await doors.ledger.openAiBatches.cancel(ref);
          return job;
        },
        cancel: (tenantId, jobId) => doors.jobs.cancel(tenantId, jobId),
      },
    });
    await read(validation);
    expect(await stateNow()).toBe('cancelled');
    expect(await doors.jobs.get(ref.tenantId, ref.batchId)).toMatchObject({ state: 'cancelling' });
  });

  it('leaves what it has begun to others at once when it is stopped', async () => {
    await waiting(file(1_000));
    let isReading = false;
    const slow = doors.anotherValidation({
      validator: 'stopping',
      files: {
        read: async function* (given) {
          for await (const piece of doors.ledger.files.read(given))
            for (let from = 0; from < piece.length; from += 100) {
              isReading = true;
              await new Promise((resolve) => setTimeout(resolve, 6));
              yield piece.subarray(from, from + 100);
            }
        },
      },
    });
    slow.wake();
    await waitFor(() => isReading);
    await slow.stop();
    expect(await stateNow()).toBe('validating');
    expect(await jobsNow()).toEqual([]);
    await read();
    expect(await stateNow()).toBe('submitted');
  });

  it('fails a batch whose file is deleted before it is read', async () => {
    const fileId = await waiting(file(10));
    await doors.remove(`/v1/files/${fileId}`, ref.tenantId);
    await read();
    expect(await doors.ledger.openAiBatches.get(ref)).toMatchObject({
      state: 'failed',
      errors: [{ code: 'file_not_found', param: 'input_file_id' }],
    });
  });

  it('tries again later where the database is away meanwhile, and gives up in the end', async () => {
    await waiting(file(10));
    let attempts = 0;
    const submit = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(new CostlaneError('unavailable', 'away'));
    };
    await read(doors.anotherValidation({ jobs: { ...doors.jobs, submit }, retryMs: 100 }));
    expect([attempts, await stateNow()]).toEqual([1, 'validating']);
    const insistent = doors.anotherValidation({ jobs: { ...doors.jobs, submit }, retryMs: 0 });
    await waitFor(async () => {
      await read(insistent);
      return (await stateNow()) === 'failed';
    });
    expect(attempts).toBe(10);
    expect(await doors.ledger.openAiBatches.get(ref)).toMatchObject({ errors: [{ code: 'validation_failed' }] });
  });
});
