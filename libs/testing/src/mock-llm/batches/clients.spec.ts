import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { toFile } from 'openai';
import { startMockLlm, type MockLlm } from '../create-mock-llm';

describe('batches of the mock, with clients of the providers', () => {
  let mock: MockLlm;
  let openAi: OpenAI;
  let anthropic: Anthropic;

  beforeAll(async () => {
    mock = await startMockLlm();
    openAi = new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'sk-test', maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: mock.url, apiKey: 'sk-ant-test', maxRetries: 0 });
  });
  afterEach(() => mock.state.batches.setBehaviour({}));
  afterAll(() => mock.close());

  const lineOf = (customId: string, content: string): string =>
    JSON.stringify({
      custom_id: customId,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content }] },
    });

  async function batchOf(...lines: string[]): Promise<OpenAI.Batch> {
    const file = await openAi.files.create({
      file: await toFile(Buffer.from(lines.join('\n')), 'in.jsonl'),
      purpose: 'batch',
    });
    const { id } = await openAi.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { name: 'spec' },
    });
    return openAi.batches.retrieve(id);
  }

  const linesOf = async (fileId: string | undefined): Promise<Record<string, unknown>[]> => {
    const text = await (await openAi.files.content(fileId ?? '')).text();
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it("gives OpenAI's client its answers in one file and its errors in another", async () => {
    const batch = await batchOf(lineOf('good', 'Name a river.'), lineOf('bad', '[[mock: status=429]]'));
    expect(batch).toMatchObject({ status: 'completed', metadata: { name: 'spec' } });
    expect(batch.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    expect(await linesOf(batch.output_file_id)).toMatchObject([
      { custom_id: 'good', response: { status_code: 200 }, error: null },
    ]);
    expect(await linesOf(batch.error_file_id)).toMatchObject([{ custom_id: 'bad', response: { status_code: 429 } }]);
    const listed = await openAi.batches.list({ limit: 1 });
    expect(listed.data.map(({ id }) => id)).toEqual([batch.id]);
  });

  it.each([
    ['duplicate_custom_id', [lineOf('a', 'x'), lineOf('a', 'y')], 2],
    ['invalid_json_line', [lineOf('a', 'x'), '{'], 2],
    ['model_mismatch', [lineOf('a', 'x'), lineOf('b', 'y').replace('gpt-4o-mini', 'gpt-4o')], 2],
    ['url_mismatch', [lineOf('a', 'x').replace('/v1/chat/completions', '/v1/embeddings')], 1],
  ])('turns a file down as a whole after it has made a batch of it: %s', async (code, lines, line) => {
    const batch = await batchOf(...lines);
    expect(batch).toMatchObject({ status: 'failed', errors: { data: [{ code, line }] } });
  });

  it("gives Anthropic's client its results in another order", async () => {
    const params = (content: string) => ({
      model: 'claude-opus-4-8',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content }],
    });
    const made = await anthropic.messages.batches.create({
      requests: [
        { custom_id: 'good', params: params('Name a river.') },
        { custom_id: 'bad', params: params('[[mock: status=529]]') },
      ],
    });
    expect(made).toMatchObject({ processing_status: 'in_progress', request_counts: { processing: 2 } });
    expect(await anthropic.messages.batches.retrieve(made.id)).toMatchObject({
      processing_status: 'ended',
      request_counts: { succeeded: 1, errored: 1 },
    });
    const results = [];
    for await (const result of await anthropic.messages.batches.results(made.id)) results.push(result);
    expect(results).toMatchObject([
      { custom_id: 'bad', result: { type: 'errored', error: { error: { type: 'overloaded_error' } } } },
      { custom_id: 'good', result: { type: 'succeeded', message: { usage: { service_tier: 'batch' } } } },
    ]);
  });

  it('cancels and expires as it is told', async () => {
    mock.state.batches.setBehaviour({ delayMs: 60_000, answered: 1 });
    const params = { model: 'claude-opus-4-8', max_tokens: 9, messages: [{ role: 'user' as const, content: 'x' }] };
    const requests = ['a', 'b'].map((customId) => ({ custom_id: customId, params }));
    const { id } = await anthropic.messages.batches.create({ requests });
    expect(await anthropic.messages.batches.cancel(id)).toMatchObject({ processing_status: 'canceling' });
    expect((await anthropic.messages.batches.retrieve(id)).request_counts).toMatchObject({ succeeded: 1, canceled: 1 });
    mock.state.batches.setBehaviour({ endsAs: 'expired', answered: 1 });
    const expired = await batchOf(lineOf('a', 'x'), lineOf('b', 'y'));
    expect(expired.status).toBe('expired');
    expect(await linesOf(expired.error_file_id)).toMatchObject([{ custom_id: 'b', error: { code: 'batch_expired' } }]);
  });

  it('takes its behaviour over HTTP as well, and says what it does not know', async () => {
    const put = (body: unknown) =>
      fetch(`${mock.url}/mock/batches`, { method: 'PUT', body: JSON.stringify(body) }).then(async (answer) => ({
        status: answer.status,
        text: await answer.text(),
      }));
    expect(await put({ delayMs: 5, endsAs: 'expired' })).toMatchObject({ status: 200 });
    expect(mock.state.batches.getBehaviour()).toEqual({ delayMs: 5, endsAs: 'expired' });
    for (const wrong of [{ delay: 5 }, { delayMs: -1 }, { endsAs: 'never' }, { isInOrder: 1 }, []]) {
      expect(await put(wrong)).toMatchObject({ status: 400 });
    }
    expect((await fetch(`${mock.url}/mock/batches`, { method: 'DELETE' })).status).toBe(200);
    expect(mock.state.batches.getBehaviour()).toEqual({});
  });
});
