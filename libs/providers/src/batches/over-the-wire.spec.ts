import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import { FORBIDDEN_ADDRESS } from '../openai-compatible/map-transport-error';
import { createAnthropicBatches } from './anthropic/create-anthropic-batches';
import { createProviderBatches } from './create-batches';
import { createOpenAiBatches } from './openai/create-openai-batches';
import type { BatchItem, BatchState } from './provider-batches';
import { bodyOf, createBatchServers } from './testing/batch-server';

const { batchesFor, close } = createBatchServers();
afterEach(close);

const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Name a river.\n' }] };
const item = (customId = 'item-0'): BatchItem => ({
  customId,
  dialect: 'openai.chat',
  body: Buffer.from(JSON.stringify(chat, null, 2)),
});
const inAMoment = () => ({ batchKey: 'key-1', deadlineAtMs: Date.now() + 5_000 });

interface Heard {
  method?: string;
  url?: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Answers calls one after the other with these values, or as a function does it. */
type Answer = object | ((response: ServerResponse) => void);

function answering(heard: Heard[], ...answers: Answer[]) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    void bodyOf(request).then((body) => {
      const { method, url, headers } = request;
      heard.push({ method, url, headers, body });
      const answer = answers[Math.min(heard.length, answers.length) - 1];
      if (typeof answer === 'function') answer(response as never);
      else response.end(JSON.stringify(answer));
    });
  };
}

const withStatus =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers);
    response.end(body);
  };
const batch = (status: BatchState, more: object = {}) => ({ id: 'batch_1', status, created_at: 1_000, ...more });

describe("a batch on its way to OpenAI's API", () => {
  it('is a file of lines in a form, and then a batch with a name of ours', async () => {
    const heard: Heard[] = [];
    const answer = answering(heard, { id: 'file-1' }, batch('validating'));
    const batches = await batchesFor('openai-compatible', answer, { apiKey: 'sk-test' });
    expect(await batches.submit([item('a'), item('b')], inAMoment())).toMatchObject({ providerBatchId: 'batch_1' });
    const [upload, create] = heard;
    expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /files', 'POST /batches']);
    expect(heard.every(({ headers }) => headers.authorization === 'Bearer sk-test')).toBe(true);
    const form = await new Response(upload?.body, {
      headers: { 'content-type': String(upload?.headers['content-type']) },
    }).formData();
    expect(form.get('purpose')).toBe('batch');
    const file = form.get('file');
    if (!(file instanceof Blob)) throw new Error('no file');
    const lines = (await file.text()).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      ['a', 'b'].map((customId) => ({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body: chat })),
    );
    expect(lines.map((line) => Buffer.byteLength(line) + 1)).toEqual(
      [item('a'), item('b')].map((each) => batches.measure(each).sizeBytes),
    );
    expect(JSON.parse(create?.body ?? '')).toEqual({
      input_file_id: 'file-1',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { costlane_batch: 'key-1' },
    });
  });

  it('has one model and one endpoint, and as many inputs as are to be embedded', async () => {
    const batches = await batchesFor('openai-compatible', answering([]));
    const embeddings = (input: unknown): BatchItem => ({
      customId: 'e',
      dialect: 'openai.embeddings',
      body: Buffer.from(JSON.stringify({ model: 'text-embedding-3-small', input })),
    });
    const inputs = [embeddings('a'), embeddings([1, 2, 3]), embeddings(['a', 'b']), embeddings([[1], [2], [3]])];
    expect(inputs.map((each) => batches.measure(each).inputs)).toEqual([1, 1, 2, 3]);
    expect(() => batches.measure(embeddings([]))).toThrow(expect.objectContaining({ field: 'input' }));
    expect(() => batches.measure(embeddings(Array.from({ length: 50_001 }, () => 'a')))).toThrow(
      expect.objectContaining({ code: 'body_too_large' }),
    );
    const mixed = await batches.submit([item(), embeddings('a')], inAMoment());
    expect(mixed).toMatchObject({ ok: false, error: { code: 'invalid_request' }, isPerhapsSubmitted: false });
  });

  it.each([
    ['was not answered', (response: ServerResponse) => response.destroy(), true],
    ['got lost behind a proxy', withStatus(502, '<html>'), true],
    ['may have got lost behind a proxy', withStatus(503, '<html>'), true],
    ['was answered with nothing to be read', withStatus(200, '{'), true],
    ['was turned down by an API that is overloaded', withStatus(503, '{"error":{"message":"Overloaded"}}'), false],
    ['was turned down', withStatus(400, '{"error":{"message":"No."}}'), false],
  ])('may have been taken when its creation %s', async (_how, create, isPerhapsSubmitted) => {
    const nothing = { object: 'list', data: [], has_more: false };
    const batches = await batchesFor('openai-compatible', answering([], { id: 'file-1' }, create, nothing));
    const outcome = await batches.submit([item()], inAMoment());
    expect(outcome).toMatchObject({ ok: false, isPerhapsSubmitted });
    if (isPerhapsSubmitted) expect(outcome).toMatchObject({ isRetryable: false });
  });

  it('has not been taken when the upload of its file hangs', async () => {
    const batches = await batchesFor('openai-compatible', () => undefined);
    const outcome = await batches.submit([item()], { batchKey: 'key-1', deadlineAtMs: Date.now() + 100 });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'upstream_timeout' }, isPerhapsSubmitted: false });
  });

  it.each([
    ['token_limit_exceeded', 'upstream_rate_limited', true],
    ['duplicate_custom_id', 'upstream_rejected', false],
  ])('tells why it failed as a whole: %s', async (theirs, code, isRetryable) => {
    const errors = { data: [{ code: theirs, message: 'Because.', line: 3 }] };
    const batches = await batchesFor('openai-compatible', answering([], batch('failed', { errors })));
    const status = await batches.status('batch_1');
    expect(status).toMatchObject({ state: 'failed', hasResults: false, error: { code, isRetryable } });
  });

  it('is found on a later page', async () => {
    const now = Date.now();
    const page = (first: number, more: object = {}) => ({
      data: Array.from({ length: 100 }, (_, index) => ({
        ...batch('in_progress', { created_at: now / 1_000 }),
        id: `batch_${first + index}`,
        ...more,
      })),
      has_more: true,
    });
    const heard: Heard[] = [];
    const ours = page(200, { metadata: { costlane_batch: 'key-1' } });
    const batches = await batchesFor('openai-compatible', answering(heard, page(0), page(100), ours));
    const lost = { batchKey: 'key-1', startedAtMs: now, endedAtMs: now, itemCount: 1, hasItem: () => false };
    expect(await batches.find(lost)).toEqual({ state: 'found', providerBatchId: 'batch_200' });
    expect(heard.map(({ url }) => url)).toEqual([
      '/batches?limit=100',
      '/batches?limit=100&after=batch_99',
      '/batches?limit=100&after=batch_199',
    ]);
  });

  it('is found by the name of its file where a server keeps no names of batches', async () => {
    const now = Date.now();
    const unnamed = (id: string, fileId: string) => ({
      ...batch('in_progress', { created_at: now / 1_000, input_file_id: fileId, metadata: null }),
      id,
    });
    const page = { data: [unnamed('batch_2', 'file-2'), unnamed('batch_1', 'file-1')], has_more: false };
    const heard: Heard[] = [];
    const files = [{ filename: 'key-2.jsonl' }, { filename: 'key-1.jsonl' }];
    const batches = await batchesFor('openai-compatible', answering(heard, page, ...files));
    const lost = { batchKey: 'key-1', startedAtMs: now, endedAtMs: now, itemCount: 1, hasItem: () => false };
    expect(await batches.find(lost)).toEqual({ state: 'found', providerBatchId: 'batch_1' });
    expect(heard.map(({ url }) => url)).toEqual(['/batches?limit=100', '/files/file-2', '/files/file-1']);
  });

  it('is not looked for among those that are older than it', async () => {
    const heard: Heard[] = [];
    const old = { data: [batch('completed', { metadata: { costlane_batch: 'key-1' } })], has_more: true };
    const batches = await batchesFor('openai-compatible', answering(heard, old));
    const longAgo = Date.now() - 3_600_000;
    const lost = { batchKey: 'key-1', startedAtMs: longAgo, endedAtMs: longAgo, itemCount: 1, hasItem: () => false };
    expect(await batches.find(lost)).toEqual({ state: 'absent' });
    expect(heard).toHaveLength(1);
  });
});

describe("a batch on its way to Anthropic's API", () => {
  const ended = { id: 'msgbatch_1', processing_status: 'ended', request_counts: { succeeded: 1 } };

  it('has its requests in one body, each translated where it is in another dialect', async () => {
    const heard: Heard[] = [];
    const batches = await batchesFor('anthropic', answering(heard, ended), { apiKey: 'sk-ant-test' });
    expect(await batches.submit([item('a'), item('b')], inAMoment())).toMatchObject({ providerBatchId: 'msgbatch_1' });
    expect(heard).toMatchObject([
      {
        method: 'POST',
        url: '/v1/messages/batches',
        headers: { 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      },
    ]);
    const { requests } = JSON.parse(heard[0]?.body ?? '') as { requests: { custom_id: string; params: object }[] };
    expect(requests.map(({ custom_id: customId }) => customId)).toEqual(['a', 'b']);
    expect(requests[0]?.params).toMatchObject({ model: 'gpt-4o-mini', max_tokens: expect.any(Number) as number });
    const sizes = [item('a'), item('b')].map((each) => batches.measure(each).sizeBytes);
    // Every request brings a comma, and the first has none.
    expect(heard[0]?.body.length).toBe(sizes.reduce((sum, size) => sum + size) + '{"requests":[]}'.length - 1);
  });

  it('has not been taken when it was not sent whole', async () => {
    const batches = await batchesFor('anthropic', (request) => request.socket.destroy());
    function* many(): Generator<BatchItem> {
      for (let index = 0; index < 50_000; index++) yield item(`item-${index}`);
    }
    const outcome = await batches.submit(many(), inAMoment());
    expect(outcome).toMatchObject({ ok: false, isPerhapsSubmitted: false, isRetryable: true });
  });

  it('has its results read where the reference says, wherever its address for them leads', async () => {
    const heard: Heard[] = [];
    const line = withStatus(200, '{"custom_id":"a","result":{"type":"expired"}}\n');
    const elsewhere = { ...ended, results_url: 'http://127.0.0.1:1/secret' };
    const batches = await batchesFor('anthropic', answering(heard, elsewhere, line));
    expect(await batches.status('msgbatch_1')).toMatchObject({ hasResults: true });
    for await (const { customId } of batches.results('msgbatch_1', { dialect: 'openai.chat' }))
      expect(customId).toBe('a');
    expect(heard[1]?.url).toBe('/v1/messages/batches/msgbatch_1/results');
  });

  it('is undecided while one goes on that may be it', async () => {
    const startedAtMs = Date.now() - 3_600_000;
    const endedAtMs = startedAtMs + 60_000;
    const created = { created_at: new Date(endedAtMs).toISOString() };
    const going = { id: 'msgbatch_1', processing_status: 'in_progress', request_counts: { processing: 7 }, ...created };
    const batches = await batchesFor('anthropic', answering([], { data: [going], has_more: false }));
    const lost = { batchKey: 'key-1', startedAtMs, endedAtMs, hasItem: () => true };
    expect(await batches.find({ ...lost, itemCount: 7 })).toMatchObject({ state: 'undecided' });
    expect(await batches.find({ ...lost, itemCount: 8 })).toEqual({ state: 'absent' });
    const known = { otherBatchIds: new Set(['msgbatch_1']) };
    expect(await batches.find({ ...lost, itemCount: 7, ...known })).toEqual({ state: 'absent' });
  });
});

describe('where the calls of a Batch API go', () => {
  it('is nowhere else: redirects are not followed', async () => {
    const heard: Heard[] = [];
    const away = withStatus(302, '', { location: '/elsewhere' });
    const batches = await batchesFor('openai-compatible', answering(heard, away));
    await expect(batches.status('batch_1')).rejects.toMatchObject({ code: 'upstream_error' });
    expect(heard).toHaveLength(1);
  });

  it('is checked as with every call to a provider', async () => {
    const config = { name: 'p', kind: 'openai-compatible' } as const;
    expect(() => createProviderBatches({ ...config, baseUrl: 'http://10.0.0.1' })).toThrow(/private or reserved/);
    expect(() => createProviderBatches({ ...config, baseUrl: 'ftp://example.com' })).toThrow(/http\(s\) URL/);
  });

  it('is looked up for each connection, and refused where the address is', async () => {
    const asked: string[] = [];
    const lookup: LookupFunction = (hostname, _options, callback) => {
      asked.push(hostname);
      callback(Object.assign(new Error('no'), { code: FORBIDDEN_ADDRESS }), '');
    };
    for (const create of [createOpenAiBatches, createAnthropicBatches]) {
      const batches = create(
        { name: 'p', kind: 'anthropic', baseUrl: 'https://provider.test' },
        { lookup, baseDelayMs: 1 },
      );
      await expect(batches.status('batch_1')).rejects.toThrow(/PROVIDER_ALLOWED_HOSTS/);
      await batches.close();
    }
    expect(asked).toEqual(['provider.test', 'provider.test']);
  });

  it('is known for two kinds of providers', () => {
    const baseUrl = 'https://example.com';
    expect(createProviderBatches({ name: 'g', kind: 'google', baseUrl })).toBeUndefined();
    expect(createProviderBatches({ name: 'c', kind: 'cohere', baseUrl })).toBeUndefined();
  });
});
