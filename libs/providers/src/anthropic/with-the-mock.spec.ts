import fc from 'fast-check';
import { anyChatRequest } from '../translation/testing/chat-requests';
import { bodyOf, createWire, execute, questionsTo } from '../translation/testing/wire';

const { adapterAt, close, mock } = createWire('anthropic');
const { question } = questionsTo('claude-sonnet-4-5');
afterEach(close);

const models = ['claude-sonnet-4-5', 'claude-opus-5', 'claude-3-haiku-20240307', 'claude-fable-5-1', 'other'];

describe('anthropic: with the mock', () => {
  it('takes whatever could be translated', async () => {
    const adapter = adapterAt((await mock()).url, { breaker: { failureThreshold: 1_000_000 } });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(anyChatRequest(models), async (request) => {
        const outcome = await execute(adapter, request);
        if (outcome.ok) answered++;
        // What the mock refuses is about the order of calls and their results, which OpenAI refuses as well.
        else if (outcome.error.code !== 'invalid_request') expect(outcome.error.message).toMatch(/tool_use/);
      }),
      { numRuns: 60 },
    );
    expect(answered).toBeGreaterThan(5);
  });

  it('reads from the cache what was marked, and nothing else', async () => {
    const adapter = adapterAt((await mock()).url);
    const ask = (text: string, control?: object) => {
      const part = {
        type: 'text',
        text: 'Rules of the house. '.repeat(400),
        ...(control ? { cache_control: control } : {}),
      };
      return execute(adapter, {
        ...question,
        messages: [
          { role: 'system', content: [part] },
          { role: 'user', content: text },
        ],
      });
    };
    expect((await ask('one')).usage).toMatchObject({ cacheReadTokens: 0, cacheWriteShortTokens: 0 });
    const written = (await ask('two', { type: 'ephemeral', ttl: '1h' })).usage;
    expect(written?.cacheWriteLongTokens).toBeGreaterThan(1_900);
    const read = (await ask('three', { type: 'ephemeral', ttl: '1h' })).usage;
    expect(read).toMatchObject({ cacheReadTokens: written?.cacheWriteLongTokens, cacheWriteLongTokens: 0 });
    expect((await ask('four')).usage).toMatchObject({ cacheReadTokens: 0 });
  });

  it('calls tools, thinks when it is told to, and holds to a schema', async () => {
    const adapter = adapterAt((await mock()).url);
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const called = await execute(adapter, { ...question, tools, tool_choice: 'required' });
    expect(called).toMatchObject({ ok: true, finishReason: 'tool_calls', isCacheable: true });
    expect(bodyOf(called)).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { name: 'weather' } }] } }],
    });
    const thought = await execute(adapter, { ...question, model: 'claude-opus-5', reasoning_effort: 'low' });
    expect(thought.usage?.reasoningTokens).toBeGreaterThan(0);
    expect(bodyOf(thought)).toMatchObject({ choices: [{ message: { reasoning_content: expect.any(String) } }] });
    const format = { type: 'json_schema', json_schema: { name: 'w', schema: parameters } };
    const held = bodyOf(await execute(adapter, { ...question, response_format: format })) as {
      choices: { message: { content: string } }[];
    };
    expect(JSON.parse(held.choices[0]?.message.content ?? '')).toEqual({ city: expect.any(String) });
  });
});
