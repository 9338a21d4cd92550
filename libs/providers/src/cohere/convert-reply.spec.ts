import { convertReply } from './convert-reply';

const usage = { billed_units: { input_tokens: 5, output_tokens: 2 }, tokens: { input_tokens: 71, output_tokens: 2 } };
const reply = (message: object, more: object = {}) =>
  convertReply(
    { id: 'c1', message: { role: 'assistant', ...message }, finish_reason: 'COMPLETE', usage, ...more },
    'command-a-03-2025',
    7,
  );
const choiceOf = (converted: ReturnType<typeof convertReply>) =>
  (converted?.body['choices'] as { message: Record<string, unknown>; logprobs: unknown; finish_reason: string }[])[0];

describe('convertReply', () => {
  it('joins texts into one answer, with OpenAI’s frame around it and the model that was asked', () => {
    const converted = reply({
      content: [
        { type: 'text', text: 'Hel' },
        { type: 'text', text: 'lo.' },
      ],
    });
    expect(converted?.body).toEqual({
      id: 'c1',
      object: 'chat.completion',
      created: 7,
      model: 'command-a-03-2025',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 2,
        total_tokens: 7,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect(converted).toMatchObject({ isWhole: true, isOverflown: false });
  });

  it('gives thoughts, plans and calls out; a call with nothing or null with an empty object', () => {
    const call = (id: string, args?: string) => ({ id, type: 'function', function: { name: 'look', arguments: args } });
    const message = {
      content: [{ type: 'thinking', thinking: 'Hm. ' }],
      tool_plan: 'I will look.',
      tool_calls: [call('a', '{"x":1}'), call('b', 'null'), call('c')],
    };
    const choice = choiceOf(reply(message, { finish_reason: 'TOOL_CALL' }));
    expect(choice).toMatchObject({ finish_reason: 'tool_calls' });
    expect(choice?.message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'Hm. I will look.',
      tool_calls: [call('a', '{"x":1}'), call('b', '{}'), call('c', '{}')],
    });
  });

  it('gives log probabilities out, a piece of several tokens as one', () => {
    const logprobs = [
      { text: 'Hé', token_ids: [1, 2], logprobs: [-0.5, -0.25] },
      { text: 'lo', token_ids: [3], logprobs: [-1] },
    ];
    expect(choiceOf(reply({ content: [{ type: 'text', text: 'Hélo' }] }, { logprobs }))?.logprobs).toEqual({
      content: [
        { token: 'Hé', logprob: -0.75, bytes: [72, 195, 169], top_logprobs: [] },
        { token: 'lo', logprob: -1, bytes: [108, 111], top_logprobs: [] },
      ],
      refusal: null,
    });
  });

  it('does not keep an answer of which a part has no translation, and takes nothing else for an answer', () => {
    const odd = [{ type: 'text', text: 'x' }, { type: 'picture' }];
    expect(reply({ content: odd })?.isWhole).toBe(false);
    expect(convertReply({ message: 'no' }, 'm', 7)).toBeUndefined();
    expect(reply({ content: [] }, { finish_reason: 'ERROR' })).toBeUndefined();
  });

  it('says nothing about usage where there is none', () => {
    const converted = reply({ content: [{ type: 'text', text: 'x' }] }, { usage: undefined });
    expect(converted?.usage).toBeUndefined();
    expect(converted?.body).not.toHaveProperty('usage');
  });
});
