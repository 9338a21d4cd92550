import { describeWithPostgres, startJobsFixture, type JobsFixture } from '../testing/jobs-fixture';
import { testGateway } from '../testing/test-gateway';

interface Shown {
  job_id: string;
  status: string;
  [name: string]: unknown;
}
const request = {
  isShared: true,
  request: {
    v: 1 as const,
    endpoint: '/v1/chat/completions',
    caller: { tenantId: 'default', role: 'member' as const },
    headers: {},
    body: Buffer.from('{}'),
  },
};
const envelope = (text: string): string => JSON.stringify({ success: true, data: { text }, error: null });

describeWithPostgres('/v1/jobs', () => {
  let fixture: JobsFixture;
  let gateway: ReturnType<typeof testGateway>;
  beforeAll(async () => {
    fixture = await startJobsFixture();
    gateway = testGateway({ jobs: fixture.jobs });
  });
  afterAll(async () => {
    await gateway.fastify.close();
    await fixture.close();
  });

  async function call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) {
    const response = await gateway.fastify.inject({ method, url: `/v1/jobs${path}`, payload, headers });
    const { data, error } = response.json<{ data: Shown; error: string | null }>();
    return { response, status: response.statusCode, data, error };
  }
  const refOf = ({ job_id: jobId }: Shown) => ({ tenantId: 'default', jobId });
  const requestOf = async (job: Shown): Promise<string> => {
    await fixture.store.advance(refOf(job), 'start');
    const lease = { owner: 'spec', limit: 1, maxBytes: 1e9, leaseMs: 1, maxLosses: 9 };
    return String((await fixture.store.lease(refOf(job), lease))[0]?.request);
  };

  it('takes one request, and gives its answer when it is there', async () => {
    const { response, status, data } = await call('POST', '', { prompt: 'Why?', max_tokens: 9 });
    expect([status, response.headers.location]).toEqual([202, `/v1/jobs/${data.job_id}`]);
    expect(data).toMatchObject({
      job_id: expect.stringMatching(/^job_[0-9a-f]{24}$/),
      status: 'queued',
      result: null,
      deadline_at: null,
    });
    expect((await requestOf(data)).endsWith('\n{"prompt":"Why?","max_tokens":9}')).toBe(true);
    expect((await call('GET', `/${data.job_id}?wait_ms=20`)).data).toMatchObject({ status: 'running', result: null });
    const waiting = call('GET', `/${data.job_id}?wait_ms=20000`);
    await fixture.end(refOf(data), { 0: envelope('Because.') });
    expect((await waiting).data).toMatchObject({
      status: 'completed',
      result: { text: 'Because.' },
      error: null,
      cost_usd: 0.000001,
    });
  });

  it('tells why there is no answer', async () => {
    const { data } = await call('POST', '', { prompt: 'Why?' });
    const body = '{"success":false,"data":null,"error":"Field \\"x\\": is odd."}';
    await fixture.end(refOf(data), { 0: body }, { state: 'failed' });
    expect((await call('GET', `/${data.job_id}`)).data).toMatchObject({
      status: 'failed',
      result: null,
      error: 'Field "x": is odd.',
      error_code: 'invalid_request',
      http_status: 400,
    });
  });

  it('keeps what is said of the job apart from what is asked', async () => {
    const webhook = { url: 'https://hooks.example/x' };
    const { data } = await call('POST', '', {
      prompt: 'Why?',
      completion_window: '1h',
      webhook,
      idempotency_key: 'k1',
    });
    expect(data).toMatchObject({ webhook: { url: webhook.url, status: 'waiting' }, deadline_at: expect.any(String) });
    expect((await requestOf(data)).endsWith('\n{"prompt":"Why?"}')).toBe(true);
    const again = await call(
      'POST',
      '',
      { prompt: 'Why?', completion_window: '2h', webhook },
      { 'idempotency-key': 'k1' },
    );
    expect(again.data.job_id).toBe(data.job_id);
    expect((await call('POST', '', { prompt: 'How?', webhook, idempotency_key: 'k1' })).status).toBe(422);
    const byHeaders = { 'x-costlane-webhook-url': webhook.url, 'x-costlane-deadline-ms': '60000' };
    expect((await call('POST', '', { prompt: 'Why?' }, byHeaders)).data).toMatchObject({
      webhook: { url: webhook.url },
      deadline_at: expect.any(String),
    });
  });

  it.each([
    ['no question', {}, /"prompt"/],
    ['an unknown field', { prompt: 'x', webhooks: {} }, /did you mean "webhook"/],
    ['a stream', { prompt: 'x', stream: true }, /^Field "stream"/],
    ['an odd window', { prompt: 'x', completion_window: 'soon' }, /"completion_window"/],
    ['a private webhook', { prompt: 'x', webhook: { url: 'http://127.0.0.1/' } }, /"webhook.url"/],
    ['a webhook without an address', { prompt: 'x', webhook: {} }, /"webhook.url"/],
  ])('refuses %s', async (_name, payload, message) => {
    const { status, error } = await call('POST', '', payload);
    expect(error).toMatch(message);
    expect(status).toBe(400);
    expect(gateway.events.refused.at(-1)).toEqual({ endpoint: '/v1/jobs', code: 'invalid_request' });
  });

  it('shows a call that was gathered with others by its place, and cancels none of these', async () => {
    const { jobId } = await fixture.jobs.submit({ tenantId: 'default', kind: 'job' }, [
      request,
      { ...request, isShared: false },
    ]);
    await fixture.end({ tenantId: 'default', jobId }, { 1: '{"id":"chatcmpl-2"}' });
    expect((await call('GET', `/${jobId}.1`)).data).toMatchObject({
      job_id: `${jobId}.1`,
      status: 'completed',
      result: { id: 'chatcmpl-2' },
    });
    expect((await call('GET', `/${jobId}.0`)).data).toMatchObject({ status: 'running', result: null });
    expect((await call('GET', `/${jobId}.2`)).status).toBe(404);
    expect((await call('DELETE', `/${jobId}.0`)).error).toMatch(/gathered/);
  });

  it('waits for the call that is named, and not for the others of its job', async () => {
    const ref = { tenantId: 'default', kind: 'job' } as const;
    const { jobId } = await fixture.jobs.submit(ref, [request, { ...request, isShared: false }]);
    const waiting = call('GET', `/${jobId}.1?wait_ms=20000`);
    await fixture.end({ tenantId: 'default', jobId }, { 1: '{"id":"chatcmpl-2"}' });
    expect((await waiting).data).toMatchObject({ status: 'completed', result: { id: 'chatcmpl-2' } });
    const idle = await call('GET', `/${jobId}.0?wait_ms=50`);
    expect(idle.data).toMatchObject({ status: 'running', result: null });
  });

  it('is cancelled, and listed', async () => {
    const { data } = await call('POST', '', { prompt: 'x' });
    expect((await call('DELETE', `/${data.job_id}`)).data).toMatchObject({ status: 'cancelling' });
    expect((await call('GET', '?limit=1')).data).toMatchObject({
      jobs: [{ job_id: data.job_id, requests: 1 }],
      has_more: true,
    });
  });

  it('knows no job of another tenant, nor batches', async () => {
    const { data } = await call('POST', '', { prompt: 'x' });
    const batch = await fixture.jobs.submit({ tenantId: 'default', kind: 'batch' }, [request]);
    const theirs = await fixture.jobs.submit({ tenantId: 'globex', kind: 'job' }, [request]);
    for (const id of [batch.jobId, theirs.jobId, 'job_none', `${data.job_id}.`, 'a.b.c', '%20'])
      for (const method of ['GET', 'DELETE'] as const)
        expect([method, id, (await call(method, `/${id}`)).status]).toEqual([method, id, 404]);
    expect((await call('GET', `/${data.job_id}?wait_ms=x`)).status).toBe(400);
  });

  it('gives a tenant the secret of its webhooks', async () => {
    const { data } = await call('GET', '/webhook-secret');
    expect(data).toEqual({ tenant_id: 'default', secret: fixture.jobs.webhookSecret('default') });
  });
});
