import OpenAI from 'openai';
import { startMockLlm, type MockLlm } from './create-mock-llm';

describe('the official OpenAI client on the mock LLM', () => {
  let mock: MockLlm;
  let client: OpenAI;

  beforeAll(async () => {
    mock = await startMockLlm();
    client = new OpenAI({ apiKey: 'any', baseURL: `${mock.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => mock.close());

  const messages = [{ role: 'user' as const, content: 'Hello from the client' }];

  it('reads an answer, a stream with usage, and gets the same text from both', async () => {
    const reply = await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
    const stream = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(reply.choices[0]?.message.content);
    expect(usage).toEqual(reply.usage);
  });

  it('assembles a streamed tool call', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const runner = client.chat.completions.stream({
      model: 'gpt-4o-mini',
      messages,
      tools: [{ type: 'function', function: { name: 'look_up', parameters } }],
      tool_choice: 'required',
    });
    const reply = await runner.finalChatCompletion();
    const call = reply.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ type: 'function', function: { name: 'look_up' } });
  });

  it('decodes embeddings, which it asks for in base64', async () => {
    const reply = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello' });
    expect(reply.data[0]?.embedding).toHaveLength(1_536);
  });

  it.each([
    ['status=429', OpenAI.RateLimitError, 'rate_limit_exceeded'],
    ['status=500', OpenAI.InternalServerError, null],
    ['errorType=invalid_api_key', OpenAI.AuthenticationError, 'invalid_api_key'],
  ])('raises its own error class for %s', async (directive, errorClass, code) => {
    const failing = [{ role: 'user' as const, content: `[[mock: ${directive}]]` }];
    const error: unknown = await client.chat.completions
      .create({ model: 'gpt-4o-mini', messages: failing })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ code, requestID: expect.stringMatching(/^req_/) });
  });

  it('lists the models', async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('gpt-4o-mini');
  });
});
