import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { databaseUrlForTests, startTcpProxy, waitFor } from '@costlane/testing';
import {
  FILE_MAX_BYTES,
  formHeaders,
  formOf,
  startBatchesFixture,
  type BatchesFixture,
} from '../testing/batches-fixture';

const describeWithPostgres = databaseUrlForTests() ? describe : describe.skip;

describeWithPostgres('/v1/files', () => {
  let doors: BatchesFixture;
  beforeAll(async () => {
    doors = await startBatchesFixture();
  });
  afterAll(() => doors.close());

  const uploaded = async (content: string | Buffer, form = {}): Promise<string> => {
    const { status, body } = await doors.upload(content, form);
    expect(status).toBe(200);
    return String(body['id']);
  };
  const idsOf = async (query = '', tenant?: string): Promise<string[]> => {
    const { body } = await doors.get(`/v1/files${query}`, tenant);
    return (body['data'] as unknown as { id: string }[]).map(({ id }) => id);
  };

  it.each([false, true])('takes a file and gives it back byte for byte (file first: %s)', async (isFileFirst) => {
    const content = Buffer.from([...Buffer.from('{"a":"ü"}\r\n--'), 0, 255, 13, 10]);
    const { status, body } = await doors.upload(content, { isFileFirst, filename: 'ü x.jsonl' });
    const nowSeconds = Date.now() / 1_000;
    expect([status, body]).toEqual([
      200,
      {
        id: expect.stringMatching(/^file-[0-9a-f]{24}$/),
        object: 'file',
        bytes: content.length,
        created_at: expect.any(Number),
        expires_at: expect.any(Number),
        filename: 'ü x.jsonl',
        purpose: 'batch',
        status: 'processed',
        status_details: null,
      },
    ]);
    expect(Number(body['expires_at']) - nowSeconds).toBeCloseTo(30 * 86_400, -2);
    expect((await doors.get(`/v1/files/${body['id']}`)).body).toEqual(body);
    const answer = await doors.fastify.inject(`/v1/files/${body['id']}/content`);
    expect(answer.rawPayload).toEqual(content);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(content.length),
      'content-disposition': expect.stringMatching(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''%C3%BC/),
    });
  });

  it('takes a file of several megabytes in pieces', async () => {
    const content = Buffer.alloc(FILE_MAX_BYTES - 10, 'abcdefg\n');
    const id = await uploaded(content);
    const sizes: number[] = [];
    for await (const piece of doors.ledger.files.read({ tenantId: 'acme', fileId: id })) sizes.push(piece.length);
    expect(sizes).toEqual([1_048_576, 1_048_576, content.length - 2 * 1_048_576]);
    const answer = await doors.fastify.inject(`/v1/files/${id}/content`);
    expect(answer.rawPayload.equals(content)).toBe(true);
  });

  it('keeps a file as long as it is told to', async () => {
    const fields = { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '3600' };
    const { body } = await doors.upload('{}', { fields });
    expect(Number(body['expires_at']) - Number(body['created_at'])).toBe(3_600);
  });

  it.each([
    ['no purpose', { purpose: null }, 'purpose'],
    ['another purpose', { purpose: 'fine-tune' }, 'purpose'],
    ['another purpose behind the file', { purpose: 'assistants', isFileFirst: true }, 'purpose'],
    [
      'a wrong anchor',
      { fields: { 'expires_after[anchor]': 'now', 'expires_after[seconds]': '3600' } },
      'expires_after[anchor]',
    ],
    [
      'too short a time',
      { fields: { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '1' } },
      'expires_after[seconds]',
    ],
    ['no time', { fields: { 'expires_after[anchor]': 'created_at' } }, 'expires_after[seconds]'],
  ])('refuses an upload with %s, and keeps nothing of it', async (_name, form, param) => {
    const { status, body } = await doors.upload('{"a":1}', { ...form, tenant: 'refused' });
    expect([status, body.error]).toEqual([
      400,
      { code: 'invalid_request', type: 'invalid_request_error', param, message: expect.stringContaining(param) },
    ]);
    expect(await idsOf('', 'refused')).toEqual([]);
  });

  const post = async (payload: Buffer | string, headers: Record<string, string> = formHeaders) => {
    const answer = await doors.fastify.inject({ method: 'POST', url: '/v1/files', headers, payload });
    return [answer.statusCode, answer.json<{ error: { code: string; param: string | null } }>().error] as const;
  };

  it('refuses a form without a file, with an empty one, with two, or with one of another name', async () => {
    const purpose = formOf('').toString().split('--a-boundary')[1] ?? '';
    expect(await post(`--a-boundary${purpose}--a-boundary-of-the-spec--\r\n`)).toMatchObject([400, { param: 'file' }]);
    expect(await post(formOf(''))).toMatchObject([400, { param: 'file' }]);
    const other = formOf('{}').toString().replace('name="file"', 'name="document"');
    expect(await post(other)).toMatchObject([400, { param: 'file' }]);
    const part = other
      .slice(other.lastIndexOf('--a-boundary-of-the-spec\r\n'))
      .replace('name="document"', 'name="file"');
    expect(
      await post(
        formOf('{}')
          .toString()
          .replace(/--a-boundary-of-the-spec--\r\n$/, part),
      ),
    ).toMatchObject([400, { code: 'invalid_request' }]);
  });

  it('refuses what is no form, or a form that is cut short', async () => {
    expect(await post('{}', { 'content-type': 'application/json' })).toMatchObject([
      415,
      { code: 'unsupported_media_type' },
    ]);
    expect(await post('{}', { 'content-type': 'multipart/form-data' })).toMatchObject([
      400,
      { code: 'invalid_request' },
    ]);
    expect(await post(formOf('{"a":1}').subarray(0, -40))).toMatchObject([400, { code: 'invalid_request' }]);
    const chat = { method: 'POST', url: '/v1/batches', headers: formHeaders, payload: formOf('{}') } as const;
    expect((await doors.fastify.inject(chat)).statusCode).toBe(415);
  });

  it('refuses a file that is too large, whether it says so beforehand or not', async () => {
    const before = await idsOf();
    const form = formOf(Buffer.alloc(FILE_MAX_BYTES + 1, 'a'));
    expect(await post(form)).toMatchObject([413, { code: 'body_too_large', param: 'file' }]);
    expect(await post(Buffer.concat([form, Buffer.alloc(100_000)]))).toMatchObject([413, { code: 'body_too_large' }]);
    expect(await idsOf()).toEqual(before);
    const left = await doors.ledger.files.deleteOld({ abandonedBeforeMs: Date.now() + 60_000 });
    expect(left).toBe(0);
  });

  it('lists by pages, by purpose and in both orders', async () => {
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) made.push(await uploaded('{}', { tenant: 'lists', filename: name }));
    const [a, b, c] = made as [string, string, string];
    const { body } = await doors.get('/v1/files?limit=2', 'lists');
    expect(body).toMatchObject({ object: 'list', first_id: c, last_id: b, has_more: true });
    expect(await idsOf(`?after=${b}`, 'lists')).toEqual([a]);
    expect(await idsOf('?order=asc&purpose=batch', 'lists')).toEqual([a, b, c]);
    expect(await idsOf('?purpose=batch_output', 'lists')).toEqual([]);
    expect((await doors.get('/v1/files', 'nobody')).body).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'order=up'])('refuses to list with %s', async (query) => {
    const { status, body } = await doors.get(`/v1/files?${query}`);
    expect([status, body.error?.param]).toEqual([400, query.split('=')[0]]);
  });

  it('has no files of other tenants, whatever is asked', async () => {
    const id = await uploaded('{}');
    for (const answer of [
      await doors.get(`/v1/files/${id}`, 'globex'),
      await doors.get(`/v1/files/${id}/content`, 'globex'),
      await doors.get(`/v1/files?after=${id}`, 'globex'),
      await doors.remove(`/v1/files/${id}`, 'globex'),
    ])
      expect([answer.status, answer.body.error?.code]).toEqual([404, 'not_found']);
    expect((await doors.get(`/v1/files/${id}`)).status).toBe(200);
  });

  it('deletes a file, once', async () => {
    const id = await uploaded('{}');
    expect(await doors.remove(`/v1/files/${id}`)).toMatchObject({
      status: 200,
      body: { id, object: 'file', deleted: true },
    });
    for (const answer of [
      await doors.remove(`/v1/files/${id}`),
      await doors.get(`/v1/files/${id}`),
      await doors.get(`/v1/files/${id}/content`),
    ])
      expect([answer.status, answer.body.error]).toEqual([404, expect.objectContaining({ code: 'not_found' })]);
  });

  /** A client that has sent so much of a form, and goes on later or never. */
  function slowClient(sentBytes: number): ClientRequest {
    const { port } = doors.fastify.server.address() as AddressInfo;
    const headers = { ...formHeaders, 'x-tenant': 'slow' };
    const client = httpRequest({ host: '127.0.0.1', port, path: '/v1/files', method: 'POST', headers, agent: false });
    client.on('error', () => undefined);
    client.write(formOf(Buffer.alloc(1_500_000, 'a')).subarray(0, sentBytes));
    return client;
  }

  it('keeps nothing of an upload whose client leaves in the middle', async () => {
    await doors.fastify.listen({ port: 0, host: '127.0.0.1' });
    const before = { ...doors.uploads };
    const client = slowClient(1_400_000);
    await waitFor(() => doors.uploads.pieces > before.pieces);
    client.destroy();
    await waitFor(() => doors.uploads.discarded > before.discarded);
    expect(await doors.ledger.files.deleteOld({ abandonedBeforeMs: Date.now() + 60_000 })).toBe(0);
  });

  it('takes a bounded number of files of a tenant at once', async () => {
    const refused: IncomingMessage[] = [];
    const clients = Array.from({ length: 12 }, () => slowClient(500));
    for (const client of clients)
      client.on('response', (answer) => void (answer.statusCode === 429 && refused.push(answer)));
    await waitFor(() => refused.length === 4);
    expect(refused[0]?.headers).toMatchObject({ 'x-error-code': 'overloaded', 'retry-after': '2' });
    expect((await doors.upload('{}', { tenant: 'another' })).status).toBe(200);
    for (const client of clients) client.destroy();
    await waitFor(async () => (await doors.upload('{}', { tenant: 'slow' })).status === 200);
  });

  it('cuts a client off that sends nothing more', async () => {
    const before = { ...doors.uploads };
    const client = slowClient(1_400_000);
    const [answer] = (await once(client, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(499);
    client.destroy();
    await waitFor(() => doors.uploads.discarded > before.discarded);
    expect(await doors.ledger.files.deleteOld({ abandonedBeforeMs: Date.now() + 60_000 })).toBe(0);
  });

  it('says so within two seconds when Postgres is away, and that it may be tried again', async () => {
    const proxy = await startTcpProxy(databaseUrlForTests() ?? '');
    await proxy.stop();
    const away = await startBatchesFixture({ databaseUrl: proxy.url });
    const started = Date.now();
    for (const answer of [
      await away.upload('{}'),
      await away.get('/v1/files'),
      await away.get('/v1/files/file-1/content'),
      await away.remove('/v1/files/file-1'),
      await away.get('/v1/batches'),
      await away.post('/v1/batches', { input_file_id: 'file-1', endpoint: '/v1/embeddings', completion_window: '24h' }),
      await away.post('/v1/batches/batch_1/cancel', {}),
    ]) {
      expect([answer.status, answer.body.error?.code]).toEqual([503, 'unavailable']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(Date.now() - started).toBeLessThan(7 * 2_200);
    await away.close();
  });
});
