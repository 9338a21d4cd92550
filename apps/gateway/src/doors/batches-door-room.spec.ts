import { databaseUrlForTests } from '@costlane/testing';
import { startBatchesFixture, type BatchesFixture } from '../testing/batches-fixture';

(databaseUrlForTests() ? describe : describe.skip)('/v1/batches of a tenant that has as many as it may', () => {
  let doors: BatchesFixture;
  beforeAll(async () => {
    doors = await startBatchesFixture({ maxOpenJobs: 1 });
  });
  afterAll(() => doors.close());

  it('refuses another one, shows the same again under its key, and reads what was accepted', async () => {
    const content = JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/embeddings', body: { input: 'a' } });
    const { body: file } = await doors.upload(`${content}\n`);
    const batch = { input_file_id: file['id'], endpoint: '/v1/embeddings', completion_window: '24h' };
    const key = { 'idempotency-key': 'once' };
    const first = await doors.post('/v1/batches', batch, key);
    // Not read yet, and so no job: this one is accepted, too.
    const second = await doors.post('/v1/batches', batch);
    expect([first.status, second.status]).toEqual([200, 200]);
    await doors.validation.idle();
    for (const { body } of [first, second])
      expect((await doors.get(`/v1/batches/${String(body['id'])}`)).body).toMatchObject({ status: 'in_progress' });
    const third = await doors.post('/v1/batches', batch);
    expect(third).toMatchObject({
      status: 429,
      body: { error: { message: expect.stringMatching(/JOB_TENANT_MAX_OPEN/) } },
    });
    expect(await doors.post('/v1/batches', batch, key)).toMatchObject({ status: 200, body: { id: first.body['id'] } });
  });
});
