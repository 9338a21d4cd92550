import { convertReply } from './convert-reply';

const reply = (more: Record<string, unknown>) =>
  convertReply(
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5',
      content: [{ type: 'text', text: 'Hi.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 10, output_tokens: 4, service_tier: 'standard' },
      ...more,
    },
    1_700_000_000,
  );

describe('convertReply', () => {
  it('makes a chat completion of a message', () => {
    expect(reply({})?.body).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude-opus-5',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 4,
        total_tokens: 14,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
      service_tier: 'default',
    });
  });

  it('joins texts, and gives calls and thinking in their own fields', () => {
    const thinking = { type: 'thinking', thinking: 'hm', signature: 's' };
    const content = [
      thinking,
      { type: 'text', text: 'One, ' },
      { type: 'text', text: 'two.' },
      { type: 'tool_use', id: 'toolu_1', name: 'look', input: { a: [1] } },
      { type: 'tool_use', id: 'toolu_2', name: 'look' },
    ];
    expect(reply({ content, stop_reason: 'tool_use' })?.body['choices']).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'One, two.',
          refusal: null,
          reasoning_content: 'hm',
          thinking_blocks: [thinking],
          tool_calls: [
            { id: 'toolu_1', type: 'function', function: { name: 'look', arguments: '{"a":[1]}' } },
            { id: 'toolu_2', type: 'function', function: { name: 'look', arguments: '{}' } },
          ],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ]);
  });

  it('has no content beside a call that comes alone', () => {
    const content = [{ type: 'tool_use', id: 'a', name: 'look', input: {} }];
    expect(reply({ content })?.body).toMatchObject({ choices: [{ message: { content: null } }] });
  });

  it('tells of a block that it could not translate', () => {
    expect(reply({})?.isWhole).toBe(true);
    expect(reply({ content: [{ type: 'server_tool_use', id: 'a' }] })?.isWhole).toBe(false);
  });

  it('takes nothing else for a message', () => {
    expect(reply({ type: 'error' })).toBeUndefined();
    expect(reply({ content: 'text' })).toBeUndefined();
    expect(reply({ usage: undefined })?.usage).toBeUndefined();
  });
});
