import { startMockLlm, type MockLlm } from '../create-mock-llm';
import { postJson } from '../post-json';

const question = { model: 'claude-x', max_tokens: 1_000, messages: [{ role: 'user', content: 'Name a river.' }] };
const rules = 'Rules of the house. '.repeat(400);
const cached = { type: 'ephemeral' };

describe('the mock as Anthropic', () => {
  let mock: MockLlm;
  beforeEach(async () => {
    mock = await startMockLlm();
  });
  afterEach(() => mock.close());

  const send = (body: unknown, headers: Record<string, string> = {}) =>
    postJson(mock.url, '/v1/messages', body, { headers });
  const ask = async (body: unknown, headers?: Record<string, string>) => {
    const response = await send(body, headers);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const usageOf = async (body: unknown) => (await ask(body)).json['usage'];

  it('answers with a message', async () => {
    const { status, json } = await ask(question, { 'x-mock': 'outputTokens=12; promptTokens=100' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [{ type: 'text', text: expect.any(String) }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 100,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 12,
        service_tier: 'standard',
      },
    });
  });

  it('streams the same answer in Anthropic’s events, with totals in the last but one', async () => {
    const whole = (await ask(question)).json as { content: { text: string }[]; usage: Record<string, number> };
    const response = await send({ ...question, stream: true }, { 'x-mock': 'chunks=3' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = (await response.text())
      .split('\n\n')
      .filter((each) => each !== '')
      .map((each) => {
        const [name, data] = each.split('\n');
        return { name: name?.replace('event: ', ''), data: JSON.parse(data?.replace('data: ', '') ?? '') as Event };
      });
    expect(events.map(({ name }) => name)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      ...Array.from({ length: 3 }, () => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events.every(({ name, data }) => data.type === name)).toBe(true);
    expect(events.map(({ data }) => data.delta?.text ?? '').join('')).toBe(whole.content[0]?.text);
    expect(events[0]?.data.message?.usage).toMatchObject({
      input_tokens: whole.usage['input_tokens'],
      output_tokens: 1,
    });
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: whole.usage['output_tokens'] },
    });
  });

  it.each([
    ['max_tokens', 'max_tokens', { max_tokens: 3 }],
    ['a stop sequence', 'stop_sequence', { stop_sequences: ['a', 'e'] }],
    [
      'a call',
      'tool_use',
      { tools: [{ name: 'look', input_schema: { type: 'object' } }], tool_choice: { type: 'tool', name: 'look' } },
    ],
  ])('ends by %s', async (_what, reason, more) => {
    expect((await ask({ ...question, ...more })).json).toMatchObject({ stop_reason: reason });
  });

  it('thinks when it is told to, and counts that as output', async () => {
    const { json } = await ask(
      { ...question, thinking: { type: 'adaptive' } },
      { 'x-mock': 'reasoningTokens=30; outputTokens=5' },
    );
    expect(json).toMatchObject({
      content: [{ type: 'thinking', signature: expect.any(String) }, { type: 'text' }],
      usage: { output_tokens: 35, output_tokens_details: { thinking_tokens: 30 } },
    });
  });

  it.each([
    ['status=529', 529, 'overloaded_error'],
    ['status=500', 500, 'api_error'],
    ['errorType=rate_limit_exceeded; retryAfter=2', 429, 'rate_limit_error'],
    ['errorType=invalid_api_key', 401, 'authentication_error'],
    ['errorType=context_length_exceeded', 400, 'invalid_request_error'],
  ])('fails in Anthropic’s words: %s', async (directive, status, type) => {
    const answer = await ask(question, { 'x-mock': directive });
    expect(answer).toMatchObject({ status, json: { type: 'error', error: { type } } });
  });

  it('names a limit of spending where Anthropic does', async () => {
    expect(await ask(question, { 'x-mock': 'errorType=insufficient_quota' })).toMatchObject({
      status: 429,
      json: { error: { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } } },
    });
  });

  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'look', input: {} }] };
  it.each([
    ['a field that it does not know', { logprobs: true }, /^logprobs: Extra inputs/],
    ['no limit', { max_tokens: undefined }, /^max_tokens: Field required/],
    ['a temperature above 1', { temperature: 1.2 }, /^temperature: /],
    ['no messages', { messages: [] }, /at least one message/],
    ['a system prompt among the messages', { messages: [{ role: 'system', content: 'x' }] }, /^messages\.0\.role/],
    ['an empty text', { messages: [{ role: 'user', content: '' }] }, /must be non-empty/],
    ['a call without its result', { messages: [...question.messages, call, ...question.messages] }, /tool_use.*t1/],
    ['a model that is not there', { model: 'unknown-model-1' }, /^model: unknown-model-1/],
  ])('refuses %s', async (_what, more, message) => {
    const { status, json } = await ask({ ...question, ...more });
    expect([400, 404]).toContain(status);
    expect(json).toMatchObject({ type: 'error', error: { message: expect.stringMatching(message) } });
  });

  it('caches what is marked, for five minutes or an hour, and reads it where it is marked again', async () => {
    const marked = (control: object, text: string) => ({
      ...question,
      system: [{ type: 'text', text: rules, cache_control: control }],
      messages: [{ role: 'user', content: text }],
    });
    expect(await usageOf({ ...question, system: rules })).toMatchObject({ cache_creation_input_tokens: 0 });
    const hour = { ...cached, ttl: '1h' };
    const written = (await usageOf(marked(hour, 'one'))) as { cache_creation_input_tokens: number };
    expect(written).toMatchObject({
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: written.cache_creation_input_tokens },
    });
    expect(written.cache_creation_input_tokens).toBeGreaterThan(1_900);
    expect(await usageOf(marked(cached, 'two'))).toMatchObject({
      cache_read_input_tokens: written.cache_creation_input_tokens,
      cache_creation_input_tokens: 0,
    });
    expect(await usageOf({ ...question, system: rules })).toMatchObject({ cache_read_input_tokens: 0 });
  });

  it('forgets its cache with its statistics', async () => {
    const body = { ...question, system: [{ type: 'text', text: rules, cache_control: cached }] };
    await usageOf(body);
    mock.state.resetStats();
    expect(await usageOf(body)).toMatchObject({ cache_read_input_tokens: 0 });
  });
});

interface Event {
  type: string;
  message?: { usage: object };
  delta?: { text?: string };
}
