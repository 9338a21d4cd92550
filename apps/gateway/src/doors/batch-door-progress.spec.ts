import { waitFor } from '@costlane/testing';
import { envelope, refOf, startBatchGateway, type ShownBatch } from '../testing/batch-gateway';
import { describeWithPostgres } from '../testing/jobs-fixture';

const item = (tenantId: string) => ({
  isShared: true,
  request: {
    v: 1 as const,
    endpoint: '/v1/inference',
    caller: { tenantId, role: 'member' as const },
    headers: {},
    body: Buffer.from('{}'),
  },
});

describeWithPostgres('what becomes of a batch', () => {
  let batches: Awaited<ReturnType<typeof startBatchGateway>>;
  beforeAll(async () => {
    batches = await startBatchGateway();
  });
  afterAll(() => batches.close());

  it('answers with all results when they are waited for', async () => {
    const asked = batches.post({
      wait: true,
      requests: [
        { custom_id: 'a', prompt: 'x1' },
        { custom_id: 'b', prompt: 'x2' },
      ],
    });
    const [job] = await waitFor(async () => {
      const [newest] = await batches.fixture.jobs.list('default', { limit: 1 });
      return newest && (await batches.waiting(newest.jobId)).some(({ customId }) => customId === 'b')
        ? [newest]
        : undefined;
    });
    await batches.fixture.end(job, { 1: '{"success":false,"data":null,"error":"No."}' }, { state: 'failed' });
    await batches.fixture.end(job, { 0: envelope('Because.') });
    const { response, data } = await asked;
    expect(response.statusCode).toBe(200);
    expect(response.headers['x-cost-usd']).toBe('0.000002000');
    expect(data).toMatchObject({ status: 'completed', counts: { succeeded: 1, failed: 1 }, cost_usd: 0.000002 });
    expect(data.results).toMatchObject([
      {
        custom_id: 'a',
        index: 0,
        status: 'succeeded',
        http_status: 200,
        success: true,
        data: { text: 'Because.' },
        error: null,
      },
      {
        custom_id: 'b',
        status: 'failed',
        http_status: 400,
        error_code: 'invalid_request',
        success: false,
        error: 'No.',
      },
    ]);
  });

  it('shows how it goes, and waits for the end where that is wanted', async () => {
    const { data } = await batches.post({ requests: [{ prompt: 'w1' }, { prompt: 'w2' }] });
    await batches.fixture.end(refOf(data), { 1: envelope('2') });
    const running = await batches.get(`/v1/batch/${data.batch_id}?wait_ms=20`);
    expect(running.data).toMatchObject({ status: 'running', counts: { pending: 1, succeeded: 1 } });
    const ended = batches.get(`/v1/batch/${data.batch_id}?wait_ms=20000`);
    await batches.fixture.end(refOf(data), { 0: envelope('1') });
    expect((await ended).data).toMatchObject({ status: 'completed', finished_at: expect.any(String) });
  });

  it('streams results, of what has ended so far, by their state, and from any one on', async () => {
    const { data } = await batches.post({
      requests: Array.from({ length: 6 }, (_, i) => ({ custom_id: `c${i}`, prompt: `s${i}` })),
    });
    await batches.fixture.end(refOf(data), { 0: envelope('0'), 2: '{"id":"chatcmpl-1"}' });
    await batches.fixture.end(refOf(data), { 3: '{"error":{"message":"Wrong."}}' }, { state: 'failed' });
    await batches.fixture.end(refOf(data), { 4: '' }, { state: 'failed', isDead: true });
    const read = async (query = '') => {
      const { response } = await batches.get(`/v1/batch/${data.batch_id}/results${query}`);
      expect(response.headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'x-batch-status': 'running' });
      return response.body
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    expect(await read()).toMatchObject([
      { custom_id: 'c0', success: true, data: { text: '0' } },
      { custom_id: 'c2', success: true, data: { id: 'chatcmpl-1' }, error: null },
      { custom_id: 'c3', success: false, data: null, error: 'Wrong.', can_retry: false },
      { custom_id: 'c4', success: false, error: expect.stringContaining('invalid_request'), can_retry: true },
    ]);
    const idsOf = async (query: string) => (await read(query)).map((line) => line['custom_id']);
    expect(await idsOf('?status=failed')).toEqual(['c3', 'c4']);
    expect(await idsOf('?status=dead')).toEqual(['c4']);
    expect(await idsOf('?from_index=3&status=succeeded')).toEqual([]);
    const { data: retried } = (
      await batches.gateway.fastify.inject({ method: 'POST', url: `/v1/batch/${data.batch_id}/retry` })
    ).json<{ data: ShownBatch }>();
    expect(retried).toMatchObject({ retried: 1, counts: { failed: 1, pending: 3 } });
    expect((await batches.get(`/v1/batch/${data.batch_id}/results?status=odd`)).response.statusCode).toBe(400);
  });

  it('is cancelled, and listed', async () => {
    const { data } = await batches.post({ requests: [{ prompt: 'x' }] });
    const response = await batches.gateway.fastify.inject({ method: 'DELETE', url: `/v1/batch/${data.batch_id}` });
    expect(response.json()).toMatchObject({ success: true, data: { status: 'cancelling' } });
    const { data: list } = await batches.get('/v1/batch?limit=1');
    expect(list).toMatchObject({ batches: [{ batch_id: data.batch_id }], has_more: true });
    expect((await batches.get(`/v1/batch?after=${data.batch_id}&limit=1`)).data).not.toMatchObject({
      batches: [{ batch_id: data.batch_id }],
    });
    expect((await batches.get('/v1/batch?limit=0')).response.statusCode).toBe(400);
    expect((await batches.get('/v1/batch?after=batch_none')).response.statusCode).toBe(400);
  });

  it('knows no batch of another tenant, nor other jobs', async () => {
    const theirs = await batches.fixture.jobs.submit({ tenantId: 'globex', kind: 'batch' }, [item('globex')]);
    const job = await batches.fixture.jobs.submit({ tenantId: 'default', kind: 'job' }, [item('default')]);
    for (const id of [theirs.jobId, job.jobId, 'batch_none', '%00']) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/results'],
        ['DELETE', ''],
        ['POST', '/retry'],
      ] as const) {
        const response = await batches.gateway.fastify.inject({ method, url: `/v1/batch/${id}${path}` });
        expect([id, path, response.statusCode, response.headers['x-error-code']]).toEqual([id, path, 404, 'not_found']);
      }
    }
    expect(await batches.fixture.jobs.get('globex', theirs.jobId)).toMatchObject({ state: 'queued' });
  });
});
