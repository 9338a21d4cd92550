import { CostlaneError } from '@costlane/domain';
import { convertRequest } from './convert-request';

const user = { role: 'user', content: 'Hello.' };
const said = { role: 'user', content: [{ type: 'text', text: 'Hello.' }] };
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];

const convert = (request: object) =>
  convertRequest(Buffer.from(JSON.stringify({ model: 'claude-sonnet-4-5', messages: [user], ...request })), 'm').body;

function refusalOf(request: object): CostlaneError {
  try {
    convert(request);
  } catch (error) {
    if (error instanceof CostlaneError) return error;
    throw error;
  }
  throw new Error('the request was not refused');
}

describe('convertRequest: messages', () => {
  it('merges system and developer prompts in their order', () => {
    const { system, messages } = convert({
      messages: [
        { role: 'system', content: 'Be brief.' },
        user,
        { role: 'developer', content: [{ type: 'text', text: 'And kind.', cache_control: { type: 'ephemeral' } }] },
        { role: 'system', content: '' },
      ],
    });
    expect(system).toEqual([
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'And kind.', cache_control: { type: 'ephemeral' } },
    ]);
    expect(messages).toEqual([said]);
  });

  it('puts the results of parallel calls into one turn, and what the user says then behind them', () => {
    const call = (id: string, args: string) => ({ id, type: 'function', function: { name: 'look', arguments: args } });
    const { messages } = convert({
      tools,
      messages: [
        user,
        {
          role: 'assistant',
          content: null,
          refusal: null,
          annotations: [],
          tool_calls: [call('a', '{"x":1}'), call('b', '')],
        },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
        { role: 'tool', tool_call_id: 'b', content: '' },
        { role: 'user', content: 'Go on.' },
      ],
    });
    expect(messages).toEqual([
      said,
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'look', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'look', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'one' }] },
          { type: 'tool_result', tool_use_id: 'b' },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ]);
  });

  it('shows images, by address or in the request, and PDFs', () => {
    const { messages } = convert({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'auto' } },
            { type: 'image_url', image_url: { url: 'data:image/PNG;base64,aGk=' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' } },
          ],
        },
      ],
    });
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' }, title: 'a.pdf' },
        ],
      },
    ]);
  });

  it('gives Claude its own thinking back, in front of what it said', () => {
    const block = { type: 'thinking', thinking: 'hm', signature: 's' };
    const answer = { role: 'assistant', content: 'Yes.', reasoning_content: 'hm', thinking_blocks: [block] };
    expect(convert({ messages: [user, answer, user] })['messages']).toEqual([
      said,
      { role: 'assistant', content: [block, { type: 'text', text: 'Yes.' }] },
      said,
    ]);
  });

  it.each([
    ['messages', { messages: [{ role: 'system', content: 'alone' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: '' }] }],
    ['messages[0].name', { messages: [{ ...user, name: 'Ann' }] }],
    ['messages[0].role', { messages: [{ role: 'function', name: 'f', content: 'x' }] }],
    [
      'messages[0].content[0].type',
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://a.example/b.png' } }] }] },
    ],
    [
      'messages[0].content[0].image_url.detail',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a/b', detail: 'low' } }] },
        ],
      },
    ],
    [
      'messages[0].content[0].file.file_id',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] },
    ],
    [
      'messages[1].tool_calls[0].function.arguments',
      {
        messages: [
          user,
          { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '[' } }] },
        ],
      },
    ],
    ['messages[1].audio', { messages: [user, { role: 'assistant', content: 'x', audio: { id: 'a' } }] }],
  ])('refuses %s, by name', (field, request) => {
    const error = refusalOf(request);
    expect(error).toMatchObject({ code: 'invalid_request', field });
    expect(error.message).toContain(`"${field}"`);
  });
});
