import OpenAI from 'openai';
import type { ChatCompletion, ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { doorsUnderTest, fresh } from './doors-under-test';

const doors = doorsUnderTest();
const client = new OpenAI({ baseURL: `${doors?.url ?? 'http://127.0.0.1'}/v1`, apiKey: 'unused', maxRetries: 0 });
const model = 'gpt-4o-mini';
const ask = (content: string) => [{ role: 'user' as const, content }];

/** A call's body as the provider received it. */
async function echoed(body: object): Promise<Record<string, unknown>> {
  const completion = await client.chat.completions.create(body as ChatCompletionCreateParamsNonStreaming);
  return (completion as ChatCompletion & { mock_echo: Record<string, unknown> }).mock_echo;
}

(doors ? describe : describe.skip)('the official openai client for Node, with another base URL', () => {
  it('gets a completion and the costs beside it', async () => {
    const { data, response } = await client.chat.completions
      .create({ model, messages: ask(fresh('Hello?')) })
      .withResponse();
    expect(data.choices[0]?.message.content).toEqual(expect.any(String));
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(Number(response.headers.get('x-cost-usd'))).toBeGreaterThan(0);
  });

  it('streams, with usage in the last chunk where it asks for it', async () => {
    const messages = ask(fresh('Stream?'));
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage?.total_tokens ?? usage;
    }
    expect(text.length).toBeGreaterThan(0);
    expect(usage).toBeGreaterThan(0);
    const whole = await client.chat.completions.create({ model, messages });
    expect(whole.choices[0]?.message.content).toBe(text);
  });

  it('streams without usage where it does not ask for it', async () => {
    const stream = await client.chat.completions.create({ model, messages: ask(fresh('Stream?')), stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every(({ usage, choices }) => !usage && choices.length > 0)).toBe(true);
  });

  it('collects a stream with its own helper', async () => {
    const runner = client.chat.completions.stream({ model, messages: ask(fresh('Helper?')) });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.content).toEqual(expect.any(String));
  });

  const tools = [
    {
      type: 'function' as const,
      function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    },
  ];

  it.each([false, true])('gets tool calls (stream: %s)', async (isStreamed) => {
    const body = { model, messages: ask(fresh('Weather?')), tools, tool_choice: 'required' as const };
    const completion = isStreamed
      ? await client.chat.completions.stream(body).finalChatCompletion()
      : await client.chat.completions.create(body);
    const call = completion.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather' } });
    if (call?.type === 'function') expect(JSON.parse(call.function.arguments)).toEqual(expect.any(Object));
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('gets several choices', async () => {
    const completion = await client.chat.completions.create({ model, messages: ask(fresh('Three?')), n: 3 });
    expect(completion.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it('has images, nested and unknown fields passed through untouched', async () => {
    const body = {
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: fresh('What is this? [[mock: echo=1]]') },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
          ],
        },
      ],
      a_field_of_tomorrow: { deep: [1, 2.5, null, 'ü'], yes: true },
      logit_bias: { '50256': -100 },
    };
    expect(await echoed(body)).toEqual(body);
  });

  it('leaves the model to the policy', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'auto', messages: ask(fresh('Auto?')) })
      .withResponse();
    expect(data.model).toEqual(expect.any(String));
    expect(response.headers.get('x-route-decision')).toMatch(/^(?:complexity|predictor):/);
  });

  it('lists models and retrieves one', async () => {
    const names: string[] = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names).toContain(model);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
  });

  it('throws its own errors, with code and field', async () => {
    const call = (body: object) => client.chat.completions.create(body as ChatCompletionCreateParamsNonStreaming);
    await expect(call({ model, messages: [] })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      code: 'invalid_request',
      param: 'messages',
    });
    await expect(call({ model: 'no-such-model', messages: ask('x') })).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: 'model_not_found',
      param: 'model',
    });
    await expect(client.models.retrieve('no-such-model')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(call({ model, messages: ask(fresh('[[mock: status=429]]')) })).rejects.toBeInstanceOf(
      OpenAI.RateLimitError,
    );
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'cl_unknown', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(client.embeddings.create({ model, input: 'x' })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});
