import { readSse } from '../read-sse';
import { startMockLlm, type MockLlm } from './create-mock-llm';
import { chatBody, chatPath, postJson } from './post-json';

interface Chunk {
  id: string;
  object: string;
  choices: {
    index: number;
    delta: {
      role?: string;
      content?: string | null;
      tool_calls?: { function: { name?: string; arguments: string } }[];
    };
    finish_reason: string | null;
    logprobs: { content: { token: string }[] } | null;
  }[];
  usage?: { completion_tokens: number } | null;
  mock_echo?: unknown;
}

describe('streams of the mock LLM', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());
  beforeEach(() => mock.state.setBehaviour({}));

  const stream = async (prompt: string, fields: Record<string, unknown> = {}, headers?: Record<string, string>) => {
    const body = chatBody(prompt, { stream: true, ...fields });
    const response = await postJson(mock.url, chatPath, body, { headers });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const data: string[] = [];
    for await (const event of readSse(response)) data.push(event.data);
    expect(data.at(-1)).toBe('[DONE]');
    return data.slice(0, -1).map((text) => JSON.parse(text) as Chunk);
  };
  const textOf = (chunks: Chunk[], index = 0): string =>
    chunks
      .flatMap((chunk) => chunk.choices)
      .filter((choice) => choice.index === index)
      .map((choice) => choice.delta.content ?? '')
      .join('');

  it('sends the role, 20 content deltas, the finish and [DONE], all with one id', async () => {
    const chunks = await stream('shape');
    expect(chunks).toHaveLength(22);
    expect(chunks[0]?.choices[0]).toMatchObject({ delta: { role: 'assistant', content: '' }, finish_reason: null });
    expect(chunks.slice(1, 21).every((chunk) => chunk.choices[0]?.delta.content)).toBe(true);
    expect(chunks[21]?.choices[0]).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' });
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && !('usage' in chunk))).toBe(true);
  });

  it('sends the usage in a last chunk without choices when asked, and a null usage before', async () => {
    const chunks = await stream('usage', { stream_options: { include_usage: true } });
    const last = chunks.pop();
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.completion_tokens).toBe(Math.ceil(textOf(chunks).length / 4));
    expect(chunks.every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('streams the text that the same request gets unstreamed', async () => {
    const whole = await postJson(mock.url, chatPath, chatBody('same text'));
    const reply = (await whole.json()) as { choices: { message: { content: string } }[] };
    expect(textOf(await stream('same text'))).toBe(reply.choices[0]?.message.content);
  });

  it('streams n choices side by side', async () => {
    const chunks = await stream('two', { n: 2 });
    expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason === 'stop')).toHaveLength(2);
    expect(textOf(chunks, 0)).not.toBe(textOf(chunks, 1));
    expect(textOf(chunks, 1).length).toBeGreaterThan(100);
  });

  it('streams a tool call: its name first, then pieces of its arguments', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }];
    const chunks = await stream('call', { tools, tool_choice: 'required' });
    const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather', arguments: '' } });
    const args = calls.map((call) => call.function.arguments).join('');
    expect(JSON.parse(args)).toEqual({ city: expect.any(String) });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('honours chunks, outputTokens and max_tokens', async () => {
    const chunks = await stream('[[mock: chunks=5; outputTokens=50]]', { max_tokens: 10 });
    expect(chunks).toHaveLength(7);
    expect(textOf(chunks)).toHaveLength(40);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length');
  });

  it('gives log probabilities with each delta when asked', async () => {
    const chunks = await stream('probable', { logprobs: true });
    const tokens = chunks.flatMap((chunk) => chunk.choices[0]?.logprobs?.content.map((entry) => entry.token) ?? []);
    expect(tokens.join('')).toBe(textOf(chunks));
  });

  it('returns the received body in the first chunk only', async () => {
    const chunks = await stream('echo', { stream_options: { include_usage: true }, odd: 1 }, { 'x-mock-echo': '1' });
    expect(chunks[0]).toMatchObject({ usage: null, mock_echo: { odd: 1, stream: true } });
    expect(chunks.slice(1).every((chunk) => !('mock_echo' in chunk))).toBe(true);
  });

  it('sends a burst without an interval and spaces the chunks with one', async () => {
    const startedAtMs = performance.now();
    await stream('[[mock: chunkIntervalMs=20; chunks=6]]');
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(110);
    const response = await postJson(mock.url, chatPath, chatBody('burst', { stream: true }));
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toContain('[DONE]');
  });
});
