import { startMockLlm, type MockLlm } from './create-mock-llm';
import { chatBody, chatPath, postJson } from './post-json';

interface ChatReply {
  id: string;
  object: string;
  model: string;
  choices: {
    index: number;
    message: { role: string; content: string | null; tool_calls?: ToolCall[] };
    logprobs: { content: { token: string }[] } | null;
    finish_reason: string;
  }[];
  usage: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details: { cached_tokens: number; cache_write_tokens?: number };
    completion_tokens_details: { reasoning_tokens: number };
  };
  service_tier: string;
  mock_echo?: unknown;
}

interface ToolCall {
  id: string;
  type: string;
  function: { name: string; arguments: string };
}

const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'kelvin'] }, days: { type: 'integer' } },
      required: ['city', 'unit'],
    },
  },
};
const timeTool = { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } };

describe('chat completions of the mock LLM', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());
  beforeEach(() => {
    mock.state.setBehaviour({});
    mock.state.resetStats();
  });

  const ask = async (body: unknown, headers?: Record<string, string>): Promise<ChatReply> => {
    const response = await postJson(mock.url, chatPath, body, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    return (await response.json()) as ChatReply;
  };
  const textOf = (reply: ChatReply): string => reply.choices[0]?.message.content ?? '';

  it("answers in OpenAI's shape, with usage that adds up", async () => {
    const reply = await ask(chatBody('What is a cache?'));
    expect(reply).toMatchObject({ object: 'chat.completion', model: 'gpt-4o-mini', service_tier: 'default' });
    expect(reply.choices).toHaveLength(1);
    expect(reply.choices[0]).toMatchObject({ index: 0, finish_reason: 'stop', logprobs: null });
    expect(reply.choices[0]?.message.role).toBe('assistant');
    // 16 characters are 4 tokens, 4 frame the message and 3 the reply.
    expect(reply.usage.prompt_tokens).toBe(11);
    expect(reply.usage.completion_tokens).toBe(Math.ceil(textOf(reply).length / 4));
    expect(reply.usage.total_tokens).toBe(reply.usage.prompt_tokens + reply.usage.completion_tokens);
  });

  it('gives the same text for the same body, another for another prompt, and a new id for each call', async () => {
    const first = await ask(chatBody('one'));
    const again = await ask(chatBody('one'));
    const other = await ask(chatBody('two'));
    expect(textOf(again)).toBe(textOf(first));
    expect(again.id).not.toBe(first.id);
    expect(textOf(other)).not.toBe(textOf(first));
  });

  it('gives n choices with different texts', async () => {
    const reply = await ask(chatBody('three, please', { n: 3 }));
    expect(reply.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(reply.choices.map((choice) => choice.message.content)).size).toBe(3);
  });

  it.each(['max_tokens', 'max_completion_tokens'])('stops at %s with finish reason length', async (field) => {
    const reply = await ask(chatBody('long', { [field]: 7 }));
    expect(reply.usage.completion_tokens).toBe(7);
    expect(reply.choices[0]?.finish_reason).toBe('length');
  });

  it('ends before the earliest stop sequence', async () => {
    const whole = textOf(await ask(chatBody('stop me')));
    const stop = whole.slice(10, 16);
    const reply = await ask(chatBody('stop me', { stop: [whole.slice(40, 50), stop] }));
    expect(textOf(reply)).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(reply.choices[0]?.finish_reason).toBe('stop');
  });

  it('calls the tool that tool_choice names, with arguments that follow its schema', async () => {
    const choice = { type: 'function', function: { name: 'get_weather' } };
    const body = chatBody('Rain?', { tools: [timeTool, weatherTool], tool_choice: choice });
    const [first, again] = [await ask(body), await ask(body)];
    const call = first.choices[0]?.message.tool_calls?.[0];
    expect(first.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    const args = JSON.parse(call?.function.arguments ?? '') as Record<string, unknown>;
    expect(args).toEqual({
      city: expect.any(String),
      unit: expect.stringMatching(/celsius|kelvin/),
      days: args['days'],
    });
    expect(Number.isInteger(args['days'])).toBe(true);
    expect(again.choices[0]?.message.tool_calls?.[0]?.function.arguments).toBe(call?.function.arguments);
  });

  it.each([
    ['is required', 'Rain?', { tool_choice: 'required' }, true],
    ['is asked for in the prompt', 'Rain? [[tool]]', {}, true],
    ['is only offered', 'Rain?', { tool_choice: 'auto' }, false],
    ['is forbidden', 'Rain? [[tool]]', { tool_choice: 'none' }, false],
  ])('calls a tool or not when one %s', async (_case, prompt, fields, isCalled) => {
    const reply = await ask(chatBody(prompt, { tools: [weatherTool], ...fields }));
    expect(reply.choices[0]?.message.tool_calls !== undefined).toBe(isCalled);
  });

  it('answers in JSON for json_object and follows the schema for json_schema', async () => {
    const anyObject = await ask(chatBody('json', { response_format: { type: 'json_object' } }));
    expect(JSON.parse(textOf(anyObject))).toMatchObject({ answer: expect.any(String) });
    const schema = {
      type: 'object',
      $defs: { step: { type: 'object', properties: { title: { type: 'string' }, done: { type: 'boolean' } } } },
      properties: { steps: { type: 'array', minItems: 2, items: { $ref: '#/$defs/step' } }, score: { type: 'number' } },
    };
    const format = { type: 'json_schema', json_schema: { name: 'plan', schema } };
    const reply = JSON.parse(textOf(await ask(chatBody('json', { response_format: format })))) as { steps: unknown[] };
    expect(reply).toMatchObject({ score: expect.any(Number) });
    expect(reply.steps).toEqual([
      { title: expect.any(String), done: expect.any(Boolean) },
      { title: expect.any(String), done: expect.any(Boolean) },
    ]);
  });

  it('answers a schema that contains itself', async () => {
    const schema = { type: 'object', properties: { child: { $ref: '#' } } };
    const format = { type: 'json_schema', json_schema: { name: 'tree', schema } };
    const reply = await ask(chatBody('tree', { response_format: format }));
    expect(JSON.parse(textOf(reply))).toHaveProperty('child.child');
  });

  it('accepts images and counts them as tokens whatever the length of their data', async () => {
    const image = (detail: string, data: string) =>
      chatBody([
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${data}`, detail } },
      ]);
    const high = await ask(image('high', 'A'.repeat(50_000)));
    const low = await ask(image('low', 'A'));
    expect(high.usage.prompt_tokens - low.usage.prompt_tokens).toBe(680);
    expect(textOf(high)).not.toBe(textOf(low));
  });

  it('gives log probabilities that spell the text when asked', async () => {
    const reply = await ask(chatBody('probable', { logprobs: true }));
    expect(reply.choices[0]?.logprobs?.content.map((entry) => entry.token).join('')).toBe(textOf(reply));
  });

  it.each([
    ['by header', 'echo', { 'x-mock-echo': '1' }],
    ['by directive', '[[mock: echo=1]]', {}],
  ])(
    'returns the received body %s, unknown fields included',
    async (_case, prompt, headers: Record<string, string>) => {
      const body = chatBody(prompt, { some_unknown_field: { deep: [1, null, 'ü'] } });
      expect((await ask(body, headers)).mock_echo).toEqual(body);
    },
  );

  it.each(['o3-mini', 'my-reasoning-model'])('reports reasoning tokens within the completion for %s', async (model) => {
    const reply = await ask(chatBody('think', { model }));
    const reasoning = reply.usage.completion_tokens_details.reasoning_tokens;
    expect(reasoning).toBeGreaterThan(0);
    expect(reply.usage.completion_tokens).toBe(reasoning + Math.ceil(textOf(reply).length / 4));
    expect((await ask(chatBody('think'))).usage.completion_tokens_details.reasoning_tokens).toBe(0);
  });

  it('leaves no room for text when reasoning uses up the token limit', async () => {
    const reply = await ask(chatBody('think', { model: 'o3-mini', max_completion_tokens: 10 }));
    expect(reply.usage).toMatchObject({ completion_tokens: 10, completion_tokens_details: { reasoning_tokens: 10 } });
    expect(reply.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
  });

  it('reports a prefix of 1,024 tokens or more as cached once it was seen, in steps of 128', async () => {
    const prefix = 'All work and no play makes Jack a dull boy. '.repeat(200);
    const first = await ask(chatBody(`${prefix}first question`));
    const second = await ask(chatBody(`${prefix}second question`));
    expect(first.usage.prompt_tokens_details.cached_tokens).toBe(0);
    expect(second.usage.prompt_tokens_details.cached_tokens).toBe(Math.floor(prefix.length / 512) * 128);
    const otherModel = await ask(chatBody(`${prefix}second question`, { model: 'gpt-4.1' }));
    expect(otherModel.usage.prompt_tokens_details.cached_tokens).toBe(0);
  });

  it('does not cache a short prompt', async () => {
    const body = chatBody('x'.repeat(4_000));
    await ask(body);
    expect((await ask(body)).usage.prompt_tokens_details.cached_tokens).toBe(0);
  });

  it('takes the token counts and the tier that a directive gives', async () => {
    const directive =
      '[[mock: promptTokens=2000; cachedTokens=1024; cacheWriteTokens=128; outputTokens=33; reasoningTokens=5; serviceTier=flex]]';
    const reply = await ask(chatBody(directive));
    expect(reply.service_tier).toBe('flex');
    expect(reply.usage).toMatchObject({
      prompt_tokens: 2_000,
      completion_tokens: 38,
      prompt_tokens_details: { cached_tokens: 1_024, cache_write_tokens: 128 },
      completion_tokens_details: { reasoning_tokens: 5 },
    });
    expect(textOf(reply)).toHaveLength(33 * 4);
  });
});

describe('refusals of the mock LLM', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());

  it.each([
    ['an unknown model', chatBody('x', { model: 'unknown-model' }), 404, { code: 'model_not_found' }],
    ['a missing model', { messages: [{ role: 'user', content: 'x' }] }, 400, { param: 'model' }],
    ['missing messages', { model: 'gpt-4o' }, 400, { param: 'messages' }],
    ['messages of a wrong type', { model: 'gpt-4o', messages: 'hello' }, 400, { param: 'messages' }],
    ['no message at all', { model: 'gpt-4o', messages: [] }, 400, { param: 'messages' }],
    ['a message without a role', { model: 'gpt-4o', messages: [{}] }, 400, { param: 'messages[0].role' }],
    ['n of 0', chatBody('x', { n: 0 }), 400, { param: 'n' }],
    ['a negative limit', chatBody('x', { max_tokens: -1 }), 400, { param: 'max_tokens' }],
    ['malformed JSON', '{"model": ', 400, { param: null }],
    ['JSON that is no object', '[]', 400, { param: null }],
    ['a directive with a wrong value', chatBody('[[mock: latencyMs=soon]]'), 400, { code: 'invalid_mock_directive' }],
  ])('answers %s with an error in OpenAI’s shape', async (_case, body, status, error) => {
    const response = await postJson(mock.url, chatPath, body);
    expect(response.status).toBe(status);
    const reply = (await response.json()) as { error: Record<string, unknown> };
    expect(reply.error).toMatchObject({ message: expect.any(String), type: 'invalid_request_error', ...error });
  });

  it('answers a body too deep to be written out with 500 and goes on', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const response = await postJson(mock.url, chatPath, `{"model":"m","messages":[{"role":"user"}],"tools":[${deep}]}`);
    expect(response.status).toBe(500);
    expect((await postJson(mock.url, chatPath, chatBody('still there?'))).status).toBe(200);
  });

  it('refuses unknown paths and wrong methods', async () => {
    expect((await fetch(`${mock.url}/v1/nothing`)).status).toBe(404);
    expect((await fetch(mock.url + chatPath)).status).toBe(405);
  });
});
