import OpenAI from 'openai';
import { startMockLlm, type MockLlm } from '../create-mock-llm';

let mock: MockLlm;
let client: OpenAI;
beforeAll(async () => {
  mock = await startMockLlm();
  client = new OpenAI({ apiKey: 'none', baseURL: `${mock.url}/v1`, maxRetries: 0 });
});
afterAll(() => mock.close());
afterEach(() => mock.state.setBehaviour({}));

const weather = {
  type: 'function',
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: true,
} as const;

const contentOf = (item: OpenAI.Responses.ResponseOutputItem | undefined) =>
  item?.type === 'message' ? item.content : undefined;

describe('the mock at /v1/responses', () => {
  it('answers with a response whose usage is on its axes', async () => {
    mock.state.setBehaviour({ promptTokens: 2_000, cachedTokens: 1_920, cacheWriteTokens: 64, outputTokens: 30 });
    const response = await client.responses.create({ model: 'gpt-4o-mini', input: 'Say something.' });
    expect(response).toMatchObject({ object: 'response', status: 'completed', service_tier: 'default' });
    expect(response.output_text.length).toBeGreaterThan(10);
    expect(response.usage).toMatchObject({
      input_tokens: 2_000,
      input_tokens_details: { cached_tokens: 1_920, cache_write_tokens: 64 },
      output_tokens: 30,
      total_tokens: 2_030,
    });
  });

  it('streams events that the official helper puts together to the same response', async () => {
    const params = { model: 'o3-mini', input: 'Tell me a story.', instructions: 'Be brief.' };
    const whole = await client.responses.create(params);
    const stream = client.responses.stream(params);
    const types: string[] = [];
    const numbers: number[] = [];
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
    }
    const final = await stream.finalResponse();
    expect(contentOf(final.output.at(-1))).toMatchObject(contentOf(whole.output.at(-1)) ?? []);
    expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(types[0]).toBe('response.created');
    expect(types.at(-1)).toBe('response.completed');
    expect(numbers).toEqual(numbers.map((_, i) => i));
  });

  it('calls a tool, whole and streamed', async () => {
    const params = { model: 'gpt-4o-mini', input: 'Weather? [[tool]]', tools: [weather] };
    const whole = await client.responses.create(params);
    const [call] = whole.output;
    if (call?.type !== 'function_call') throw new Error('a call was expected');
    expect(Object.keys(JSON.parse(call.arguments) as object)).toEqual(['city']);
    const final = await client.responses.stream(params).finalResponse();
    expect(final.output[0]).toMatchObject({ type: 'function_call', name: 'weather', arguments: call.arguments });
  });

  it('follows a schema and stops at the limit', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
    const format = { type: 'json_schema', name: 'answer', schema } as const;
    const structured = await client.responses.create({ model: 'gpt-4o', input: 'Is it?', text: { format } });
    expect(JSON.parse(structured.output_text)).toEqual({ ok: expect.any(Boolean) });
    mock.state.setBehaviour({ outputTokens: 100 });
    const cut = await client.responses.create({ model: 'gpt-4o', input: 'Go on.', max_output_tokens: 20 });
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it.each([
    [{ input: 7 }, 'missing_required_parameter'],
    [{ input: 'x', previous_response_id: 'resp_1' }, 'previous_response_not_found'],
    [{ input: 'x', max_output_tokens: 3 }, 'integer_below_min_value'],
    [{ input: 'x', model: 'unknown-model' }, 'model_not_found'],
  ])('refuses %j as OpenAI does', async (body, code) => {
    const asked = client.post('/responses', { body: { model: 'gpt-4o', ...body } });
    await expect(asked).rejects.toMatchObject({ code });
  });
});
