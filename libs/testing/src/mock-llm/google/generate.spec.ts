import { startMockLlm, type MockLlm } from '../create-mock-llm';
import { postJson } from '../post-json';

const question = { contents: [{ role: 'user', parts: [{ text: 'Name a river.' }] }] };
const rules = { text: 'Rules of the house. '.repeat(400) };

interface Answer {
  candidates?: { content: { parts: { text?: string }[] }; finishReason?: string }[];
  usageMetadata?: Record<string, unknown>;
  error?: { status: string; message: string; details?: object[] };
}

describe('the mock as Google', () => {
  let mock: MockLlm;
  beforeEach(async () => {
    mock = await startMockLlm();
  });
  afterEach(() => mock.close());

  const ask = async (body: object, headers: Record<string, string> = {}, model = 'gemini-2.5-flash') => {
    const response = await postJson(mock.url, `/v1beta/models/${model}:generateContent`, body, { headers });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer };
  };
  const withSettings = (generationConfig: object) => ({ ...question, generationConfig });

  it('answers with a candidate', async () => {
    const { status, json } = await ask(question, { 'x-mock': 'outputTokens=12; promptTokens=100' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      candidates: [{ content: { role: 'model', parts: [{ text: expect.any(String) }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 12, totalTokenCount: 112 },
      modelVersion: 'gemini-2.5-flash',
      responseId: expect.any(String),
    });
  });

  it('streams the same answer, each event with the totals so far and the last with the reason to end', async () => {
    const whole = (await ask(question)).json;
    const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
    const response = await postJson(mock.url, path, question, { headers: { 'x-mock': 'chunks=3' } });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = (await response.text())
      .split('\r\n\r\n')
      .filter((each) => each !== '')
      .map((each) => JSON.parse(each.replace('data: ', '')) as Answer);
    const said = events.map(({ candidates }) => candidates?.[0]?.content.parts[0]?.text ?? '').join('');
    expect(events).toHaveLength(4);
    expect(said).toBe(whole.candidates?.[0]?.content.parts[0]?.text);
    expect(events.map(({ candidates }) => candidates?.[0]?.finishReason)).toEqual([
      undefined,
      undefined,
      undefined,
      'STOP',
    ]);
    expect(events.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
  });

  it('thinks when it is told to, and counts that apart', async () => {
    const body = withSettings({ thinkingConfig: { thinkingBudget: 100, includeThoughts: true } });
    const { json } = await ask(body, { 'x-mock': 'reasoningTokens=30; outputTokens=5' });
    expect(json).toMatchObject({
      candidates: [{ content: { parts: [{ thought: true }, { thoughtSignature: expect.any(String) }] } }],
      usageMetadata: { candidatesTokenCount: 5, thoughtsTokenCount: 30 },
    });
  });

  it('calls a function when it must, and cuts where the limit is', async () => {
    const tools = [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: { type: 'object' } }] }];
    const toolConfig = { functionCallingConfig: { mode: 'ANY' } };
    expect((await ask({ ...question, tools, toolConfig })).json).toMatchObject({
      candidates: [{ content: { parts: [{ functionCall: { name: 'look', args: {} } }] }, finishReason: 'STOP' }],
    });
    expect((await ask(withSettings({ maxOutputTokens: 3 }))).json).toMatchObject({
      candidates: [{ finishReason: 'MAX_TOKENS' }],
    });
  });

  it.each([
    ['status=503', 503, 'UNAVAILABLE'],
    ['status=500', 500, 'INTERNAL'],
    ['errorType=invalid_api_key', 400, 'INVALID_ARGUMENT'],
    ['errorType=context_length_exceeded', 400, 'INVALID_ARGUMENT'],
    ['errorType=insufficient_quota', 429, 'RESOURCE_EXHAUSTED'],
  ])('fails in Google’s words: %s', async (directive, status, name) => {
    expect(await ask(question, { 'x-mock': directive })).toMatchObject({
      status,
      json: { error: { code: status, status: name } },
    });
  });

  it('says in the body how long to wait', async () => {
    const { headers, json } = await ask(question, { 'x-mock': 'status=429; retryAfter=2.5' });
    expect(headers.get('retry-after')).toBeNull();
    expect(json.error?.details).toEqual([{ '@type': expect.stringMatching(/RetryInfo$/), retryDelay: '2.5s' }]);
  });

  const call = { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] };
  it.each([
    ['a field that it does not know', { ...question, n: 2 }, /Unknown name "n"/],
    ['a setting that it does not know', withSettings({ logitBias: {} }), /Unknown name "logitBias"/],
    ['a limit of none', withSettings({ maxOutputTokens: 0 }), /max_output_tokens/],
    ['a temperature above 2', withSettings({ temperature: 2.5 }), /temperature/],
    ['no contents', { contents: [] }, /contents is not specified/],
    ['an empty text', { contents: [{ role: 'user', parts: [{ text: '' }] }] }, /must not be empty/],
    ['another role', { contents: [{ role: 'system', parts: [{ text: 'x' }] }] }, /valid role/],
    [
      'a call without its result',
      { contents: [...question.contents, call, ...question.contents] },
      /function response/,
    ],
  ])('refuses %s', async (_what, body, message) => {
    const { status, json } = await ask(body);
    expect(status).toBe(400);
    expect(json.error?.message).toMatch(message);
  });

  it('refuses a model that is not there, and a call of Gemini 3 without its signature', async () => {
    expect(await ask(question, {}, 'unknown-model-1')).toMatchObject({ status: 404 });
    const result = { role: 'user', parts: [{ functionResponse: { name: 'look', response: {} } }] };
    const contents = [...question.contents, call, result];
    expect((await ask({ contents })).status).toBe(200);
    expect((await ask({ contents }, {}, 'gemini-3-flash-preview')).json.error?.message).toMatch(/thought_signature/);
  });

  it('finds a long prompt again in its cache, as part of the prompt', async () => {
    const asked = (text: string) => ({
      systemInstruction: { parts: [rules] },
      contents: [{ role: 'user', parts: [{ text }] }],
    });
    expect((await ask(asked('one'))).json.usageMetadata).not.toHaveProperty('cachedContentTokenCount');
    const usage = (await ask(asked('two'))).json.usageMetadata as Record<string, number>;
    expect(usage['cachedContentTokenCount']).toBeGreaterThan(1_000);
    expect(usage['promptTokenCount']).toBeGreaterThan(usage['cachedContentTokenCount'] ?? 0);
  });
});
