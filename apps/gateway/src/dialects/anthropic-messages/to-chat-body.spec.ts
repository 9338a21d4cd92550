import { CostlaneError } from '@costlane/domain';
import { parseMessageRequest } from './parse-message';
import { toChatBody } from './to-chat-body';

const plain = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi.' }] };
const parsed = (request: object) => parseMessageRequest(Buffer.from(JSON.stringify(request)));
const chatOf = (more: object) => toChatBody(parsed({ ...plain, ...more }));

/** The field that a request is refused for, and why. */
function refusalOf(more: object): { field: string | undefined; message: string } {
  try {
    chatOf(more);
  } catch (error) {
    if (error instanceof CostlaneError && error.code === 'invalid_request') return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const call = { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Oslo' } };
const tool = { name: 'weather', description: 'Tells it.', input_schema: { type: 'object', properties: {} } };
const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });

describe('a Messages API request as a chat completion request', () => {
  it('is the same question that a chat client would ask', () => {
    expect(chatOf({})).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 100 });
  });

  it('says its limit in the field that the model takes', () => {
    expect(toChatBody(parsed(plain), 'max_completion_tokens')).toEqual({
      model: 'm',
      messages: plain.messages,
      max_completion_tokens: 100,
    });
  });

  it.each<[string, object, object]>([
    [
      'a system prompt',
      { system: 'Be brief.' },
      { messages: [{ role: 'system', content: 'Be brief.' }, ...plain.messages] },
    ],
    [
      'a system prompt in blocks, whose cache marks concern the price only',
      {
        system: [
          { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: 'b' },
        ],
      },
      {
        messages: [
          {
            role: 'system',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
          ...plain.messages,
        ],
      },
    ],
    ['one block of text', user([{ type: 'text', text: 'Hi.' }]), { messages: [{ role: 'user', content: 'Hi.' }] }],
    [
      'images',
      user([
        { type: 'text', text: 'What?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
      ]),
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What?' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
              { type: 'image_url', image_url: { url: 'https://a/b.png' } },
            ],
          },
        ],
      },
    ],
    ['a stream, which tells its usage', { stream: true }, { stream: true, stream_options: { include_usage: true } }],
    ['stop sequences', { stop_sequences: ['END'] }, { stop: ['END'] }],
    ['sampling', { temperature: 0.3, top_p: 0.9, top_k: 5 }, { temperature: 0.3, top_p: 0.9, top_k: 5 }],
    ['the user', { metadata: { user_id: 'u1' } }, { user: 'u1' }],
    ['the standard tier', { service_tier: 'standard_only' }, { service_tier: 'default' }],
    [
      'tools',
      { tools: [{ ...tool, strict: true, cache_control: { type: 'ephemeral' } }] },
      {
        tools: [
          {
            type: 'function',
            function: { name: 'weather', description: 'Tells it.', parameters: tool.input_schema, strict: true },
          },
        ],
      },
    ],
    ['a wish for some call', { tools: [tool], tool_choice: { type: 'any' } }, { tool_choice: 'required' }],
    [
      'a wish for one call of one tool',
      { tools: [tool], tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true } },
      { tool_choice: { type: 'function', function: { name: 'weather' } }, parallel_tool_calls: false },
    ],
    ['effort', { output_config: { effort: 'max' } }, { reasoning_effort: 'xhigh' }],
    ['much thinking', { thinking: { type: 'enabled', budget_tokens: 90 } }, { reasoning_effort: 'high' }],
    ['little thinking', { thinking: { type: 'enabled', budget_tokens: 20 } }, { reasoning_effort: 'low' }],
    [
      'a schema of the answer',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
        },
      },
    ],
  ])('says %s', (_what, more, expected) => {
    expect(chatOf(more)).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ['thinking that is left to the model', { thinking: { type: 'adaptive' } }],
    ['no thinking', { thinking: { type: 'disabled' } }],
    ['the usual tier', { service_tier: 'auto' }],
    ['the usual speed', { speed: 'standard' }],
    ['fields set to null', { container: null, inference_geo: null }],
    ['no servers', { mcp_servers: [] }],
    ['a mark for the cache', { cache_control: { type: 'ephemeral' } }],
  ])('needs no word for %s', (_what, more) => {
    expect(chatOf(more)).toEqual(chatOf({}));
  });

  it('has calls and their results as messages of their own', () => {
    const result = (id: string, content: unknown, more = {}) => ({
      type: 'tool_result',
      tool_use_id: id,
      content,
      ...more,
    });
    const messages = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, call, { ...call, id: 't2' }] },
      {
        role: 'user',
        content: [
          result('t1', [{ type: 'text', text: 'Rain' }]),
          result('t2', 'no such city', { is_error: true }),
          { type: 'text', text: 'Well?' },
        ],
      },
    ];
    expect(chatOf({ messages, tools: [tool] })['messages']).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: ['t1', 't2'].map((id) => ({
          id,
          type: 'function',
          function: { name: 'weather', arguments: '{"city":"Oslo"}' },
        })),
      },
      { role: 'tool', tool_call_id: 't1', content: 'Rain' },
      { role: 'tool', tool_call_id: 't2', content: 'Error: no such city' },
      { role: 'user', content: 'Well?' },
    ]);
  });

  it('leaves out the thinking that was shown by Costlane itself', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: '' }, call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1' }] },
    ];
    expect(chatOf({ messages })['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: null, tool_calls: [{ id: 't1' }] },
      { role: 'tool', tool_call_id: 't1', content: '' },
    ]);
  });

  const assistant = (content: unknown) => ({
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content },
      { role: 'user', content: 'b' },
    ],
  });
  it.each<[string, object, string, RegExp]>([
    ['a PDF', user([{ type: 'document', source: {} }]), 'messages[0].content[0]', /Claude models only/],
    [
      'a file',
      user([{ type: 'image', source: { type: 'file', file_id: 'f' } }]),
      'messages[0].content[0].source.type',
      /kept at Anthropic/,
    ],
    [
      'signed thinking',
      assistant([{ type: 'thinking', thinking: 'x', signature: 'abc' }]),
      'messages[1].content[0]',
      /signed/,
    ],
    ['hidden thinking', assistant([{ type: 'redacted_thinking', data: 'x' }]), 'messages[1].content[0]', /signed/],
    [
      'a call of a server’s tool',
      assistant([{ type: 'server_tool_use', id: 's' }]),
      'messages[1].content[0]',
      /own tools/,
    ],
    ['a block of tomorrow', user([{ type: 'hologram' }]), 'messages[0].content[0]', /hologram/],
    [
      'a result behind other content',
      user([
        { type: 'text', text: 'a' },
        { type: 'tool_result', tool_use_id: 't' },
      ]),
      'messages[0].content[1]',
      /before everything else/,
    ],
    [
      'an image from a tool',
      user([{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image' }] }]),
      'messages[0].content[0].content[0]',
      /text only/,
    ],
    [
      'citations',
      assistant([{ type: 'text', text: 'a', citations: [{}] }]),
      'messages[1].content[0].citations',
      /Anthropic’s own/,
    ],
    [
      'the beginning of an answer',
      { messages: [...plain.messages, { role: 'assistant', content: 'Well' }] },
      'messages[1]',
      /beginning of an answer/,
    ],
    [
      'a web search',
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      'tools[0].type',
      /Claude models only/,
    ],
    [
      'a tool that is to be found later',
      { tools: [{ ...tool, defer_loading: true }] },
      'tools[0].defer_loading',
      /no translation/,
    ],
    ['a call without tools', { tool_choice: { type: 'any' } }, 'tool_choice', /no tools/],
    ['a container', { container: 'c1' }, 'container', /Anthropic only/],
    ['servers', { mcp_servers: [{ type: 'url' }] }, 'mcp_servers', /its own/],
    ['speed', { speed: 'fast' }, 'speed', /no translation/],
    ['a field of tomorrow', { tomorrow: 1 }, 'tomorrow', /no translation/],
    ['thinking between tools', { thinking: { type: 'between_tools' } }, 'thinking.type', /must be/],
    ['no answer', { max_tokens: 0 }, 'max_tokens', /above 0/],
    ['another role', { messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role', /must be/],
  ])('does not drop %s, but names it', (_what, more, field, why) => {
    expect(refusalOf(more)).toMatchObject({ field, message: expect.stringMatching(why) as string });
  });
});
