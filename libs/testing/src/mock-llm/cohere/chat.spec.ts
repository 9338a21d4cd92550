import { startMockLlm, type MockLlm } from '../create-mock-llm';
import { postJson } from '../post-json';

const question = { model: 'command-a-03-2025', messages: [{ role: 'user', content: 'Name a river.' }] };
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];

interface Answer {
  message?: Record<string, unknown> | string;
  finish_reason?: string;
  usage?: { cached_tokens?: number; billed_units: Record<string, number>; tokens: Record<string, number> };
  logprobs?: object[];
}

interface Event {
  type: string;
  delta?: { message?: { content?: { text?: string } }; finish_reason?: string; usage?: object };
}

describe('the mock as Cohere', () => {
  let mock: MockLlm;
  beforeEach(async () => {
    mock = await startMockLlm();
  });
  afterEach(() => mock.close());

  const ask = async (body: object, headers: Record<string, string> = {}) => {
    const response = await postJson(mock.url, '/v2/chat', body, { headers });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer };
  };

  const stream = async (body: object, headers: Record<string, string> = {}) => {
    const response = await postJson(mock.url, '/v2/chat', { ...body, stream: true }, { headers });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const blocks = (await response.text()).split('\n\n').filter((each) => each !== '');
    return blocks.map((each) => JSON.parse(each.replace(/^event: .*\ndata: /, '')) as Event);
  };

  it('answers with a message, and bills less than it saw', async () => {
    const { status, json } = await ask(question, { 'x-mock': 'outputTokens=12; promptTokens=100' });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: expect.any(String),
      message: { role: 'assistant', content: [{ type: 'text', text: expect.any(String) }] },
      finish_reason: 'COMPLETE',
      usage: {
        billed_units: { input_tokens: 100, output_tokens: 12 },
        tokens: { input_tokens: 166, output_tokens: 12 },
      },
    });
  });

  it('streams the same answer, with the usage in the last event', async () => {
    const whole = (await ask(question)).json;
    const events = await stream(question, { 'x-mock': 'chunks=3' });
    expect(events.map(({ type }) => type)).toEqual([
      'message-start',
      'content-start',
      'content-delta',
      'content-delta',
      'content-delta',
      'content-end',
      'message-end',
    ]);
    const said = events.map(({ delta }) => delta?.message?.content?.text ?? '').join('');
    expect(whole.message).toMatchObject({ content: [{ text: said }] });
    expect(events.at(-1)?.delta).toEqual({ finish_reason: 'COMPLETE', usage: whole.usage });
  });

  it('calls a tool with a plan when it must, and cuts where the limit is', async () => {
    const forced = { ...question, tools, tool_choice: 'REQUIRED' };
    expect((await ask(forced)).json).toMatchObject({
      message: { tool_plan: expect.any(String), tool_calls: [{ type: 'function', function: { name: 'look' } }] },
      finish_reason: 'TOOL_CALL',
    });
    expect((await stream(forced)).map(({ type }) => type)).toEqual([
      'message-start',
      'tool-plan-delta',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-delta',
      'tool-call-end',
      'message-end',
    ]);
    expect((await ask({ ...question, max_tokens: 3 })).json).toMatchObject({ finish_reason: 'MAX_TOKENS' });
  });

  it('thinks before it answers where the model does, unless it is told not to', async () => {
    const reasoning = { ...question, model: 'command-a-reasoning-08-2025' };
    const billed = async (body: object) => (await ask(body, { 'x-mock': 'outputTokens=5' })).json;
    expect(await billed(reasoning)).toMatchObject({
      message: { content: [{ type: 'thinking' }, { type: 'text' }] },
      usage: { billed_units: { output_tokens: 69 } },
    });
    expect(await billed({ ...reasoning, thinking: { type: 'disabled' } })).toMatchObject({
      usage: { billed_units: { output_tokens: 5 } },
    });
    expect(await billed(question)).toMatchObject({ usage: { billed_units: { output_tokens: 5 } } });
  });

  it('gives log probabilities when it is asked for them', async () => {
    expect((await ask({ ...question, logprobs: true })).json.logprobs?.[0]).toEqual({
      text: expect.any(String),
      token_ids: [expect.any(Number)],
      logprobs: [-0.1],
    });
  });

  it('finds a long prompt again in its cache, with the preamble before it', async () => {
    const long = { ...question, messages: [{ role: 'user', content: 'Rules of the house. '.repeat(400) }] };
    expect((await ask(long)).json.usage).not.toHaveProperty('cached_tokens');
    const usage = (await ask(long)).json.usage;
    expect(usage?.cached_tokens).toBeGreaterThan(1_066);
    expect(usage?.billed_units['input_tokens']).toBe((usage?.tokens['input_tokens'] ?? 0) - 66);
  });

  it.each([
    ['status=503', 503, /overloaded/],
    ['status=500', 500, /error/],
    ['errorType=invalid_api_key', 401, /invalid api token/],
    ['errorType=context_length_exceeded', 400, /too many tokens/],
    ['errorType=insufficient_quota', 402, /Maximum billing reached/],
    ['errorType=content_policy_violation', 498, /blocked/],
  ])('fails in Cohere’s words: %s', async (directive, status, message) => {
    expect(await ask(question, { 'x-mock': directive })).toMatchObject({
      status,
      json: { message: expect.stringMatching(message) },
    });
  });

  const call = { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'look' } }] };
  it.each([
    ['a field of another dialect', { ...question, top_p: 0.5 }, /unknown field 'top_p'/],
    ['a limit of none', { ...question, max_tokens: 0 }, /max_tokens/],
    ['a temperature above 1', { ...question, temperature: 1.5 }, /temperature/],
    ['no messages', { ...question, messages: [] }, /must not be empty/],
    ['an empty message', { ...question, messages: [{ role: 'user', content: '' }] }, /must not be empty/],
    ['another role', { ...question, messages: [{ role: 'developer', content: 'x' }] }, /Invalid role/],
    [
      'a late system turn',
      { ...question, messages: [...question.messages, { role: 'system', content: 'x' }] },
      /first/,
    ],
    ['a choice without tools', { ...question, tool_choice: 'REQUIRED' }, /tools/],
    ['a choice that it does not know', { ...question, tools, tool_choice: 'auto' }, /tool_choice/],
    ['JSON with tools', { ...question, tools, response_format: { type: 'json_object' } }, /response_format/],
    [
      'the result of another call',
      { ...question, messages: [...question.messages, call, { role: 'tool', tool_call_id: 'b', content: 'x' }] },
      /tool call id not found/,
    ],
  ])('refuses %s', async (_what, body, message) => {
    expect(await ask(body)).toMatchObject({ status: 400, json: { message: expect.stringMatching(message) } });
  });

  it('refuses a model that is not there', async () => {
    expect(await ask({ ...question, model: 'unknown-model-1' })).toMatchObject({
      status: 404,
      json: { message: expect.stringMatching(/^model 'unknown-model-1' not found/) },
    });
  });
});
