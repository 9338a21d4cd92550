import OpenAI from 'openai';
import { doorsUnderTest, fresh } from './doors-under-test';

const doors = doorsUnderTest();
const client = new OpenAI({ baseURL: `${doors?.url ?? 'http://127.0.0.1'}/v1`, apiKey: 'unused', maxRetries: 0 });
const model = 'text-embedding-3-small';

const cosine = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

(doors ? describe : describe.skip)('the official openai client’s embeddings', () => {
  it('come with their costs, at the price of input', async () => {
    const { data, response } = await client.embeddings.create({ model, input: fresh('A river.') }).withResponse();
    expect(data.data[0]?.embedding).toHaveLength(1_536);
    expect(data.usage.prompt_tokens).toBeGreaterThan(0);
    // $0.02 a million: 20 nano-dollars a token.
    const costNanoUsd = Math.round(Number(response.headers.get('x-cost-usd')) * 1e9);
    expect(costNanoUsd).toBe(data.usage.prompt_tokens * 20);
  });

  it('are of each text, in its order and of the asked size', async () => {
    const input = [fresh('A river flows.'), 'A river flows.', 'Money is spent.'];
    const { data } = await client.embeddings.create({ model, input, dimensions: 256 });
    const [first = [], second = [], third = []] = data.map(({ embedding }) => embedding);
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(first).toHaveLength(256);
    expect(cosine(first, second)).toBeGreaterThan(cosine(first, third));
  });

  it('take tokens, and give numbers or base64', async () => {
    const input = [[1, 2, Math.floor(Math.random() * 1e9)]];
    const floats = await client.embeddings.create({ model, input, encoding_format: 'float' });
    const usual = await client.embeddings.create({ model, input });
    const [wanted = [], got = []] = [floats, usual].map(({ data }) => data[0]?.embedding);
    expect(got).toHaveLength(wanted.length);
    got.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 6));
  });

  it('are given again to the very same request, and to no other', async () => {
    const input = fresh('Again.');
    const ask = (text: string) => client.embeddings.create({ model, input: text }).withResponse();
    const first = await ask(input);
    const again = await ask(input);
    expect(again.response.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
    expect(again.data.data).toEqual(first.data.data);
    expect((await ask(`${input} `)).response.headers.get('x-cache')).toBe('miss');
  });

  it('fail with its own errors', async () => {
    const ask = (body: { model: string; input: string }) => client.embeddings.create(body);
    await expect(ask({ model: 'gpt-4o-mini', input: 'x' })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      param: 'model',
    });
    await expect(ask({ model: 'no-such-model', input: 'x' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(ask({ model, input: '' })).rejects.toMatchObject({ param: 'input' });
    await expect(ask({ model, input: fresh('[[mock: status=429]]') })).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });
});

(doors ? describe : describe.skip)('the official openai client’s old completions', () => {
  const chatModel = 'gpt-4o-mini';

  it('are answered by a chat model, with their own default limit', async () => {
    const { data, response } = await client.completions
      .create({ model: chatModel, prompt: fresh('Once upon a time') })
      .withResponse();
    expect(data).toMatchObject({ object: 'text_completion', choices: [{ index: 0, logprobs: null }] });
    expect(data.usage?.completion_tokens).toBeLessThanOrEqual(16);
    expect(Number(response.headers.get('x-cost-usd'))).toBeGreaterThan(0);
  });

  it('stream what they would have been', async () => {
    const params = { model: chatModel, prompt: fresh('Once upon a time'), max_tokens: 2_000 };
    const stream = await client.completions.create({
      ...params,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? '';
      usage = chunk.usage?.total_tokens ?? usage;
    }
    expect(usage).toBeGreaterThan(0);
    const { data, response } = await client.completions.create(params).withResponse();
    expect(data.choices[0]?.text).toBe(text);
    expect(response.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
  });

  it('refuse what a chat model cannot do', async () => {
    const call = client.completions.create({ model: chatModel, prompt: ['a', 'b'] });
    await expect(call).rejects.toMatchObject({ constructor: OpenAI.BadRequestError, param: 'prompt' });
  });
});
