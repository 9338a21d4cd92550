import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@costlane/testing';
import { describeWithPostgres, startJobsFixture, type JobsFixture } from '../testing/jobs-fixture';
import { testGateway } from '../testing/test-gateway';

interface Batch {
  batch_id: string;
  status: string;
  counts: Record<string, number>;
  results?: Record<string, unknown>[] | null;
  [name: string]: unknown;
}
const envelope = (text: string): string => JSON.stringify({ success: true, data: { text }, error: null });

describeWithPostgres('/v1/batch', () => {
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

  async function post(payload: unknown, headers: Record<string, string> = {}, query = '') {
    const response = await gateway.fastify.inject({
      method: 'POST',
      url: `/v1/batch${query}`,
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
    const { data, error } = response.json<{ data: Batch; error: string | null }>();
    return { response, data, error };
  }
  const lines = (...items: unknown[]): string => items.map((item) => JSON.stringify(item)).join('\n');
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const get = async (url: string) => {
    const response = await gateway.fastify.inject({ method: 'GET', url });
    return {
      response,
      data: String(response.headers['content-type']).includes('ndjson')
        ? undefined
        : response.json<{ data: Batch }>().data,
    };
  };
  const refOf = ({ batch_id: jobId }: Batch) => ({ tenantId: 'default', jobId });
  const waiting = async (jobId: string) => fixture.store.read({ tenantId: 'default', jobId }, { states: ['pending'] });
  const requestsOf = async (jobId: string) => {
    await fixture.store.advance({ tenantId: 'default', jobId }, 'start');
    const lease = { owner: 'spec', limit: 99, maxBytes: 1e9, leaseMs: 1, maxAttempts: 3 };
    return (await fixture.store.lease({ tenantId: 'default', jobId }, lease)).map(({ request }) => String(request));
  };
  const count = async (): Promise<number> => (await fixture.jobs.list('default', { limit: 1_000 })).length;
  /** Jobs that were begun and never accepted, as far as they are still there. */
  const traces = async () => {
    const found = await Promise.all(fixture.begun.map((ref) => fixture.store.get(ref)));
    return found.filter((job) => job !== undefined && job.sealedAtMs === undefined);
  };

  it('takes a batch in, says where it will be, and gives it a day', async () => {
    const asked = [
      { custom_id: 'a', prompt: 'Why?', max_tokens: 5 },
      { prompt: 'How?', use_cache: false },
      { custom_id: 'c', prompt: 'Why?', max_tokens: 5 },
    ];
    const { response, data } = await post({ requests: asked, metadata: { run: 'x' } }, { 'x-costlane-quality': 'low' });
    expect(response.statusCode).toBe(202);
    expect(response.headers).toMatchObject({ location: `/v1/batch/${data.batch_id}` });
    expect(data).toMatchObject({
      status: 'queued',
      counts: { total: 3, pending: 3, succeeded: 0 },
      duplicates: 1,
      metadata: { run: 'x' },
      cost_usd: 0,
    });
    expect(Date.parse(String(data['deadline_at'])) - Date.parse(String(data['created_at']))).toBeGreaterThan(
      86_000_000,
    );
    const items = await waiting(data.batch_id);
    expect(items.map(({ customId, sameAsIndex }) => [customId, sameAsIndex])).toEqual([
      ['a', undefined],
      [undefined, undefined],
      ['c', 0],
    ]);
    const [first] = await requestsOf(data.batch_id);
    expect(first).toContain('"endpoint":"/v1/inference"');
    expect(first).toContain('"x-costlane-quality":"low"');
    expect(first?.endsWith('\n{"prompt":"Why?","max_tokens":5}')).toBe(true);
  });

  it('takes lines, with the options in the address', async () => {
    const body = `${lines({ custom_id: 'a', prompt: 'x' }, { custom_id: 'b', prompt: 'y' })}\n\n`;
    const query = '?completion_window=30m&metadata=%7B%22n%22%3A1%7D';
    const { response, data } = await post(body, ndjson, query);
    expect(response.statusCode).toBe(202);
    expect(data).toMatchObject({ counts: { total: 2 }, metadata: { n: 1 } });
    expect(Date.parse(String(data['deadline_at'])) - Date.parse(String(data['created_at']))).toBeLessThan(1_801_000);
  });

  it('begins at once, without end, where it is told so', async () => {
    const { data } = await post({ requests: [{ prompt: 'x' }], completion_window: 'now' });
    expect(data['deadline_at']).toBeNull();
  });

  it.each([
    ['an empty body', '', 400, /empty/],
    ['broken JSON', '{"requests": [', 400, /not valid JSON/],
    ['no requests', { requests: [] }, 400, /"requests"/],
    ['requests that are none', { requests: 'x' }, 400, /"requests"/],
    [
      'an unknown option',
      { requests: [{ prompt: 'x' }], complete_window: '1h' },
      400,
      /did you mean "completion_window"/,
    ],
    ['an odd window', { requests: [{ prompt: 'x' }], completion_window: '90s' }, 400, /30m, 24h or 7d/],
    ['too long a window', { requests: [{ prompt: 'x' }], completion_window: '8d' }, 400, /at most 7d/],
    [
      'two windows',
      { requests: [{ prompt: 'x' }], completion_window: '1h', deadline_ms: 5_000 },
      400,
      /one of the two/,
    ],
    ['an item that is none', { requests: [{ prompt: 'x' }, 'y'] }, 400, /^Request 1: .*JSON object/],
    [
      'a wrong field',
      { requests: [{ prompt: 'x' }, { prompt: 'y', max_tokens: 0 }] },
      400,
      /^Request 1: Field "max_tokens"/,
    ],
    ['an unknown field', { requests: [{ prompt: 'x', custom: 'a' }] }, 400, /"custom"/],
    ['a stream', { requests: [{ prompt: 'x', stream: true }] }, 400, /"stream"/],
    ['an id that is no text', { requests: [{ prompt: 'x', custom_id: 5 }] }, 400, /"custom_id"/],
    [
      'an id twice',
      {
        requests: [
          { prompt: 'x', custom_id: 'a' },
          { prompt: 'y', custom_id: 'a' },
        ],
      },
      400,
      /"a" is there twice/,
    ],
    ['a private webhook', { requests: [{ prompt: 'x' }], webhook: { url: 'https://10.0.0.1/' } }, 400, /"webhook.url"/],
    ['much metadata', { requests: [{ prompt: 'x' }], metadata: { a: 'x'.repeat(17_000) } }, 413, /larger/],
    ['metadata that is none', { requests: [{ prompt: 'x' }], metadata: 'a' }, 400, /"metadata"/],
  ])('refuses %s and keeps nothing', async (_name, body, status, message) => {
    const before = await count();
    const { response, error } = await post(body);
    expect(error).toMatch(message);
    expect(response.statusCode).toBe(status);
    expect(response.headers['x-error-code']).toBeDefined();
    expect(await count()).toBe(before);
  });

  it.each([
    ['broken JSON', `${lines({ prompt: 'x' })}\n{"prompt"`, /^Line 2 is not valid JSON/],
    ['a wrong field, by its line', `${lines({ prompt: 'x' })}\n\n${lines({ prompt: '' })}`, /^Line 3: Field "prompt"/],
    ['no lines', '\n', /at least one request/],
    ['a long line', lines({ prompt: 'x'.repeat(5_000) }), /Line 1 is longer than 4096/],
    ['an option of the wrong kind', '', /"wait" has to be true, false/, '?wait=perhaps'],
  ])('refuses %s in lines and keeps nothing', async (_name, body, message, query = '') => {
    const before = await count();
    const { error } = await post(body, ndjson, query);
    expect(error).toMatch(message);
    expect(await count()).toBe(before);
    expect(await traces()).toEqual([]);
    expect(gateway.events.refused.at(-1)).toMatchObject({ endpoint: '/v1/batch' });
  });

  it('names the field of a bad header, and other content types', async () => {
    expect((await post({ requests: [{ prompt: 'x' }] }, { 'x-costlane-quality': 'best' })).error).toMatch(
      /x-costlane-quality/,
    );
    expect((await post('x', { 'content-type': 'text/csv' })).response.statusCode).toBe(415);
    const elsewhere = await gateway.fastify.inject({
      method: 'POST',
      url: '/v1/inference',
      headers: ndjson,
      payload: '{}',
    });
    expect(elsewhere.statusCode).toBe(415);
  });

  it('is the same batch under the same idempotency key, and refuses another one', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await post({ requests: [{ prompt: 'x' }] }, key);
    const again = await post(lines({ prompt: 'x' }), { ...key, ...ndjson });
    expect(again.data.batch_id).toBe(first.data.batch_id);
    const other = await post({ requests: [{ prompt: 'other' }] }, key);
    expect([other.response.statusCode, other.response.headers['x-error-code']]).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(
      (await post({ requests: [{ prompt: 'x' }] }, { 'idempotency-key': 'x'.repeat(300) })).response.statusCode,
    ).toBe(400);
  });

  it('answers with all results when they are waited for', async () => {
    const asked = post({
      wait: true,
      requests: [
        { custom_id: 'a', prompt: 'x1' },
        { custom_id: 'b', prompt: 'x2' },
      ],
    });
    const [job] = await waitFor(async () => {
      const [newest] = await fixture.jobs.list('default', { limit: 1 });
      return newest && (await waiting(newest.jobId)).some(({ customId }) => customId === 'b') ? [newest] : undefined;
    });
    await fixture.end(job, { 1: '{"success":false,"data":null,"error":"No."}' }, { state: 'failed' });
    await fixture.end(job, { 0: envelope('Because.') });
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
    const { data } = await post({ requests: [{ prompt: 'w1' }, { prompt: 'w2' }] });
    await fixture.end(refOf(data), { 1: envelope('2') });
    const running = await get(`/v1/batch/${data.batch_id}?wait_ms=20`);
    expect(running.data).toMatchObject({ status: 'running', counts: { pending: 1, succeeded: 1 } });
    const ended = get(`/v1/batch/${data.batch_id}?wait_ms=20000`);
    await fixture.end(refOf(data), { 0: envelope('1') });
    expect((await ended).data).toMatchObject({ status: 'completed', finished_at: expect.any(String) });
  });

  it('streams results, of what has ended so far, by their state, and from any one on', async () => {
    const { data } = await post({
      requests: Array.from({ length: 6 }, (_, i) => ({ custom_id: `c${i}`, prompt: `s${i}` })),
    });
    await fixture.end(refOf(data), { 0: envelope('0'), 2: '{"id":"chatcmpl-1"}' });
    await fixture.end(refOf(data), { 3: '{"error":{"message":"Wrong."}}' }, { state: 'failed' });
    await fixture.end(refOf(data), { 4: '' }, { state: 'failed', isDead: true });
    const read = async (query = '') => {
      const { response } = await get(`/v1/batch/${data.batch_id}/results${query}`);
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
      await gateway.fastify.inject({ method: 'POST', url: `/v1/batch/${data.batch_id}/retry` })
    ).json<{ data: Batch }>();
    expect(retried).toMatchObject({ retried: 1, counts: { failed: 1, pending: 3 } });
    expect((await get(`/v1/batch/${data.batch_id}/results?status=odd`)).response.statusCode).toBe(400);
  });

  it('is cancelled, and listed', async () => {
    const { data } = await post({ requests: [{ prompt: 'x' }] });
    const response = await gateway.fastify.inject({ method: 'DELETE', url: `/v1/batch/${data.batch_id}` });
    expect(response.json()).toMatchObject({ success: true, data: { status: 'cancelling' } });
    const { data: list } = await get('/v1/batch?limit=1');
    expect(list).toMatchObject({ batches: [{ batch_id: data.batch_id }], has_more: true });
    expect((await get(`/v1/batch?after=${data.batch_id}&limit=1`)).data).not.toMatchObject({
      batches: [{ batch_id: data.batch_id }],
    });
    expect((await get('/v1/batch?limit=0')).response.statusCode).toBe(400);
    expect((await get('/v1/batch?after=batch_none')).response.statusCode).toBe(400);
  });

  it('knows no batch of another tenant, nor other jobs', async () => {
    const theirs = await fixture.jobs.submit({ tenantId: 'globex', kind: 'batch' }, [item('globex')]);
    const job = await fixture.jobs.submit({ tenantId: 'default', kind: 'job' }, [item('default')]);
    for (const id of [theirs.jobId, job.jobId, 'batch_none', '%00']) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/results'],
        ['DELETE', ''],
        ['POST', '/retry'],
      ] as const) {
        const response = await gateway.fastify.inject({ method, url: `/v1/batch/${id}${path}` });
        expect([id, path, response.statusCode, response.headers['x-error-code']]).toEqual([id, path, 404, 'not_found']);
      }
    }
    expect(await fixture.jobs.get('globex', theirs.jobId)).toMatchObject({ state: 'queued' });
  });

  it('keeps nothing of a batch whose client leaves in the middle, and tells one that is refused why', async () => {
    await gateway.fastify.listen({ port: 0, host: '127.0.0.1' });
    const { port } = gateway.fastify.server.address() as AddressInfo;
    const before = await count();
    const open = () => httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/v1/batch', headers: ndjson });
    const leaver = open();
    leaver.on('error', () => undefined);
    leaver.write(`${lines({ prompt: 'x' })}\n`);
    const begunBefore = fixture.begun.length;
    await waitFor(() => fixture.begun.length > begunBefore);
    leaver.destroy();
    await waitFor(async () => (await traces()).length === 0);
    const refused = open();
    const answer = new Promise<number | undefined>((resolve, reject) => {
      refused.on('response', (response) => (response.resume(), resolve(response.statusCode)));
      refused.on('error', reject);
    });
    refused.write(`{"prompt":1}\n`);
    refused.write(`${lines({ prompt: 'x'.repeat(1_000) })}\n`.repeat(200));
    expect(await answer).toBe(400);
    refused.end();
    expect(await count()).toBe(before);
  });

  it('asks for a key where one is needed, and holds each item to the key’s tenant', async () => {
    const locked = testGateway({
      jobs: fixture.jobs,
      authenticator: {
        mode: 'required',
        findKey: () =>
          Promise.resolve({
            id: 'k1',
            tenantId: 'acme',
            role: 'member',
            teamId: '',
            userId: 'u1',
            name: '',
            prefix: '',
            rateLimitPerMinute: 0,
          } as never),
      },
    });
    const send = (headers: object, prompt: object) =>
      locked.fastify.inject({
        method: 'POST',
        url: '/v1/batch',
        headers: { ...headers },
        payload: { requests: [prompt] },
      });
    expect((await send({}, { prompt: 'x' })).statusCode).toBe(401);
    const key = { authorization: 'Bearer cl_0123456789abcdef' };
    const foreign = await send(key, { prompt: 'x', metadata: { tenant_id: 'globex' } });
    expect([foreign.statusCode, foreign.json<{ error: string }>().error]).toEqual([
      403,
      expect.stringMatching(/^Request 0: /),
    ]);
    const { data } = (await send(key, { prompt: 'x' })).json<{ data: Batch }>();
    expect(await fixture.jobs.get('acme', data.batch_id)).toMatchObject({ tenantId: 'acme' });
    await locked.fastify.close();
  });
});

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

it('/v1/batch answers 503 and says what is missing where no database is configured', async () => {
  const { fastify } = testGateway();
  const response = await fastify.inject({ method: 'POST', url: '/v1/batch', payload: { requests: [{ prompt: 'x' }] } });
  expect([response.statusCode, response.json<{ error: string }>().error]).toEqual([
    503,
    expect.stringContaining('DATABASE_URL'),
  ]);
  await fastify.close();
});
