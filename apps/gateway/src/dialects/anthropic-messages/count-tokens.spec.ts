import { countTokens } from './count-tokens';

const count = (content: unknown, more: object = {}) =>
  countTokens({ messages: [{ role: 'user', content: content as string }], ...more });

describe('countTokens', () => {
  it('counts everything that the model reads', () => {
    const text = 'Four characters a token, more or less.'.repeat(10);
    expect(count(text)).toBeGreaterThan(80);
    expect(count([{ type: 'text', text }])).toBe(count(text));
    expect(count(text, { system: text })).toBeGreaterThan(1.9 * count(text));
    expect(count(text, { tools: [{ name: 'look', input_schema: { type: 'object' } }] })).toBeGreaterThan(count(text));
    expect(count([{ type: 'tool_result', tool_use_id: 't', content: text }])).toBe(count(text));
    expect(count([{ type: 'document', source: { type: 'text', data: text } }])).toBe(count(text));
  });

  it('takes an image for what it costs, not for its bytes', () => {
    const image = (data: string) =>
      count([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }]);
    expect(image('A'.repeat(100_000))).toBe(image('A'));
  });

  it('counts no marks for a cache', () => {
    const call = { type: 'tool_use', id: 't', name: 'look', input: {} };
    expect(count([{ ...call, cache_control: { type: 'ephemeral' } }])).toBe(count([call]));
  });
});
