import { databaseUrlForTests } from '@costlane/testing';
import type { ItemEnd } from '@costlane/ledger';
import { startBatchesFixture, type Answer, type BatchesFixture } from '../testing/batches-fixture';

const describeWithPostgres = databaseUrlForTests() ? describe : describe.skip;

const line = (customId: string, more: object = {}): object => ({
  custom_id: customId,
  method: 'POST',
  url: '/v1/embeddings',
  body: { model: 'embeds', input: customId },
  ...more,
});
const good: Omit<ItemEnd, 'index'> = {
  state: 'succeeded',
  status: 200,
  costNanoUsd: 1_000,
  result: Buffer.from('{"ok":1}'),
};

describeWithPostgres('results of /v1/batches', () => {
  let doors: BatchesFixture;
  beforeAll(async () => {
    doors = await startBatchesFixture();
  });
  afterAll(() => doors.close());

  const idOf = ({ body }: Answer): string => String(body['id']);
  const shown = async (id: string): Promise<Answer['body']> => (await doors.get(`/v1/batches/${id}`)).body;
  const linesOf = async (fileId: unknown): Promise<unknown[]> =>
    (await doors.get(`/v1/files/${String(fileId)}/content`)).text
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as unknown);

  it('gives results and failures in files of their own, as long as they say', async () => {
    const id = idOf(await doors.batchOf(['a', 'b"ü', 'c', 'd'].map((name) => line(name))));
    const refusal = Buffer.from('{\n  "error": {"code": "model_not_found"}\n}');
    await doors.finish(id, [
      good,
      { ...good, result: Buffer.from('{\r\n"text":"x\\ny"\r\n}') },
      { state: 'failed', status: 404, errorCode: 'model_not_found', result: refusal },
      { state: 'expired' },
    ]);
    const batch = await shown(id);
    expect(batch).toMatchObject({
      status: 'expired',
      request_counts: { total: 4, completed: 2, failed: 2 },
      cost_usd: 2e-6,
    });
    const response = (index: number, code: number, body: object) => ({
      status_code: code,
      request_id: `${id}-${index}`,
      body,
    });
    const name = `batch_req_${id.slice('batch_'.length)}`;
    expect(await linesOf(batch['output_file_id'])).toEqual([
      { id: `${name}_0`, custom_id: 'a', response: response(0, 200, { ok: 1 }), error: null },
      { id: `${name}_1`, custom_id: 'b"ü', response: response(1, 200, { text: 'x\ny' }), error: null },
    ]);
    expect(await linesOf(batch['error_file_id'])).toEqual([
      {
        id: `${name}_2`,
        custom_id: 'c',
        response: response(2, 404, { error: { code: 'model_not_found' } }),
        error: null,
      },
      {
        id: `${name}_3`,
        custom_id: 'd',
        response: null,
        error: { code: 'batch_expired', message: expect.any(String) },
      },
    ]);
    for (const field of ['output_file_id', 'error_file_id']) {
      const { text } = await doors.get(`/v1/files/${String(batch[field])}/content`);
      const { body } = await doors.get(`/v1/files/${String(batch[field])}`);
      expect(body).toMatchObject({
        purpose: 'batch_output',
        bytes: Buffer.byteLength(text),
        filename: expect.stringContaining(id),
      });
      expect((await doors.get(`/v1/files/${String(batch[field])}/content`, 'globex')).status).toBe(404);
    }
    const listed = await doors.get('/v1/files?purpose=batch_output');
    expect(JSON.stringify(listed.body)).toContain(String(batch['output_file_id']));
    const asked = { input_file_id: batch['output_file_id'], endpoint: '/v1/embeddings', completion_window: '24h' };
    expect((await doors.post('/v1/batches', asked)).status).toBe(400);
  });

  it('gives results page by page where there are many, in their order', async () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `n${i}`);
    const id = idOf(await doors.batchOf(names.map((name) => line(name))));
    const result = Buffer.from(JSON.stringify({ text: 'x'.repeat(4_000) }));
    await doors.finish(
      id,
      names.map(() => ({ ...good, result })),
    );
    const batch = await shown(id);
    const lines = (await linesOf(batch['output_file_id'])) as { custom_id: string }[];
    expect(lines.map(({ custom_id: name }) => name)).toEqual(names);
    expect(batch['error_file_id']).toBeNull();
  });

  it('has no results any more when their file was deleted', async () => {
    const id = idOf(await doors.batchOf([line('a')]));
    await doors.finish(id, [good]);
    const fileId = String((await shown(id))['output_file_id']);
    expect((await doors.remove(`/v1/files/${fileId}`)).body).toMatchObject({ deleted: true });
    expect((await doors.get(`/v1/files/${fileId}/content`)).status).toBe(404);
    expect(await shown(id)).toMatchObject({ status: 'completed', output_file_id: null });
  });

  it('is cancelled while it runs; what was answered stays, and the rest is told', async () => {
    const id = idOf(await doors.batchOf([line('a'), line('b')]));
    const cancelling = await doors.post(`/v1/batches/${id}/cancel`, '');
    expect(cancelling).toMatchObject({
      status: 200,
      body: { status: 'cancelling', cancelling_at: expect.any(Number) },
    });
    expect((await doors.post(`/v1/batches/${id}/cancel`, {})).status).toBe(200);
    await doors.finish(id, [good, { state: 'cancelled' }]);
    const batch = await shown(id);
    expect(batch).toMatchObject({
      status: 'cancelled',
      cancelled_at: expect.any(Number),
      request_counts: { completed: 1 },
    });
    expect(await linesOf(batch['output_file_id'])).toHaveLength(1);
    expect(await linesOf(batch['error_file_id'])).toMatchObject([
      { custom_id: 'b', error: { code: 'batch_cancelled' } },
    ]);
  });
});
