import fc from 'fast-check';
import { anyChatRequest } from '../translation/testing/chat-requests';
import { bodyOf, createWire, execute, questionsTo } from '../translation/testing/wire';

const { adapterAt, close, mock } = createWire('google');
const { question } = questionsTo('gemini-2.5-flash');
const models = ['gemini-2.0-flash', 'gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-3-flash-preview', 'gemini-3.8-flash'];
afterEach(close);

interface Answer {
  choices: { message: { content: string; reasoning_content?: string; tool_calls?: { id: string }[] } }[];
}

describe('google: with the mock', () => {
  it('takes whatever could be translated', async () => {
    const adapter = adapterAt((await mock()).url, { breaker: { failureThreshold: 1_000_000 } });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(anyChatRequest(models), async (request) => {
        const outcome = await execute(adapter, request);
        if (outcome.ok) answered++;
        // What the mock refuses is about the order of calls and their results, which OpenAI refuses as well.
        else if (outcome.error.code !== 'invalid_request') {
          expect(outcome.error.message).toMatch(/function response parts/);
        }
      }),
      { numRuns: 60 },
    );
    expect(answered).toBeGreaterThan(5);
  });

  it('goes on after a call, signed or not, as with any other model', async () => {
    const adapter = adapterAt((await mock()).url);
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const asked = { ...question, model: 'gemini-3-flash-preview', tools };
    const called = await execute(adapter, { ...asked, tool_choice: 'required', reasoning_effort: 'low' });
    expect(called).toMatchObject({ ok: true, finishReason: 'tool_calls', isCacheable: true });
    const { message } = (bodyOf(called) as Answer).choices[0] ?? {};
    const [call] = message?.tool_calls ?? [];
    expect(call).toMatchObject({
      function: { name: 'weather', arguments: expect.stringMatching(/city/) },
      extra_content: { google: { thought_signature: expect.any(String) } },
    });
    const result = { role: 'tool', tool_call_id: call?.id, content: 'Sunny.' };
    const { extra_content: _signature, ...unsigned } = call as { extra_content?: object };
    for (const turn of [message, { role: 'assistant', tool_calls: [unsigned] }]) {
      const messages = [...question.messages, turn, result];
      expect(await execute(adapter, { ...asked, messages })).toMatchObject({ ok: true, finishReason: 'stop' });
    }
  });

  it('thinks when it is told to, holds to a schema, and finds a long prompt in its cache', async () => {
    const adapter = adapterAt((await mock()).url);
    const thought = await execute(adapter, { ...question, reasoning_effort: 'low' });
    expect(thought.usage?.reasoningTokens).toBe(64);
    expect((bodyOf(thought) as Answer).choices[0]?.message.reasoning_content).toMatch(/./);
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const format = { type: 'json_schema', json_schema: { name: 'w', schema } };
    const held = bodyOf(await execute(adapter, { ...question, response_format: format })) as Answer;
    expect(JSON.parse(held.choices[0]?.message.content ?? '')).toEqual({ city: expect.any(String) });
    const long = { ...question, messages: [{ role: 'user', content: 'Rules of the house. '.repeat(400) }] };
    expect((await execute(adapter, long)).usage?.cacheReadTokens).toBe(0);
    expect((await execute(adapter, long)).usage?.cacheReadTokens).toBeGreaterThan(1_000);
  });
});
