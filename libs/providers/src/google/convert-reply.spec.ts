import { convertReply } from './convert-reply';
import { answerOf } from './testing/golden-answers';

const usage = { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 };
const reply = (parts: readonly object[], finishReason?: string) =>
  convertReply(answerOf(parts, usage, finishReason), 7);
const choiceOf = (converted: ReturnType<typeof convertReply>) =>
  (converted?.body['choices'] as { message: Record<string, unknown>; finish_reason: string }[])[0];

describe('convertReply', () => {
  it('joins texts into one answer, with OpenAI’s frame around it', () => {
    const converted = reply([{ text: 'Hel' }, { text: 'lo.' }], 'STOP');
    expect(converted?.body).toEqual({
      id: 'resp_1',
      object: 'chat.completion',
      created: 7,
      model: 'gemini-2.5-flash',
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

  it('gives thoughts, calls and their signatures out', () => {
    const parts = [
      { text: 'Let me see.', thought: true },
      { text: 'So:', thoughtSignature: 't' },
      { functionCall: { id: 'a', name: 'look', args: { x: 1 } }, thoughtSignature: 's' },
      { functionCall: { name: 'look' } },
    ];
    const choice = choiceOf(reply(parts, 'STOP'));
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message).toEqual({
      role: 'assistant',
      content: 'So:',
      refusal: null,
      reasoning_content: 'Let me see.',
      tool_calls: [
        {
          id: 'a',
          type: 'function',
          function: { name: 'look', arguments: '{"x":1}' },
          extra_content: { google: { thought_signature: 's' } },
        },
        { id: expect.stringMatching(/^call_/), type: 'function', function: { name: 'look', arguments: '{}' } },
      ],
      extra_content: { google: { thought_signature: 't' } },
    });
    expect(choiceOf(reply([{ functionCall: { name: 'look' } }], 'STOP'))?.message['content']).toBeNull();
  });

  it.each([
    ['STOP', 'stop', true],
    ['MAX_TOKENS', 'length', false],
    ['SAFETY', 'content_filter', false],
    ['RECITATION', 'content_filter', false],
    ['PROHIBITED_CONTENT', 'content_filter', false],
    ['SPII', 'content_filter', false],
    ['MALFORMED_FUNCTION_CALL', 'stop', false],
    ['SOMETHING_NEW', 'stop', false],
  ])('says %s as %s; to be kept: %s', (reason, finish, isWhole) => {
    const converted = reply([{ text: 'x' }], reason);
    expect(choiceOf(converted)?.finish_reason).toBe(finish);
    expect(converted?.isWhole).toBe(isWhole);
  });

  it('makes ids of their own for calls that have none', () => {
    const call = { functionCall: { name: 'look', args: {} } };
    const calls = choiceOf(reply([call, call], 'STOP'))?.message['tool_calls'] as { id: string }[];
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });

  it('asks for no call to be made where the calls were malformed', () => {
    expect(choiceOf(reply([{ functionCall: { name: 'look' } }], 'MALFORMED_FUNCTION_CALL'))?.finish_reason).toBe(
      'stop',
    );
  });

  it('says that a prompt was blocked', () => {
    const blocked = { promptFeedback: { blockReason: 'OTHER' }, usageMetadata: { promptTokenCount: 9 } };
    const converted = convertReply(blocked, 7);
    expect(choiceOf(converted)).toMatchObject({ message: { content: '' }, finish_reason: 'content_filter' });
    expect(converted).toMatchObject({ isWhole: false, usage: { usage: { freshInputTokens: 9 } } });
  });

  it('does not keep an answer of which a part has no translation, and takes nothing else for an answer', () => {
    expect(reply([{ text: 'x' }, { inlineData: { mimeType: 'image/png', data: '' } }], 'STOP')?.isWhole).toBe(false);
    expect(convertReply({ error: { code: 500 } }, 7)).toBeUndefined();
    expect(convertReply({ candidates: [], usageMetadata: usage }, 7)).toBeUndefined();
  });
});
