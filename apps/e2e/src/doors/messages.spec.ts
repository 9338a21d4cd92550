import Anthropic from '@anthropic-ai/sdk';
import type {
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages';
import { waitFor } from '@costlane/testing';
import { doorsUnderTest, fresh, mockStats, newKey, post } from './doors-under-test';

const doors = doorsUnderTest();
const baseURL = doors?.url ?? 'http://127.0.0.1';
const client = new Anthropic({ baseURL, apiKey: 'unused', maxRetries: 0 });
const ask = (content: string): MessageParam[] => [{ role: 'user', content }];
const textOf = ({ content }: Message): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

const tools: Tool[] = [
  { name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
];
const image = {
  type: 'image' as const,
  source: { type: 'base64' as const, media_type: 'image/png' as const, data: 'iVBORw0KGgo=' },
};

/** A request as the provider received it. */
async function echoed(body: MessageCreateParamsNonStreaming): Promise<Record<string, unknown>> {
  const message = (await client.messages.create(body)) as Message & { mock_echo?: Record<string, unknown> };
  return message.mock_echo ?? {};
}

(doors ? describe : describe.skip).each([
  ['which gets it as it is', 'claude-haiku-4-5', 'anthropic'],
  ['for which it is translated', 'gpt-4o-mini', 'mock'],
])('the official Anthropic client, with a model %s', (_what, model, provider) => {
  const base = { model, max_tokens: 300 };
  /** A model that fails and fails is given a rest, which would be in the way of the tests that follow. */
  const answersWell = async (): Promise<void> => {
    expect(await client.messages.create({ ...base, messages: ask(fresh('And now?')) })).toMatchObject({
      type: 'message',
    });
  };

  it('gets a message, the costs beside it, and the second time out of the cache', async () => {
    const request = { ...base, system: 'Be brief.', messages: ask(fresh('Hello?')) };
    const { data, response, request_id: requestId } = await client.messages.create(request).withResponse();
    expect(data).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(textOf(data).length).toBeGreaterThan(0);
    expect(data.usage.input_tokens).toBeGreaterThan(0);
    expect(data.usage.output_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-provider')).toBe(provider);
    expect(Number(response.headers.get('x-cost-usd'))).toBeGreaterThan(0);
    expect(requestId).toBe(response.headers.get('x-request-id'));
    const again = await client.messages.create(request).withResponse();
    expect(again.response.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
    expect(textOf(again.data)).toBe(textOf(data));
  });

  it('streams, with its helper and without, and a stream that is kept serves a whole answer', async () => {
    const request = { ...base, messages: ask(fresh('Stream?')) };
    const types: string[] = [];
    let told: object | undefined;
    for await (const event of await client.messages.create({ ...request, stream: true })) {
      types.push(event.type);
      if (event.type === 'message_stop') told = event;
    }
    expect([types[0], types.at(-2), types.at(-1)]).toEqual(['message_start', 'message_delta', 'message_stop']);
    expect(told).toMatchObject({
      costlane: { cache: 'miss', cost_usd: expect.stringMatching(/^0\.0*[1-9]/) as string },
    });
    const whole = await client.messages.create(request);
    const stream = client.messages.stream(request);
    let text = '';
    stream.on('text', (piece) => (text += piece));
    const final = await stream.finalMessage();
    expect(text).toBe(textOf(final));
    expect(textOf(final)).toBe(textOf(whole));
    expect(final.usage).toMatchObject({
      output_tokens: whole.usage.output_tokens,
      input_tokens: whole.usage.input_tokens,
    });
    expect(final.stop_reason).toBe('end_turn');
  });

  it.each([false, true])('calls a tool and goes on with its result (stream: %s)', async (isStreamed) => {
    const question: MessageParam = { role: 'user', content: fresh('Weather?') };
    const first = { ...base, tools, tool_choice: { type: 'any' as const }, messages: [question] };
    const called = isStreamed
      ? await client.messages.stream(first).finalMessage()
      : await client.messages.create(first);
    expect(called.stop_reason).toBe('tool_use');
    const call = called.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'weather', input: { city: expect.any(String) as string } });
    const result = {
      type: 'tool_result' as const,
      tool_use_id: call?.id ?? '',
      content: [{ type: 'text' as const, text: 'Rain.' }],
    };
    const messages: MessageParam[] = [
      question,
      { role: 'assistant', content: called.content },
      { role: 'user', content: [result] },
    ];
    expect(await client.messages.create({ ...base, tools, messages })).toMatchObject({ stop_reason: 'end_turn' });
  });

  it('shows images', async () => {
    const content = [image, { type: 'text' as const, text: fresh('What is this?') }];
    const message = await client.messages.create({ ...base, messages: [{ role: 'user', content }] });
    expect(textOf(message).length).toBeGreaterThan(0);
    // About what an image comes to, which its few bytes would not.
    expect(message.usage.input_tokens).toBeGreaterThan(700);
  });

  it('is held to a schema', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const message = await client.messages.create({
      ...base,
      output_config: { format: { type: 'json_schema', schema } },
      messages: ask(fresh('A city?')),
    });
    expect(JSON.parse(textOf(message))).toEqual({ city: expect.any(String) as string });
  });

  it('is told within a stream that the answer broke off', async () => {
    const messages = ask(fresh('Cut? [[mock: chunks=40; chunkIntervalMs=5; cutAfter=10]]'));
    const stream = client.messages.stream({ ...base, messages });
    let text = '';
    stream.on('text', (piece) => (text += piece));
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'api_error' });
    expect(text.length).toBeGreaterThan(0);
    await answersWell();
  });

  it('throws its own errors', async () => {
    const request = { ...base, messages: ask(fresh('x')) };
    const wrong = { ...request, max_tokens: 'many' } as unknown as MessageCreateParamsNonStreaming;
    await expect(client.messages.create(wrong)).rejects.toMatchObject({
      constructor: Anthropic.BadRequestError,
      type: 'invalid_request_error',
    });
    const failing = (directive: string) =>
      client.messages.create({ ...base, messages: ask(fresh(`[[mock: ${directive}]]`)) });
    await expect(failing('status=429')).rejects.toMatchObject({
      constructor: Anthropic.RateLimitError,
      type: 'rate_limit_error',
    });
    await expect(failing('status=500')).rejects.toMatchObject({ status: 500, type: 'api_error' });
    await answersWell();
    await expect(failing('status=529')).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
    await answersWell();
    await expect(failing('errorType=context_length_exceeded')).rejects.toMatchObject({
      constructor: Anthropic.BadRequestError,
      type: 'invalid_request_error',
    });
  });
});

(doors ? describe : describe.skip)('the official Anthropic client', () => {
  it('has a request for Claude passed through untouched', async () => {
    const request = {
      model: 'claude-haiku-4-5',
      max_tokens: 300,
      system: [{ type: 'text' as const, text: 'Rules.', cache_control: { type: 'ephemeral' as const } }],
      metadata: { user_id: 'u1' },
      top_k: 5,
      service_tier: 'auto' as const,
      stop_sequences: ['END'],
      messages: [
        {
          role: 'user' as const,
          content: [image, { type: 'text' as const, text: fresh('What is this? [[mock: echo=1]]') }],
        },
      ],
    };
    expect(await echoed(request)).toEqual(request);
  });

  it('thinks with Claude, streamed and from the cache', async () => {
    const request = {
      model: 'claude-haiku-4-5',
      max_tokens: 3_000,
      thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
      messages: ask(fresh('Think?')),
    };
    const streamed = await client.messages.stream(request).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/./) as string });
    const { data, response } = await client.messages.create(request).withResponse();
    expect(response.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
    expect(data.content).toEqual(streamed.content);
  });

  it('leaves the model to the policy, and shares answers with chat clients', async () => {
    const content = fresh('Auto?');
    const { data, response } = await client.messages
      .create({ model: 'auto', max_tokens: 50, messages: ask(content) })
      .withResponse();
    expect(data.model).toEqual(expect.any(String));
    expect(response.headers.get('x-route-decision')).toEqual(expect.any(String));
    const named = { model: 'gpt-4o-mini', max_tokens: 300, messages: [{ role: 'user', content: fresh('Shared?') }] };
    await client.messages.create(named as MessageCreateParamsNonStreaming);
    const chat = await fetch(`${baseURL}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(named),
    });
    expect(chat.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
  });

  it('counts tokens, by an estimate', async () => {
    const { data, response } = await client.messages
      .countTokens({ model: 'claude-haiku-4-5', messages: ask('How many tokens are these?') })
      .withResponse();
    expect(data.input_tokens).toBeGreaterThan(3);
    expect(response.headers.get('x-costlane-estimated')).toBe('true');
  });

  it('is told who may not ask, what is not there, and what is not passed on', async () => {
    const request = { model: 'claude-haiku-4-5', max_tokens: 5, messages: ask('x') };
    const stranger = new Anthropic({ baseURL, apiKey: 'cl_unknown', maxRetries: 0 });
    await expect(stranger.messages.create(request)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    const known = doors?.adminKey ? (await newKey(doors)).key : 'unused';
    const member = new Anthropic({ baseURL, apiKey: known, maxRetries: 0 });
    expect(await member.messages.create(request)).toMatchObject({ type: 'message' });
    const byHeader = await post(`${baseURL}/v1/messages`, request, { 'x-api-key': known });
    expect(byHeader.status).toBe(200);
    const unknown = client.messages.create({ ...request, model: 'no-such-model' });
    await expect(unknown).rejects.toMatchObject({ constructor: Anthropic.NotFoundError, type: 'not_found_error' });
    const document = {
      type: 'document' as const,
      source: { type: 'base64' as const, media_type: 'application/pdf' as const, data: 'AAAA' },
    };
    const pdf = client.messages.create({
      ...request,
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: [document] }],
    });
    await expect(pdf).rejects.toThrow(/messages\[0\]\.content\[0\].*Claude models only/);
    await expect(client.beta.messages.create({ ...request, betas: ['files-api-2025-04-14'] })).rejects.toThrow(
      /files-api/,
    );
  });

  it('has its call ended when it leaves', async () => {
    const aborts = async (): Promise<number> => (doors ? (await mockStats(doors)).abortedByClient : 0);
    const before = await aborts();
    const stream = client.messages.stream({
      model: 'claude-haiku-4-5',
      max_tokens: 300,
      messages: ask(fresh('Slow? [[mock: chunks=200; chunkIntervalMs=50]]')),
    });
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await waitFor(async () => (await aborts()) > before);
  });
});
