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

describeWithPostgres('/v1/batches', () => {
  let doors: BatchesFixture;
  beforeAll(async () => {
    doors = await startBatchesFixture();
  });
  afterAll(() => doors.close());

  const idOf = ({ body }: Answer): string => String(body['id']);
  const shown = async (id: string): Promise<Answer['body']> => (await doors.get(`/v1/batches/${id}`)).body;
  const uploaded = async (content: string, tenant?: string): Promise<string> =>
    idOf(await doors.upload(content, { tenant }));
  const create = (fields: object, headers: Record<string, string> = {}): Promise<Answer> =>
    doors.post('/v1/batches', { endpoint: '/v1/embeddings', completion_window: '24h', ...fields }, headers);
  it('answers at once, and has made a job of the file a little later', async () => {
    const fileId = await uploaded(`${JSON.stringify(line('a'))}\n`);
    const { status, body } = await create({ input_file_id: fileId, metadata: { run: 'ü' } });
    expect([status, body]).toMatchObject([
      200,
      {
        id: expect.stringMatching(/^batch_[0-9a-f]{32}$/),
        object: 'batch',
        status: 'validating',
        endpoint: '/v1/embeddings',
        input_file_id: fileId,
        completion_window: '24h',
        metadata: { run: 'ü' },
        request_counts: { total: 0, completed: 0, failed: 0 },
      },
    ]);
    await doors.validation.idle();
    const id = String(body['id']);
    expect(await shown(id)).toMatchObject({
      status: 'in_progress',
      in_progress_at: expect.any(Number),
      request_counts: { total: 1 },
    });
    expect(await doors.jobs.get('acme', id)).toMatchObject({ kind: 'openai_batch', metadata: { run: 'ü' } });
  });

  it('asks each line for its caller, with the headers that steer it, byte for byte', async () => {
    const text = `{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"seed":12345678901234567890}}`;
    const headers = {
      'x-costlane-feature': 'f',
      'x-costlane-user': 'u',
      authorization: 'Bearer secret',
      'idempotency-key': 'k',
    };
    const batch = await doors.batchOf(text, {}, headers);
    const [request, ...more] = await doors.requests(idOf(batch));
    expect(more).toEqual([]);
    expect(request).toEqual({
      v: 1,
      endpoint: '/v1/embeddings',
      caller: { tenantId: 'acme', keyId: 'key_1', userId: 'u', role: 'member' },
      headers: { 'x-costlane-feature': 'f', 'x-costlane-user': 'u' },
      body: Buffer.from('{"seed":12345678901234567890}'),
    });
  });

  it('makes one batch of an idempotency key, however often it is asked for', async () => {
    const fileId = await uploaded(JSON.stringify(line('a')));
    const headers = { 'idempotency-key': 'once' };
    const asked = { input_file_id: fileId, metadata: { b: '1', a: '2' } };
    const first = await create(asked, headers);
    await doors.validation.idle();
    const again = await create({ ...asked, metadata: { a: '2', b: '1' } }, headers);
    expect([again.status, idOf(again), again.body['status']]).toEqual([200, idOf(first), 'in_progress']);
    expect(await create({ ...asked, metadata: {} }, headers)).toMatchObject({
      status: 422,
      body: { error: { code: 'idempotency_key_reused', param: 'idempotency-key' } },
    });
    const theirs = await doors.upload(JSON.stringify(line('a')), { tenant: 'initech' });
    const other = await create({ input_file_id: idOf(theirs) }, { ...headers, 'x-tenant': 'initech' });
    expect(idOf(other)).not.toBe(idOf(first));
  });

  it('takes requests for several models, and asks the same question once', async () => {
    const body = { model: 'embeds', input: 'same' };
    const batch = await doors.batchOf([
      line('a', { body }),
      line('b', { body }),
      line('c', { body: { model: 'other' } }),
    ]);
    expect(batch.body).toMatchObject({ status: 'in_progress', request_counts: { total: 3 } });
    expect(await doors.jobs.get('acme', idOf(batch))).toMatchObject({ duplicates: 1 });
    const apart = await doors.batchOf(
      [line('a', { body }), line('b', { body })],
      {},
      { 'x-costlane-use-cache': 'false' },
    );
    expect(await doors.jobs.get('acme', idOf(apart))).toMatchObject({ duplicates: 0 });
  });

  it('takes every door that a request can be for', async () => {
    for (const url of ['/v1/chat/completions', '/v1/responses', '/v1/completions', '/v1/messages', '/v1/inference'])
      expect((await doors.batchOf([line('a', { url })], { endpoint: url })).body['status']).toBe('in_progress');
  });

  it('fails with the lines that are wrong, and has no job then', async () => {
    const text = [
      JSON.stringify(line('a')),
      '{"custom_id":',
      JSON.stringify(line('a')),
      JSON.stringify(line('b', { url: '/v1/responses' })),
      JSON.stringify(line('c', { method: undefined })),
      JSON.stringify(line('d', { body: { input: 'x'.repeat(200_000) } })),
    ].join('\n');
    const { body } = await doors.batchOf(text);
    expect(body).toMatchObject({ status: 'failed', failed_at: expect.any(Number), output_file_id: null });
    expect(body['errors']).toEqual({
      object: 'list',
      data: [
        { code: 'invalid_json_line', line: 2, param: null, message: 'This line is not parseable as valid JSON.' },
        { code: 'duplicate_custom_id', line: 3, param: 'custom_id', message: expect.stringContaining(`'a'`) },
        { code: 'url_mismatch', line: 4, param: 'url', message: expect.stringContaining('/v1/embeddings') },
        { code: 'missing_required_parameter', line: 5, param: 'method', message: expect.any(String) },
        { code: 'line_too_long', line: 6, param: null, message: expect.stringContaining('100000') },
      ],
    });
    await expect(doors.jobs.get('acme', String(body['id']))).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each<[string, string | object[], string]>([
    ['no requests', '\n \n', 'empty_file'],
    ['too many requests', Array.from({ length: 1_001 }, (_, i) => line(`n${i}`)), 'too_many_tasks'],
  ])('fails with %s', async (_name, lines, code) => {
    const { body } = await doors.batchOf(lines);
    expect(body).toMatchObject({ status: 'failed', errors: { data: [{ code }] } });
  });

  it('tells a hundred wrong lines at the most', async () => {
    const { body } = await doors.batchOf('[]\n'.repeat(150));
    expect((body['errors'] as unknown as { data: unknown[] }).data).toHaveLength(100);
  });

  it.each<[string, object, string]>([
    ['no file', { input_file_id: undefined }, 'input_file_id'],
    ['another endpoint', { endpoint: '/v1/images' }, 'endpoint'],
    ['another window', { completion_window: '1h' }, 'completion_window'],
    ['no window', { completion_window: undefined }, 'completion_window'],
    ['a field that is not known', { webhook: 'x' }, 'webhook'],
    ['metadata that is no text', { metadata: { a: 1 } }, 'metadata.a'],
    ['too much metadata', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, ''])) }, 'metadata'],
    [
      'results that are not kept',
      { output_expires_after: { anchor: 'created_at', seconds: 60 } },
      'output_expires_after.seconds',
    ],
  ])('refuses a batch with %s', async (_name, fields, param) => {
    const { status, body } = await create({ input_file_id: 'file-1', ...fields });
    expect([status, body.error]).toEqual([
      400,
      { code: 'invalid_request', type: 'invalid_request_error', param, message: expect.any(String) },
    ]);
  });

  it('refuses broken JSON, wrong headers, and files that are not there', async () => {
    expect(await doors.post('/v1/batches', '{"input_file_id":')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_json' } },
    });
    const fileId = await uploaded('{}');
    expect(await create({ input_file_id: fileId }, { 'x-costlane-quality': 'best' })).toMatchObject({
      status: 400,
      body: { error: { param: 'x-costlane-quality' } },
    });
    const unknown = { status: 404, body: { error: { code: 'not_found', param: 'input_file_id' } } };
    expect(await create({ input_file_id: 'file-unknown' })).toMatchObject(unknown);
    expect(await create({ input_file_id: fileId }, { 'x-tenant': 'globex' })).toMatchObject(unknown);
    await doors.remove(`/v1/files/${fileId}`);
    expect(await create({ input_file_id: fileId })).toMatchObject(unknown);
  });

  it('is not cancelled when it has ended otherwise', async () => {
    const id = idOf(await doors.batchOf([line('a')]));
    await doors.finish(id, [good]);
    const failed = idOf(await doors.batchOf('x'));
    for (const each of [id, failed])
      expect(await doors.post(`/v1/batches/${each}/cancel`, {})).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
    expect(await shown(id)).toMatchObject({ status: 'completed', cancelling_at: null });
  });

  it('has no batches of other tenants, whatever is asked', async () => {
    const id = idOf(await doors.batchOf([line('a')]));
    for (const answer of [
      await doors.get(`/v1/batches/${id}`, 'globex'),
      await doors.get(`/v1/batches?after=${id}`, 'globex'),
      await doors.post(`/v1/batches/${id}/cancel`, {}, { 'x-tenant': 'globex' }),
      await doors.get('/v1/batches/batch_unknown'),
    ])
      expect([answer.status, answer.body.error?.code]).toEqual([404, 'not_found']);
    expect((await doors.get('/v1/batches', 'globex')).body['data']).toEqual([]);
  });

  it('lists newest first, by pages', async () => {
    const made: string[] = [];
    const headers = { 'x-tenant': 'lists' };
    for (const name of ['a', 'b', 'c']) made.push(idOf(await doors.batchOf([line(name)], {}, headers)));
    const [a, b, c] = made;
    const { body } = await doors.get('/v1/batches?limit=2', 'lists');
    expect(body).toMatchObject({ object: 'list', first_id: c, last_id: b, has_more: true });
    const rest = await doors.get(`/v1/batches?limit=2&after=${b}`, 'lists');
    expect(rest.body).toMatchObject({ first_id: a, last_id: a, has_more: false });
    expect((await doors.get('/v1/batches?limit=101', 'lists')).status).toBe(400);
  });
});
