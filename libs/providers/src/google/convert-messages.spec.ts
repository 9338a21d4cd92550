import { CostlaneError } from '@costlane/domain';
import { convertMessages } from './convert-messages';
import { geminiTraits } from './gemini-traits';

const user = { role: 'user', content: 'Hello.' };
const said = { role: 'user', parts: [{ text: 'Hello.' }] };
const call = (id: string, args: string, more: object = {}) => ({
  id,
  type: 'function',
  function: { name: `look_${id}`, arguments: args },
  ...more,
});
const convert = (messages: readonly object[], model = 'gemini-2.5-flash') =>
  convertMessages(messages, geminiTraits(model));

function fieldOf(messages: readonly object[], model?: string): string | undefined {
  try {
    convert(messages, model);
  } catch (error) {
    if (error instanceof CostlaneError) return error.field;
    throw error;
  }
  return undefined;
}

describe('convertMessages', () => {
  it('merges system and developer prompts in their order', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      user,
      { role: 'developer', content: [{ type: 'text', text: 'And kind.' }] },
      { role: 'system', content: '' },
    ];
    expect(convert(messages)).toEqual({ system: [{ text: 'Be brief.' }, { text: 'And kind.' }], contents: [said] });
  });

  it('puts the results of parallel calls into one turn under the names of what was called', () => {
    const { contents } = convert([
      user,
      {
        role: 'assistant',
        content: null,
        refusal: null,
        annotations: [],
        tool_calls: [call('a', '{"x":1}'), call('b', '')],
      },
      { role: 'tool', tool_call_id: 'b', content: 'cloudy' },
      { role: 'tool', tool_call_id: 'a', content: '{"degrees":7}' },
      { role: 'user', content: 'And?' },
    ]);
    expect(contents).toEqual([
      said,
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'look_a', args: { x: 1 } } },
          { functionCall: { id: 'b', name: 'look_b', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'b', name: 'look_b', response: { result: 'cloudy' } } },
          { functionResponse: { id: 'a', name: 'look_a', response: { degrees: 7 } } },
          { text: 'And?' },
        ],
      },
    ]);
  });

  it('gives signatures back where they were, and says where a client has not kept one', () => {
    const signed = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
    const turn = (...calls: object[]) => [
      user,
      { role: 'assistant', content: 'So:', reasoning_content: 'Hm.', tool_calls: calls, ...signed('t') },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
    ];
    const partsOf = (model: string, ...calls: object[]) => convert(turn(...calls), model).contents[1]?.parts;
    const called = { functionCall: { id: 'a', name: 'look_a', args: {} } };
    const text = { text: 'So:', thoughtSignature: 't' };
    expect(partsOf('gemini-3.8-flash', call('a', '', signed('s')))).toEqual([
      text,
      { ...called, thoughtSignature: 's' },
    ]);
    const unsigned = partsOf('gemini-3.8-flash', call('a', ''), call('b', ''));
    expect(unsigned?.map((part) => part['thoughtSignature'])).toEqual([
      't',
      'skip_thought_signature_validator',
      undefined,
    ]);
    expect(partsOf('gemini-2.5-flash', call('a', ''))).toEqual([text, called]);
  });

  it('sends images, sound and PDFs along', () => {
    const content = [
      { type: 'text', text: 'Look:' },
      { type: 'image_url', image_url: { url: 'data:image/PNG;base64,aW1n', detail: 'auto' } },
      { type: 'input_audio', input_audio: { data: 'd2F2', format: 'wav' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,cGRm' } },
      { type: 'text', text: '' },
    ];
    expect(convert([{ role: 'user', content }]).contents[0]?.parts).toEqual([
      { text: 'Look:' },
      { inlineData: { mimeType: 'image/png', data: 'aW1n' } },
      { inlineData: { mimeType: 'audio/wav', data: 'd2F2' } },
      { inlineData: { mimeType: 'application/pdf', data: 'cGRm' } },
    ]);
  });

  const part = (value: object) => [{ role: 'user', content: [value] }];
  it.each([
    ['messages', []],
    ['messages', [{ role: 'system', content: 'x' }]],
    ['messages[0].role', [{ role: 'function', content: 'x' }]],
    ['messages[0].name', [{ role: 'user', content: 'x', name: 'n' }]],
    ['messages[0].content', [{ role: 'user', content: '' }]],
    [
      'messages[0].content',
      [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aQ==' } }] }],
    ],
    ['messages[0].audio', [{ role: 'assistant', content: 'x', audio: { id: 'a' } }]],
    ['messages[0].extra_content.other', [{ role: 'assistant', content: 'x', extra_content: { other: 1 } }]],
    ['messages[0].tool_call_id', [{ role: 'tool', tool_call_id: 'unknown', content: 'x' }]],
    ['messages[0].tool_calls[0].type', [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom' }] }]],
    ['messages[0].tool_calls[0].function.arguments', [{ role: 'assistant', tool_calls: [call('a', '[1]')] }]],
    ['messages[0].content[0].type', part({ type: 'video' })],
    [
      'messages[0].content[0].image_url.url',
      part({ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }),
    ],
    [
      'messages[0].content[0].image_url.url',
      part({ type: 'image_url', image_url: { url: 'data:image/gif;base64,aQ==' } }),
    ],
    [
      'messages[0].content[0].image_url.detail',
      part({ type: 'image_url', image_url: { url: 'data:image/png;base64,aQ==', detail: 'low' } }),
    ],
    [
      'messages[0].content[0].input_audio.format',
      part({ type: 'input_audio', input_audio: { data: 'x', format: 'ogg' } }),
    ],
    ['messages[0].content[0].file.file_id', part({ type: 'file', file: { file_id: 'f' } })],
    [
      'messages[0].content[0].file.file_data',
      part({ type: 'file', file: { file_data: 'data:text/plain;base64,eA==' } }),
    ],
  ])('refuses %s, by name', (field, messages) => {
    expect(fieldOf(messages)).toBe(field);
  });

  it('refuses to go on with an answer where the model does not', () => {
    const messages = [user, { role: 'assistant', content: 'Well,' }];
    expect(fieldOf(messages, 'gemini-3.8-flash')).toBe('messages');
    expect(fieldOf(messages, 'gemini-2.5-flash')).toBeUndefined();
  });
});
