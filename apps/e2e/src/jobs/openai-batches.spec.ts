import path from 'node:path';
import { waitFor } from '@costlane/testing';
import OpenAI, { toFile } from 'openai';
import type { Batch, BatchCreateParams } from 'openai/resources/batches';
import { doorsUnderTest, fresh, newKey, type Doors } from '../doors/doors-under-test';
import { runOpenAiScript, SETUP_TIMEOUT_MS } from '../support/python-client';
import { stackUnderTest } from '../support/stack';

const doors = doorsUnderTest();
const model = 'gpt-4o-mini';
const TIMEOUT_MS = 90_000;

interface ResultLine {
  id: string;
  custom_id: string;
  response: {
    status_code: number;
    request_id: string;
    body: { choices?: { message: { content: string } }[]; error?: { code: string } };
  } | null;
  error: { code: string; message: string } | null;
}

const request = (customId: string, content: string, more: object = {}): object => ({
  custom_id: customId,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model, messages: [{ role: 'user', content }], ...more },
});

(doors ? describe : describe.skip)('batches by the official openai client for Node', () => {
  const running = doors as Doors;
  jest.setTimeout(2 * TIMEOUT_MS);
  let client: OpenAI;
  beforeAll(async () => {
    const apiKey = running.adminKey === undefined ? 'unused' : (await newKey(running)).key;
    client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey, maxRetries: 0 });
  });

  /** How the provider's batches go from now on. */
  const behave = async (behaviour: object): Promise<void> => {
    const answer = await fetch(`${running.mockUrl}/mock/batches`, { method: 'PUT', body: JSON.stringify(behaviour) });
    expect(answer.status).toBe(200);
  };
  afterEach(() => behave({}));

  const upload = (lines: readonly (object | string)[]) => {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    return toFile(Buffer.from(text), 'requests.jsonl').then((file) => client.files.create({ file, purpose: 'batch' }));
  };
  const create = async (lines: readonly (object | string)[], more: Partial<BatchCreateParams> = {}): Promise<Batch> =>
    client.batches.create({
      input_file_id: (await upload(lines)).id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      ...more,
    });
  const until = (id: string, statuses: readonly Batch['status'][]): Promise<Batch> =>
    waitFor(
      async () => {
        const batch = await client.batches.retrieve(id);
        return statuses.includes(batch.status) ? batch : undefined;
      },
      { timeoutMs: TIMEOUT_MS, intervalMs: 200 },
    );
  const resultsIn = async (fileId: string | null | undefined): Promise<ResultLine[]> => {
    const text = await (await client.files.content(fileId ?? '')).text();
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ResultLine);
  };

  it('are answered line by line, and what failed is told apart', async () => {
    const same = fresh('the same for two');
    const created = await create(
      [
        request('hello', fresh('Hello?')),
        request('twin-1', same),
        request('twin-2', same),
        request('unknown', fresh('Who?'), { model: 'no-such-model' }),
      ],
      { metadata: { run: 'end-to-end' } },
    );
    expect(created).toMatchObject({ object: 'batch', status: 'validating', metadata: { run: 'end-to-end' } });
    const batch = await until(created.id, ['completed', 'failed', 'expired']);
    expect(batch).toMatchObject({
      status: 'completed',
      completed_at: expect.any(Number),
      request_counts: { total: 4, completed: 3, failed: 1 },
    });
    const results = await resultsIn(batch.output_file_id);
    expect(results.map(({ custom_id: name }) => name).sort()).toEqual(['hello', 'twin-1', 'twin-2']);
    for (const { response, error } of results) {
      expect([response?.status_code, error]).toEqual([200, null]);
      expect(response?.body.choices?.[0]?.message.content).toMatch(/./);
    }
    const [failure] = await resultsIn(batch.error_file_id);
    expect(failure).toMatchObject({
      custom_id: 'unknown',
      response: { status_code: 404, body: { error: { code: 'model_not_found' } } },
    });
    const file = await client.files.retrieve(batch.output_file_id ?? '');
    const content = await (await client.files.content(file.id)).arrayBuffer();
    expect(file).toMatchObject({ purpose: 'batch_output', bytes: content.byteLength });
  });

  it.each<[BatchCreateParams['endpoint'], object, string]>([
    ['/v1/embeddings', { model: 'text-embedding-3-small', input: fresh('Vector?') }, 'data'],
    ['/v1/responses', { model, input: fresh('Response?') }, 'output'],
    ['/v1/completions', { model, prompt: fresh('Completion?') }, 'choices'],
  ])('are answered in the form of %s', async (endpoint, body, field) => {
    const { id } = await create([{ custom_id: 'a', method: 'POST', url: endpoint, body }], { endpoint });
    const batch = await until(id, ['completed', 'failed', 'expired']);
    const [result] = await resultsIn(batch.output_file_id);
    expect(result?.response).toMatchObject({ status_code: 200, body: { [field]: [expect.anything()] } });
    expect((batch as Batch & { cost_usd: number }).cost_usd).toBeGreaterThan(0);
  });

  it('fail with the lines that are wrong', async () => {
    const { id } = await create([request('a', 'x'), '{"custom_id":', request('a', 'y')]);
    const batch = await until(id, ['failed', 'completed']);
    expect(batch.errors?.data?.map(({ code, line }) => [code, line])).toEqual([
      ['invalid_json_line', 2],
      ['duplicate_custom_id', 3],
    ]);
    expect(batch).toMatchObject({ status: 'failed', request_counts: { total: 0 } });
  });

  it('can be cancelled while they run', async () => {
    await behave({ delayMs: 60_000 });
    const waiting = Array.from({ length: 40 }, (_, i) => request(`waits-${i}`, fresh('Wait.')));
    const { id } = await create(waiting);
    await until(id, ['in_progress']);
    expect((await client.batches.cancel(id)).status).toMatch(/^cancell(ing|ed)$/);
    const batch = await until(id, ['cancelled']);
    expect(batch).toMatchObject({ cancelling_at: expect.any(Number), cancelled_at: expect.any(Number) });
    const unanswered = await resultsIn(batch.error_file_id);
    expect(unanswered).toHaveLength(40);
    expect(new Set(unanswered.map(({ error }) => error?.code))).toEqual(new Set(['batch_cancelled']));
    await expect(client.batches.cancel(id)).resolves.toMatchObject({ status: 'cancelled' });
  });

  it('go on where the gateway dies while it reads their file', async () => {
    const stack = stackUnderTest();
    if (stack === undefined) return;
    const lines = Array.from({ length: 20_000 }, (_, i) => request(`n${i}`, `Never asked: ${i}`));
    const { id } = await create(lines);
    await stack.kill('gateway');
    const batch = await until(id, ['in_progress', 'finalizing', 'completed', 'failed']);
    expect(batch).toMatchObject({ errors: null, request_counts: { total: 20_000 } });
    await client.batches.cancel(id);
    await until(id, ['cancelled']);
  });

  it('and their files are listed, page by page, and deleted', async () => {
    const files = [await upload([request('a', 'x')]), await upload([request('b', 'y')])];
    const listed: string[] = [];
    for await (const { id } of client.files.list({ limit: 1, purpose: 'batch' })) listed.push(id);
    expect(listed).toEqual(expect.arrayContaining(files.map(({ id }) => id)));
    const batches: string[] = [];
    for await (const { id } of client.batches.list({ limit: 1 })) batches.push(id);
    expect(new Set(batches).size).toBe(batches.length);
    expect(batches.length).toBeGreaterThanOrEqual(3);
    const [file] = files;
    expect(await client.files.delete(file?.id ?? '')).toMatchObject({ deleted: true });
    await expect(client.files.retrieve(file?.id ?? '')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('are refused in the client’s own errors', async () => {
    const file = await upload([request('a', 'x')]);
    await expect(create([], {})).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(client.batches.retrieve('batch_unknown')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.files.content('file-unknown')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const wrong = { input_file_id: file.id, endpoint: '/v1/images', completion_window: '24h' } as unknown;
    await expect(client.batches.create(wrong as BatchCreateParams)).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      code: 'invalid_request',
      param: 'endpoint',
    });
    await expect(
      client.files.create({ file: await toFile(Buffer.from('{}'), 'x.jsonl'), purpose: 'fine-tune' }),
    ).rejects.toMatchObject({ constructor: OpenAI.BadRequestError, param: 'purpose' });
    if (running.adminKey === undefined) return;
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: (await newKey(running)).key, maxRetries: 0 });
    await expect(stranger.files.retrieve(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

(doors ? describe : describe.skip)('batches by the official openai client for Python', () => {
  it(
    'are handed in, waited for, read and deleted',
    async () => {
      const script = path.join(__dirname, 'openai_batches.py');
      const found = await runOpenAiScript(script, doors?.url ?? '', 2 * TIMEOUT_MS);
      if (found === undefined) return;
      expect(found).toEqual({
        kept_seconds: 7_200,
        status: 'completed',
        counts: { total: 2, completed: 2, failed: 0 },
        metadata: { run: 'python' },
        answered: ['a', 'ü'],
        error_file: null,
        failed: ['failed', 'url_mismatch', 1],
        listed: true,
        deleted: true,
        gone: 'not_found',
      });
    },
    SETUP_TIMEOUT_MS + 2 * TIMEOUT_MS,
  );
});
