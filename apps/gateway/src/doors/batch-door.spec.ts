import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@costlane/testing';
import Fastify from 'fastify';
import { linesOf, ndjson, startBatchGateway, type ShownBatch } from '../testing/batch-gateway';
import { describeWithPostgres } from '../testing/jobs-fixture';
import { testGateway } from '../testing/test-gateway';
import { registerBatchDoor } from './batch-door';

describeWithPostgres('POST /v1/batch', () => {
  let batches: Awaited<ReturnType<typeof startBatchGateway>>;
  beforeAll(async () => {
    batches = await startBatchGateway();
  });
  afterAll(() => batches.close());
  const requestsOf = async (jobId: string) => {
    await batches.fixture.store.advance({ tenantId: 'default', jobId }, 'start');
    const lease = { owner: 'spec', limit: 99, maxBytes: 1e9, leaseMs: 1, maxLosses: 3 };
    return (await batches.fixture.store.lease({ tenantId: 'default', jobId }, lease)).map(({ request }) =>
      String(request),
    );
  };

  it('takes a batch in, says where it will be, and gives it a day', async () => {
    const asked = [
      { custom_id: 'a', prompt: 'Why?', max_tokens: 5 },
      { prompt: 'How?', use_cache: false },
      { custom_id: 'c', prompt: 'Why?', max_tokens: 5 },
    ];
    const { response, data } = await batches.post(
      { requests: asked, metadata: { run: 'x' } },
      { 'x-costlane-quality': 'low' },
    );
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
    const items = await batches.waiting(data.batch_id);
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
    const body = `${linesOf({ custom_id: 'a', prompt: 'x' }, { custom_id: 'b', prompt: 'y' })}\n\n`;
    const query = '?completion_window=30m&metadata=%7B%22n%22%3A1%7D';
    const { response, data } = await batches.post(body, ndjson, query);
    expect(response.statusCode).toBe(202);
    expect(data).toMatchObject({ counts: { total: 2 }, metadata: { n: 1 } });
    expect(Date.parse(String(data['deadline_at'])) - Date.parse(String(data['created_at']))).toBeLessThan(1_801_000);
  });

  it('begins at once, without end, where it is told so', async () => {
    const { data } = await batches.post({ requests: [{ prompt: 'x' }], completion_window: 'now' });
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
    const before = await batches.count();
    const { response, error } = await batches.post(body);
    expect(error).toMatch(message);
    expect(response.statusCode).toBe(status);
    expect(response.headers['x-error-code']).toBeDefined();
    expect(await batches.count()).toBe(before);
  });

  it.each([
    ['broken JSON', `${linesOf({ prompt: 'x' })}\n{"prompt"`, /^Line 2 is not valid JSON/],
    [
      'a wrong field, by its line',
      `${linesOf({ prompt: 'x' })}\n\n${linesOf({ prompt: '' })}`,
      /^Line 3: Field "prompt"/,
    ],
    ['no lines', '\n', /at least one request/],
    ['a long line', linesOf({ prompt: 'x'.repeat(5_000) }), /Line 1 is longer than 4096/],
    ['an option of the wrong kind', '', /"wait" has to be true, false/, '?wait=perhaps'],
  ])('refuses %s in lines and keeps nothing', async (_name, body, message, query = '') => {
    const before = await batches.count();
    const { error } = await batches.post(body, ndjson, query);
    expect(error).toMatch(message);
    expect(await batches.count()).toBe(before);
    expect(await batches.traces()).toEqual([]);
    expect(batches.gateway.events.refused.at(-1)).toMatchObject({ endpoint: '/v1/batch' });
  });

  it('names the field of a bad header, and other content types', async () => {
    expect((await batches.post({ requests: [{ prompt: 'x' }] }, { 'x-costlane-quality': 'best' })).error).toMatch(
      /x-costlane-quality/,
    );
    expect((await batches.post('x', { 'content-type': 'text/csv' })).response.statusCode).toBe(415);
    const elsewhere = await batches.gateway.fastify.inject({
      method: 'POST',
      url: '/v1/inference',
      headers: ndjson,
      payload: '{}',
    });
    expect(elsewhere.statusCode).toBe(415);
  });

  it('is the same batch under the same idempotency key, and refuses another one', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await batches.post({ requests: [{ prompt: 'x' }] }, key);
    const again = await batches.post(linesOf({ prompt: 'x' }), { ...key, ...ndjson });
    expect(again.data.batch_id).toBe(first.data.batch_id);
    const other = await batches.post({ requests: [{ prompt: 'other' }] }, key);
    expect([other.response.statusCode, other.response.headers['x-error-code']]).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(
      (await batches.post({ requests: [{ prompt: 'x' }] }, { 'idempotency-key': 'x'.repeat(300) })).response.statusCode,
    ).toBe(400);
  });

  it('keeps nothing of a batch whose client leaves in the middle, and tells one that is refused why', async () => {
    await batches.gateway.fastify.listen({ port: 0, host: '127.0.0.1' });
    const { port } = batches.gateway.fastify.server.address() as AddressInfo;
    const before = await batches.count();
    const open = () => httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/v1/batch', headers: ndjson });
    const leaver = open();
    leaver.on('error', () => undefined);
    leaver.write(`${linesOf({ prompt: 'x' })}\n`);
    const begunBefore = batches.fixture.begun.length;
    await waitFor(() => batches.fixture.begun.length > begunBefore);
    leaver.destroy();
    await waitFor(async () => (await batches.traces()).length === 0);
    const refused = open();
    const answer = new Promise<number | undefined>((resolve, reject) => {
      refused.on('response', (response) => (response.resume(), resolve(response.statusCode)));
      refused.on('error', reject);
    });
    refused.write(`{"prompt":1}\n`);
    refused.write(`${linesOf({ prompt: 'x'.repeat(1_000) })}\n`.repeat(200));
    expect(await answer).toBe(400);
    refused.end();
    expect(await batches.count()).toBe(before);
  });

  it('gives up a client that sends nothing any more, and keeps nothing of its batch', async () => {
    const impatient = Fastify();
    const { admission, observer, defaults, events } = testGateway();
    registerBatchDoor(impatient, {
      jobs: batches.fixture.jobs,
      admission,
      observer,
      defaults,
      isKeyRequired: false,
      bodyLimitBytes: 4_096,
      maxBatchBytes: 1_000_000,
      idleMs: 50,
    });
    await impatient.listen({ port: 0, host: '127.0.0.1' });
    const { port } = impatient.server.address() as AddressInfo;
    const begunBefore = batches.fixture.begun.length;
    const idler = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/v1/batch', headers: ndjson });
    const cut = new Promise((resolve) => idler.on('error', resolve));
    idler.write(`${linesOf({ prompt: 'x' })}\n`);
    await cut;
    await waitFor(() => events.refused.at(-1)?.code === 'cancelled');
    expect(batches.fixture.begun.length).toBe(begunBefore + 1);
    expect(await batches.traces()).toEqual([]);
    await impatient.close();
  });

  it('asks for a key where one is needed, and holds each item to the key’s tenant', async () => {
    const locked = testGateway({
      jobs: batches.fixture.jobs,
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
    const { data } = (await send(key, { prompt: 'x' })).json<{ data: ShownBatch }>();
    expect(await batches.fixture.jobs.get('acme', data.batch_id)).toMatchObject({ tenantId: 'acme' });
    await locked.fastify.close();
  });
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
