import { startMockLlm, type MockLlm } from './create-mock-llm';
import { chatBody, chatPath, postJson } from './post-json';

describe('a mock LLM of several models that knows what questions are about', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());
  beforeEach(() => {
    mock.state.setBehaviour({});
    mock.state.setModelBehaviours({});
  });

  const ask = (prompt: string, fields: Record<string, unknown> = {}) =>
    postJson(mock.url, chatPath, chatBody(prompt, fields));
  const putModels = (behaviours: unknown) =>
    fetch(`${mock.url}/mock/models`, { method: 'PUT', body: JSON.stringify(behaviours) });
  const about = (topic: string, more = '') => ({ metadata: { mock: `topic=${topic}; outputTokens=50${more}` } });
  const answerTo = async (prompt: string, fields: Record<string, unknown>) => {
    const { choices, usage } = (await (await ask(prompt, fields)).json()) as {
      choices: { message: { content: string } }[];
      usage: { completion_tokens: number; prompt_tokens: number };
    };
    return { text: choices[0]?.message.content ?? '', usage };
  };

  it('lets each model behave in its own way, over what holds for all', async () => {
    mock.state.setBehaviour({ status: 503 });
    const put = await putModels({ fast: { status: 429 }, slow: { latencyP50Ms: 850, latencyP95Ms: 2_100 } });
    expect(put.status).toBe(200);
    expect((await ask('x', { model: 'fast' })).status).toBe(429);
    expect((await ask('x', { model: 'another' })).status).toBe(503);
    expect(mock.state.usualBehaviourOf('slow')).toMatchObject({ status: 503, latencyP50Ms: 850, latencyP95Ms: 2_100 });
    expect(mock.state.usualBehaviourOf('another')).toEqual({ status: 503 });
    const told = await fetch(`${mock.url}/mock/models`);
    expect(await told.json()).toEqual({ fast: { status: 429 }, slow: { latencyP50Ms: 850, latencyP95Ms: 2_100 } });
  });

  it('gives a model’s latency way to the one that a call asks for', () => {
    mock.state.setModelBehaviours({ slow: { latencyP50Ms: 850, latencyP95Ms: 2_100 } });
    const behaviour = mock.state.behaviourFor('slow', [{ latencyMs: 3 }]);
    expect(mock.state.drawCourse(behaviour, 1).latencyMs).toBe(3);
  });

  it('says which model’s behaviour is wrong', async () => {
    const response = await putModels({ good: {}, bad: { latencyMs: 'soon' } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('bad: latencyMs must be a number');
    expect(mock.state.getModelBehaviours()).toEqual({});
  });

  it('answers about a topic in the same words, however and of which model it is asked', async () => {
    const one = await answerTo('How do I get there?', { ...about('t-17'), model: 'a' });
    const two = await answerTo('What is the way there, please?', { ...about('t-17'), model: 'b' });
    expect(one.text).toMatch(/^About t-17: /);
    expect(two.text).toBe(one.text);
    expect(one.usage.completion_tokens).toBe(50);
    const other = await answerTo('How do I get there?', about('t-18'));
    expect(other.text.replace('t-18', 't-17')).not.toBe(one.text);
  });

  it('does not count the metadata as a part of the prompt', async () => {
    const bare = await answerTo('How do I get there?', {});
    const directed = await answerTo('How do I get there?', about('t-17'));
    expect(directed.usage.prompt_tokens).toBe(bare.usage.prompt_tokens);
  });

  it('takes a directive in the prompt for more than one in the metadata', async () => {
    expect((await ask('[[mock: status=500]]', about('t-17', '; status=429'))).status).toBe(500);
    expect((await ask('Hi', about('t-17', '; status=429'))).status).toBe(429);
    expect((await ask('Hi', about('t 17'))).status).toBe(400);
  });
});
