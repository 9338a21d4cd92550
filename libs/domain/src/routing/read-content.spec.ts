import { readContent } from './read-content';

const scales = { predictGain: (text: string) => text.length / 1_000, expectOutputTokens: () => 500 };
const user = (content: unknown) => ({ role: 'user', content });
const read = (body: Record<string, unknown>, taskType?: string) => readContent(body, scales, taskType);

describe('what a chat body holds', () => {
  it('its question is the last thing that the user said', () => {
    const content = read({ messages: [user('first'), { role: 'assistant', content: 'yes?' }, user('second')] });
    expect(content.text).toBe('second');
    expect(content.predictedGain).toBe(0.006);
  });

  it.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['jsonMode', { response_format: { type: 'json_object' } }],
    ['jsonSchema', { response_format: { type: 'json_schema', json_schema: { schema: {} } } }],
    ['logprobs', { logprobs: true }],
    ['reasoning', { reasoning_effort: 'low' }],
    ['audio', { audio: { voice: 'x' } }],
    ['vision', { messages: [user([{ type: 'image_url', image_url: { url: 'data:' } }])] }],
    ['audio', { messages: [user([{ type: 'input_audio', input_audio: {} }])] }],
  ])('asks for %s', (need, body) => {
    expect(read({ messages: [user('hi')], ...body }).needs).toEqual([need]);
    expect(read({ messages: [user('hi')] }).needs).toEqual([]);
  });

  it('no answer is expected to be longer than the caller lets it be; several choices are longer together', () => {
    const messages = [user('hi')];
    expect(read({ messages }).expectedOutputTokens).toBe(500);
    expect(read({ messages, max_tokens: 20 })).toMatchObject({ expectedOutputTokens: 20, maxOutputTokens: 20 });
    expect(read({ messages, max_completion_tokens: 30, max_tokens: 20 }).maxOutputTokens).toBe(30);
    expect(read({ messages, n: 3 }).expectedOutputTokens).toBe(1_500);
  });

  it('counts the tokens of everything that is sent, tools and pictures too', () => {
    const small = read({ messages: [user('hi')] }).promptTokens;
    const system = read({ messages: [{ role: 'system', content: 'x'.repeat(4_000) }, user('hi')] }).promptTokens;
    const picture = read({ messages: [user([{ type: 'image_url' }])] }).promptTokens;
    const tools = read({ messages: [user('hi')], tools: [{ description: 'y'.repeat(4_000) }] }).promptTokens;
    expect(system - small).toBeGreaterThan(990);
    expect(tools - small).toBeGreaterThan(990);
    expect(picture - small).toBeGreaterThan(500);
  });

  it.each([[{}], [{ messages: 'no' }], [{ messages: [null, 7] }], [{ messages: [user(null)] }]])(
    'takes no harm from %j',
    (body) => {
      expect(read(body)).toMatchObject({ text: '', needs: [] });
    },
  );
});
