import { CostlaneError } from '@costlane/domain';
import { convertMessages } from './convert-messages';

const user = { role: 'user', content: 'Hello.' };
const call = (id: string, args: string) => ({
  id,
  type: 'function',
  function: { name: `look_${id}`, arguments: args },
});
const convert = (messages: readonly object[]) => convertMessages(messages, { takesImages: true });

function fieldOf(messages: readonly object[]): string | undefined {
  try {
    convert(messages);
  } catch (error) {
    if (error instanceof CostlaneError) return error.field;
    throw error;
  }
  return undefined;
}

describe('convertMessages', () => {
  it('puts system and developer prompts in front, in their order', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      user,
      { role: 'developer', content: [{ type: 'text', text: 'And kind.' }] },
      { role: 'system', content: '' },
    ];
    expect(convert(messages)).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'And kind.' },
        ],
      },
      user,
    ]);
  });

  it('keeps calls and their results as they are, a call without arguments with an empty object', () => {
    const turn = {
      role: 'assistant',
      content: null,
      refusal: null,
      annotations: [],
      tool_calls: [call('a', '{"x":1}'), call('b', '')],
    };
    const results = [
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'cloudy' }] },
      { role: 'tool', tool_call_id: 'a', content: '{"degrees":7}' },
    ];
    expect(convert([user, turn, ...results])).toEqual([
      user,
      { role: 'assistant', tool_calls: [call('a', '{"x":1}'), call('b', '{}')] },
      { role: 'tool', tool_call_id: 'b', content: 'cloudy' },
      { role: 'tool', tool_call_id: 'a', content: '{"degrees":7}' },
    ]);
  });

  it('takes what was said or thought before calls for their plan, and thoughts before a text not at all', () => {
    const turns = (more: object) =>
      convert([user, { role: 'assistant', tool_calls: [call('a', '{}')], ...more }]).at(-1);
    expect(turns({ reasoning_content: 'I will look.' })).toMatchObject({ tool_plan: 'I will look.' });
    expect(turns({ content: 'So: I look.', reasoning_content: 'Hm.' })).toMatchObject({ tool_plan: 'So: I look.' });
    expect(turns({})).not.toHaveProperty('tool_plan');
    const said = { role: 'assistant', content: 'Sunny.', reasoning_content: 'Hm.' };
    expect(convert([user, said, user])[1]).toEqual({ role: 'assistant', content: 'Sunny.' });
  });

  it('passes images with the detail that was asked for', () => {
    const png = 'data:image/png;base64,iVBORw0KGgo=';
    const content = [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: png, detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://a.example/b.jpg' } },
    ];
    expect(convert([{ role: 'user', content }])).toEqual([{ role: 'user', content }]);
  });

  it.each([
    ['messages', []],
    ['messages', [{ role: 'system', content: 'x' }]],
    ['messages[0].role', [{ role: 'robot', content: 'x' }]],
    ['messages[0].content', [{ role: 'user', content: '' }]],
    ['messages[0].name', [{ role: 'user', content: 'x', name: 'n' }]],
    ['messages[0].content[0].type', [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }]],
    [
      'messages[0].content[0].image_url.url',
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:x' } }] }],
    ],
    [
      'messages[0].content[0].image_url.detail',
      [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b', detail: 'huge' } }] }],
    ],
    ['messages[1].content', [user, { role: 'assistant', content: '' }]],
    ['messages[1].audio', [user, { role: 'assistant', audio: { id: 'a' } }]],
    ['messages[1].annotations', [user, { role: 'assistant', content: 'x', annotations: [{}] }]],
    ['messages[1].tool_calls[0].type', [user, { role: 'assistant', tool_calls: [{ id: 'a', type: 'custom' }] }]],
    ['messages[1].tool_calls[0].function.arguments', [user, { role: 'assistant', tool_calls: [call('a', '[1]')] }]],
    ['messages[1].tool_call_id', [user, { role: 'tool', tool_call_id: 'z', content: 'x' }]],
  ])('refuses %s, by name', (field, messages) => {
    expect(fieldOf(messages)).toBe(field);
  });
});
