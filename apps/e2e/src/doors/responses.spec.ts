import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { Response, ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses';
import { z } from 'zod';
import { doorsUnderTest, fresh } from './doors-under-test';

const doors = doorsUnderTest();
const client = new OpenAI({ baseURL: `${doors?.url ?? 'http://127.0.0.1'}/v1`, apiKey: 'unused', maxRetries: 0 });
const nativeModel = 'gpt-4o-mini';

const weather = {
  type: 'function' as const,
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: true,
};

/** A call's body as the provider received it. */
async function echoed(body: object): Promise<Record<string, unknown>> {
  const response = await client.responses.create(body as ResponseCreateParamsNonStreaming);
  return (response as Response & { mock_echo: Record<string, unknown> }).mock_echo;
}

const textOf = ({ output }: Pick<Response, 'output'>): string =>
  output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => ('text' in part ? part.text : ''))
    .join('');

(doors ? describe : describe.skip).each([
  ['which gets the request as it is', nativeModel, 'mock'],
  ['for which it is translated', 'claude-haiku-4-5', 'anthropic'],
])('the official openai client’s responses, of a model %s', (_what, model, provider) => {
  it('come with their costs', async () => {
    const { data, response } = await client.responses.create({ model, input: fresh('Hello?') }).withResponse();
    expect(data).toMatchObject({ object: 'response', status: 'completed', model });
    expect(data.output_text.length).toBeGreaterThan(0);
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(Number(response.headers.get('x-cost-usd'))).toBeGreaterThan(0);
    expect(response.headers.get('x-cache')).toBe('miss');
    expect(response.headers.get('x-provider')).toBe(provider);
  });

  it('are given again to the same question, in either form', async () => {
    const params = { model, input: fresh('Again?') };
    const first = await client.responses.create(params);
    const { data, response } = await client.responses.create(params).withResponse();
    expect(response.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
    expect(response.headers.get('x-cost-usd')).toBe('0.000000000');
    expect(data.output_text).toBe(first.output_text);
    const streamed = await client.responses.stream(params).finalResponse();
    expect(textOf(streamed)).toBe(first.output_text);
  });

  it('stream in the order of the API, with the costs in the last event', async () => {
    const params = { model, input: fresh('Stream?') };
    const stream = await client.responses.create({ ...params, stream: true });
    const types: string[] = [];
    let text = '';
    let costs: unknown;
    for await (const event of stream) {
      expect(event.sequence_number).toBe(types.length);
      types.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') {
        costs = (event as unknown as { costlane: unknown }).costlane;
        expect(textOf(event.response)).toBe(text);
        expect(event.response.usage?.output_tokens).toBeGreaterThan(0);
      }
    }
    expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    expect(types.at(-1)).toBe('response.completed');
    expect(costs).toMatchObject({ cache: 'miss', model_used: model });
    expect(Number((costs as { cost_usd: string }).cost_usd)).toBeGreaterThan(0);
    expect((await client.responses.create(params)).output_text).toBe(text);
  });

  it('are put together by its own helper', async () => {
    const stream = client.responses.stream({ model, input: fresh('Helper?') });
    const snapshots: string[] = [];
    stream.on('response.output_text.delta', ({ snapshot }) => snapshots.push(snapshot));
    const final = await stream.finalResponse();
    expect(snapshots.at(-1)).toBe(textOf(final));
  });

  it.each([false, true])('call tools, whose outputs go back with the whole input (stream: %s)', async (isStreamed) => {
    const input = [{ role: 'user' as const, content: fresh('Weather? [[tool]]') }];
    const params = { model, input, tools: [weather] };
    const response = isStreamed
      ? await client.responses.stream(params).finalResponse()
      : await client.responses.create(params);
    const [call] = response.output;
    if (call?.type !== 'function_call') throw new Error('a call was expected');
    expect(Object.keys(JSON.parse(call.arguments) as object)).toEqual(['city']);
    const output = { type: 'function_call_output' as const, call_id: call.call_id, output: 'sunny' };
    const answer = await client.responses.create({
      model,
      input: [...input, call, output],
      tool_choice: 'none',
      tools: [weather],
    });
    expect(answer.output_text.length).toBeGreaterThan(0);
  });

  it('follow a schema', async () => {
    const format = zodTextFormat(z.object({ ok: z.boolean() }), 'answer');
    const parsed = await client.responses.parse({ model, input: fresh('Is it?'), text: { format } });
    expect(parsed.output_parsed).toEqual({ ok: expect.any(Boolean) });
  });

  it('say why they are incomplete', async () => {
    const input = fresh('Go on. [[mock: outputTokens=200]]');
    const response = await client.responses.create({ model, input, max_output_tokens: 20 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('end with an error that is thrown when the provider breaks off', async () => {
    const input = fresh('Break. [[mock: cutAfter=3; chunks=40; chunkIntervalMs=5]]');
    const stream = await client.responses.create({ model, input, stream: true });
    const reading = (async () => {
      for await (const event of stream) expect(event.type).not.toBe('response.completed');
    })();
    await expect(reading).rejects.toMatchObject({ code: 'stream_interrupted' });
  });
});

(doors ? describe : describe.skip)('the official openai client’s responses', () => {
  const model = nativeModel;

  it('pass images and unknown fields on untouched, and are never stored', async () => {
    const content = [
      { type: 'input_text', text: fresh('What is this? [[mock: echo=1]]') },
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' },
    ];
    const body = { model, input: [{ role: 'user', content }], a_field_of_tomorrow: [1, 2.5, null, 'ü'] };
    expect(await echoed({ ...body, store: true })).toEqual({ ...body, store: false });
  });

  it('leave the model to the policy', async () => {
    const { data, response } = await client.responses.create({ model: 'auto', input: fresh('Auto?') }).withResponse();
    expect(data.model).toEqual(expect.any(String));
    expect(response.headers.get('x-route-decision')).toEqual(expect.any(String));
  });

  it('fail with its own errors, with code and field', async () => {
    const call = (body: object) =>
      client.responses.create({ model, input: 'x', ...body } as ResponseCreateParamsNonStreaming);
    await expect(call({ model: 'no-such-model' })).rejects.toMatchObject({
      constructor: OpenAI.NotFoundError,
      code: 'model_not_found',
      param: 'model',
    });
    await expect(call({ model: 'claude-haiku-4-5', tools: [{ type: 'web_search' }] })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      param: 'tools[0]',
      message: expect.stringContaining('only models of OpenAI'),
    });
    await expect(call({ previous_response_id: 'resp_1' })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      param: 'previous_response_id',
      message: expect.stringContaining('send the whole conversation'),
    });
    await expect(call({ input: fresh('x'), max_output_tokens: 3 })).rejects.toMatchObject({
      constructor: OpenAI.BadRequestError,
      code: 'integer_below_min_value',
    });
    await expect(call({ input: fresh('[[mock: status=429]]') })).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(call({ model: 'text-embedding-3-small' })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(client.responses.retrieve('resp_1')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'cl_unknown', maxRetries: 0 });
    await expect(stranger.responses.create({ model, input: 'x' })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});
