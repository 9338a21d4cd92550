import fc from 'fast-check';
import { anyChatRequest } from '../translation/testing/chat-requests';
import { bodyOf, createWire, execute, questionsTo } from '../translation/testing/wire';

const { adapterAt, close, mock } = createWire('cohere');
const { question, streamed } = questionsTo('command-a-03-2025');
const models = ['command-a-03-2025', 'command-r7b-12-2024', 'command-a-reasoning-08-2025', 'command-a-vision-07-2025'];
afterEach(close);

interface Answer {
  choices: {
    message: { content: string; reasoning_content?: string; tool_calls?: { id: string }[] };
    logprobs: { content: object[] } | null;
  }[];
}

describe('cohere: with the mock', () => {
  it('takes whatever could be translated', async () => {
    const adapter = adapterAt((await mock()).url, { breaker: { failureThreshold: 1_000_000 } });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(anyChatRequest(models), async (request) => {
        const outcome = await execute(adapter, request);
        if (outcome.ok) answered++;
        else expect(outcome.error.code).toBe('invalid_request');
      }),
      { numRuns: 60 },
    );
    expect(answered).toBeGreaterThan(5);
  });

  it('goes on after a call, with its plan or without it', async () => {
    const adapter = adapterAt((await mock()).url);
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const called = await execute(adapter, { ...question, tools, tool_choice: 'required' });
    expect(called).toMatchObject({ ok: true, finishReason: 'tool_calls', isCacheable: true });
    const { message } = (bodyOf(called) as Answer).choices[0] ?? {};
    const [call] = message?.tool_calls ?? [];
    expect(call).toMatchObject({ function: { name: 'weather', arguments: expect.stringMatching(/city/) } });
    expect(message?.reasoning_content).toMatch(/tool/);
    const result = { role: 'tool', tool_call_id: call?.id, content: 'Sunny.' };
    for (const turn of [message, { role: 'assistant', tool_calls: [call] }]) {
      const messages = [...question.messages, turn, result];
      expect(await execute(adapter, { ...question, tools, messages })).toMatchObject({
        ok: true,
        finishReason: 'stop',
      });
    }
  });

  it('thinks unless it is told not to, holds to a schema, and finds a long prompt in its cache', async () => {
    const adapter = adapterAt((await mock()).url);
    const reasoning = { ...question, model: 'command-a-reasoning-08-2025' };
    const thought = bodyOf(await execute(adapter, { ...reasoning, reasoning_effort: 'low' })) as Answer;
    expect(thought.choices[0]?.message.reasoning_content).toMatch(/./);
    const plain = bodyOf(await execute(adapter, { ...reasoning, reasoning_effort: 'none' })) as Answer;
    expect(plain.choices[0]?.message).not.toHaveProperty('reasoning_content');
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const format = { type: 'json_schema', json_schema: { name: 'w', schema } };
    const held = bodyOf(await execute(adapter, { ...question, response_format: format })) as Answer;
    expect(JSON.parse(held.choices[0]?.message.content ?? '')).toEqual({ city: expect.any(String) });
    const long = { ...question, messages: [{ role: 'user', content: 'Rules of the house. '.repeat(400) }] };
    expect((await execute(adapter, long)).usage?.cacheReadTokens).toBe(0);
    expect((await execute(adapter, long)).usage?.cacheReadTokens).toBeGreaterThan(1_000);
  });

  it('gives log probabilities, whole and streamed', async () => {
    const adapter = adapterAt((await mock()).url);
    const whole = bodyOf(await execute(adapter, { ...question, logprobs: true })) as Answer;
    expect(whole.choices[0]?.logprobs?.content[0]).toEqual({
      token: expect.any(String),
      logprob: -0.1,
      bytes: expect.any(Array),
      top_logprobs: [],
    });
    expect(await execute(adapter, { ...streamed, logprobs: true })).toMatchObject({ ok: true, isCacheable: true });
  });
});
