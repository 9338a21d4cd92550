import { readSse } from '../read-sse';
import { startMockLlm, type MockLlm } from './create-mock-llm';
import { embedText } from './embedding';
import { postJson } from './post-json';

interface CompletionReply {
  object: string;
  choices: { index: number; text: string; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

interface EmbeddingReply {
  data: { object: string; index: number; embedding: number[] }[];
  usage: { prompt_tokens: number; total_tokens: number };
}

const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('other endpoints of the mock LLM', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm({ models: ['m-1', 'org/m-2'] });
  });
  afterAll(() => mock.close());

  it('lists its models, gives one by name, and knows when it has none of that name', async () => {
    const list = (await (await fetch(`${mock.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(list).toMatchObject({ object: 'list', data: [{ id: 'm-1', object: 'model' }, { id: 'org/m-2' }] });
    expect((await fetch(`${mock.url}/v1/models/org%2Fm-2`)).status).toBe(200);
    expect((await fetch(`${mock.url}/v1/models/%`)).status).toBe(404);
  });

  it('says that it is healthy', async () => {
    expect(await (await fetch(`${mock.url}/health`)).json()).toEqual({ status: 'ok' });
  });

  it('completes one prompt or several, honouring n, stop and max_tokens', async () => {
    const ask = async (fields: Record<string, unknown>) =>
      (await (await postJson(mock.url, '/v1/completions', { model: 'm-1', ...fields })).json()) as CompletionReply;
    const one = await ask({ prompt: 'Once upon a time', max_tokens: 6 });
    expect(one).toMatchObject({ object: 'text_completion', usage: { prompt_tokens: 4, completion_tokens: 6 } });
    expect(one.choices).toEqual([{ index: 0, text: expect.any(String), logprobs: null, finish_reason: 'length' }]);
    const four = await ask({ prompt: ['a', 'b'], n: 2 });
    expect(four.choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3]);
    expect(new Set(four.choices.map((choice) => choice.text)).size).toBe(4);
    expect((await ask({ prompt: [[1, 2, 3]], stop: 'e' })).choices[0]?.text).not.toContain('e');
  });

  it('streams a completion with usage, and returns the received body in the finishing chunk', async () => {
    const body = { model: 'm-1', prompt: 'Tell [[mock: chunks=4; echo=1]]', stream: true };
    const usage = { stream_options: { include_usage: true } };
    const response = await postJson(mock.url, '/v1/completions', { ...body, ...usage });
    const data: string[] = [];
    for await (const event of readSse(response)) data.push(event.data);
    expect(data.pop()).toBe('[DONE]');
    const chunks = data.map((text) => JSON.parse(text) as CompletionReply);
    expect(chunks).toHaveLength(6);
    expect(chunks[4]).toMatchObject({ choices: [{ finish_reason: 'stop', text: '' }], mock_echo: body });
    expect(chunks[5]).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
  });

  it('refuses a completion without a prompt', async () => {
    expect((await postJson(mock.url, '/v1/completions', { model: 'm-1' })).status).toBe(400);
  });

  it('embeds texts as unit vectors of the wished size, equal for equal texts', async () => {
    const body = { model: 'text-embedding-3-small', input: ['hello world', 'hello world', 'other'], dimensions: 256 };
    const reply = (await (await postJson(mock.url, '/v1/embeddings', body)).json()) as EmbeddingReply;
    const [first, second, third] = reply.data.map((entry) => entry.embedding);
    expect(first).toHaveLength(256);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5);
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
    expect(reply.usage).toEqual({ prompt_tokens: 8, total_tokens: 8 });
  });

  it('encodes the same vector in base64 when asked, with the usual size of the model', async () => {
    const body = { model: 'text-embedding-3-large', input: 'hello', encoding_format: 'base64' };
    const response = await postJson(mock.url, '/v1/embeddings', body);
    const reply = (await response.json()) as { data: { embedding: string }[] };
    const bytes = Buffer.from(reply.data[0]?.embedding ?? '', 'base64');
    const vector = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(vector).toEqual(embedText('hello', 3_072));
  });

  it('places texts that share words closer together than texts that share none', () => {
    const base = embedText('how do I reset my password', 1_536);
    const near = embedText('how can I reset my password', 1_536);
    const far = embedText('weather forecast for tomorrow', 1_536);
    expect(cosine(base, near)).toBeGreaterThan(0.7);
    expect(Math.abs(cosine(base, far))).toBeLessThan(0.3);
  });

  it.each([
    ['no input', {}, 'input'],
    ['dimensions of 0', { input: 'x', dimensions: 0 }, 'dimensions'],
    ['an unknown encoding', { input: 'x', encoding_format: 'hex' }, 'encoding_format'],
  ])('refuses an embedding request with %s', async (_case, fields, param) => {
    const response = await postJson(mock.url, '/v1/embeddings', { model: 'm-1', ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param, type: 'invalid_request_error' } });
  });
});
