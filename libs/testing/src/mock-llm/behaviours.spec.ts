import { readSse } from '../read-sse';
import { waitFor } from '../wait-for';
import { startMockLlm, type MockLlm } from './create-mock-llm';
import { chatBody, chatPath, postJson } from './post-json';

describe('settable behaviour of the mock LLM', () => {
  let mock: MockLlm;

  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());
  beforeEach(() => {
    mock.state.setBehaviour({});
    mock.state.resetStats();
  });

  const ask = (prompt: string, fields: Record<string, unknown> = {}, headers?: Record<string, string>) =>
    postJson(mock.url, chatPath, chatBody(prompt, fields), { headers });
  const putBehaviour = (behaviour: unknown) =>
    fetch(`${mock.url}/mock/behaviour`, {
      method: 'PUT',
      body: typeof behaviour === 'string' ? behaviour : JSON.stringify(behaviour),
    });

  describe('where it is set', () => {
    it('globally by PUT, until DELETE', async () => {
      const put = await putBehaviour({ status: 503, retryAfter: 2 });
      expect(await put.json()).toEqual({ status: 503, retryAfter: 2 });
      const failed = await ask('x');
      expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '2']);
      await fetch(`${mock.url}/mock/behaviour`, { method: 'DELETE' });
      expect((await ask('x')).status).toBe(200);
      expect(await (await fetch(`${mock.url}/mock/behaviour`)).json()).toEqual({});
    });

    it('for one call by header, which overrules the global behaviour', async () => {
      await putBehaviour({ status: 503 });
      expect((await ask('x', {}, { 'x-mock': 'status=429; retryAfter=1' })).status).toBe(429);
      expect((await ask('x')).status).toBe(503);
    });

    it('for one call by a directive in the last user message, which overrules the header', async () => {
      expect((await ask('Hello [[mock: status=500]]', {}, { 'x-mock': 'status=429' })).status).toBe(500);
    });

    it('finds the directive in a text part of the last user message only', async () => {
      const part = [{ type: 'text', text: 'Hi [[mock: status=503]]' }];
      const last = {
        model: 'm',
        messages: [
          { role: 'user', content: part },
          { role: 'assistant', content: 'so' },
        ],
      };
      expect((await postJson(mock.url, chatPath, last)).status).toBe(503);
      const earlier = { model: 'm', messages: [...last.messages, { role: 'user', content: 'again' }] };
      expect((await postJson(mock.url, chatPath, earlier)).status).toBe(200);
    });

    it.each([
      [{ latncyMs: 5 }, 'unknown behaviour "latncyMs"'],
      [{ latencyMs: -1 }, 'latencyMs must be a number from 0'],
      [{ status: 200 }, 'status must be an integer from 400 to 599, got 200'],
      [{ errorType: 'bad luck' }, 'errorType must be one of rate_limit_exceeded'],
      [{ hang: 'maybe' }, 'hang must be 1 or 0'],
      [{ latencyP50Ms: 5 }, 'must be given together'],
      [{ latencyP50Ms: 5, latencyP95Ms: 4 }, 'must not be less than'],
      [{ latencyMs: 1, latencyP50Ms: 5, latencyP95Ms: 9 }, 'not both'],
      [[], 'must be a JSON object'],
      ['{', 'must be valid JSON'],
    ])('refuses %j and says what is wrong', async (behaviour, message) => {
      const response = await putBehaviour(behaviour);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message);
      expect(mock.state.getBehaviour()).toEqual({});
    });
  });

  describe('time', () => {
    const timed = async (prompt: string) => {
      const startedAtMs = performance.now();
      const response = await ask(prompt, { stream: true });
      const headersAtMs = performance.now();
      await response.text();
      return { headersMs: headersAtMs - startedAtMs, bodyMs: performance.now() - headersAtMs };
    };

    it('waits latencyMs before the headers', async () => {
      expect((await timed('[[mock: latencyMs=80]]')).headersMs).toBeGreaterThanOrEqual(78);
    });

    it('sends the headers at once and the first byte after firstByteMs', async () => {
      const { headersMs, bodyMs } = await timed('[[mock: firstByteMs=400]]');
      expect(headersMs).toBeLessThan(300);
      expect(headersMs + bodyMs).toBeGreaterThanOrEqual(398);
    });

    it('waits a log-normal time that the seed decides', () => {
      const behaviour = { latencyP50Ms: 100, latencyP95Ms: 300, seed: 7 };
      const draw = (count: number) => {
        mock.state.setBehaviour(behaviour);
        return Array.from({ length: count }, () => mock.state.drawCourse(behaviour, 1).latencyMs);
      };
      const drawn = draw(20_000).sort((a, b) => a - b);
      expect((drawn[10_000] ?? 0) / 100).toBeCloseTo(1, 1);
      expect((drawn[19_000] ?? 0) / 300).toBeCloseTo(1, 1);
      expect(draw(5)).toEqual(draw(5));
    });

    it('replaces a global log-normal latency by the fixed one of a call', async () => {
      await putBehaviour({ latencyP50Ms: 100_000, latencyP95Ms: 200_000 });
      expect((await ask('[[mock: latencyMs=0]]')).status).toBe(200);
    });
  });

  describe('errors', () => {
    it.each([
      ['status=429; retryAfter=1.5', 429, { type: 'requests', code: 'rate_limit_exceeded' }],
      ['errorType=insufficient_quota', 429, { type: 'insufficient_quota', code: 'insufficient_quota' }],
      ['status=500', 500, { type: 'server_error', code: null }],
      ['status=503', 503, { code: 'server_is_overloaded' }],
      ['errorType=server_is_overloaded', 503, { code: 'server_is_overloaded' }],
      ['status=529', 529, { type: 'overloaded_error' }],
      ['errorType=context_length_exceeded', 400, { code: 'context_length_exceeded' }],
      ['status=503; errorType=slow_down', 503, { code: 'slow_down' }],
    ])('answers %s in OpenAI’s shape', async (directive, status, error) => {
      const response = await ask(`[[mock: ${directive}]]`);
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ error: expect.objectContaining(error) });
    });

    it('tells a fraction of a second in retry-after-ms', async () => {
      const { headers } = await ask('[[mock: status=429; retryAfter=1.5]]');
      expect([headers.get('retry-after'), headers.get('retry-after-ms')]).toEqual(['2', '1500']);
    });

    it('fails the first N calls with the same body, then answers', async () => {
      const statuses = [];
      for (let i = 0; i < 4; i += 1) statuses.push((await ask('[[mock: failTimes=2; status=503]]')).status);
      expect(statuses).toEqual([503, 503, 200, 200]);
      expect((await ask('another [[mock: failTimes=2; status=503]]')).status).toBe(503);
    });

    it('fails with 500 when failTimes names no failure', async () => {
      expect((await ask('[[mock: failTimes=1]]')).status).toBe(500);
    });

    it('fails a share of the calls, the same ones for the same seed', async () => {
      const run = async () => {
        await putBehaviour({ errorRate: 0.3, status: 503, seed: 42 });
        const statuses = [];
        for (let i = 0; i < 100; i += 1) statuses.push((await ask(`call ${i}`)).status);
        return statuses;
      };
      const first = await run();
      const failed = first.filter((status) => status === 503).length;
      expect(failed).toBeGreaterThan(15);
      expect(failed).toBeLessThan(45);
      expect(await run()).toEqual(first);
    });
  });

  describe('unwanted answers', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const asJson = { response_format: { type: 'json_schema', json_schema: { name: 'city', schema } } };
    const textOf = async (response: Response) =>
      ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? '';

    it('are empty, or a refusal, for all providers’ dialects', async () => {
      expect(await textOf(await ask('[[mock: answer=empty]]'))).toBe('');
      expect(await textOf(await ask('[[mock: answer=refusal]]'))).toMatch(/^I'm sorry, but I can't help/);
      const message = {
        model: 'claude',
        max_tokens: 9,
        messages: [{ role: 'user', content: '[[mock: answer=empty]]' }],
      };
      const claude = await postJson(mock.url, '/v1/messages', message);
      expect(await claude.json()).toMatchObject({ stop_reason: 'end_turn', usage: { output_tokens: 0 } });
      const contents = [{ role: 'user', parts: [{ text: '[[mock: answer=refusal]]' }] }];
      const gemini = await postJson(mock.url, '/v1beta/models/gemini-3-flash:generateContent', { contents });
      expect(await gemini.text()).toContain("I'm sorry, but I can't help");
    });

    it('are the question once more, where a test wants to see what came', async () => {
      expect(await textOf(await ask('Hi [[mock: answer=parrot]]'))).toBe('Hi [[mock: answer=parrot]]');
    });

    it('are empty streams that end well', async () => {
      const data: string[] = [];
      for await (const event of readSse(await ask('[[mock: answer=empty]]', { stream: true }))) data.push(event.data);
      expect(data.join('')).toContain('"finish_reason":"stop"');
      expect(data.at(-1)).toBe('[DONE]');
    });

    it('are words, or another document, where a schema is asked for', async () => {
      expect(await textOf(await ask('[[mock: answer=prose]]', asJson))).toMatch(/^[A-Z].*\.$/);
      expect(Object.keys(JSON.parse(await textOf(await ask('[[mock: answer=other_json]]', asJson))) as object)).toEqual(
        ['answer', 'confidence', 'topics'],
      );
    });
  });

  describe('of one model', () => {
    it('leaves the others alone, by directive and for all calls', async () => {
      const prompt = 'Hi [[mock: status=503; onlyModel=gpt-4o]]';
      expect((await ask(prompt)).status).toBe(200);
      expect((await ask(prompt, { model: 'gpt-4o' })).status).toBe(503);
      await putBehaviour({ status: 500, onlyModel: 'gemini-3-flash' });
      expect((await ask('Hi')).status).toBe(200);
      const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
      const gemini = await postJson(mock.url, '/v1beta/models/gemini-3-flash:generateContent', { contents });
      expect(gemini.status).toBe(500);
    });
  });

  describe('broken answers', () => {
    it.each([0, 3])('cuts a stream after %d content chunks, without usage or [DONE]', async (count) => {
      for (const pace of ['0', '5']) {
        const fields = { stream: true, stream_options: { include_usage: true } };
        const response = await ask(`[[mock: cutAfter=${count}; chunkIntervalMs=${pace}]]`, fields);
        const data: string[] = [];
        const read = async () => {
          for await (const event of readSse(response)) data.push(event.data);
        };
        await expect(read()).rejects.toThrow();
        expect(data).toHaveLength(1 + count);
        expect(data.join()).not.toMatch(/DONE|prompt_tokens/);
      }
      expect(mock.state.stats().abortedByClient).toBe(0);
    });

    it('cuts an answer that is not streamed half-way', async () => {
      const response = await ask('[[mock: cutAfter=2]]');
      await expect(response.text()).rejects.toThrow();
    });

    it('sends a body that is not JSON', async () => {
      const response = await ask('[[mock: malformed=1]]');
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
    });

    it('sends one malformed line in the middle of a stream that goes on', async () => {
      const response = await ask('[[mock: malformed=1]]', { stream: true });
      const data: string[] = [];
      for await (const event of readSse(response)) data.push(event.data);
      const isBroken = (text: string): boolean => {
        try {
          JSON.parse(text);
          return false;
        } catch {
          return true;
        }
      };
      expect(data.filter(isBroken)).toEqual([expect.stringContaining('chatcmpl-broken'), '[DONE]']);
    });

    it.each([false, true])('sends less than the content-length announces (stream: %s)', async (stream) => {
      const response = await ask('[[mock: truncate=1]]', { stream });
      expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
      await expect(response.text()).rejects.toThrow();
    });

    it('accepts a call and never answers it', async () => {
      const controller = new AbortController();
      const body = chatBody('[[mock: hang=1]]');
      const call = postJson(mock.url, chatPath, body, { signal: controller.signal });
      let isSettled = false;
      call.catch(() => undefined).finally(() => (isSettled = true));
      await waitFor(() => mock.state.stats().inFlight === 1);
      expect((await ask('meanwhile')).status).toBe(200);
      expect(isSettled).toBe(false);
      controller.abort();
      await expect(call).rejects.toThrow();
      await waitFor(() => mock.state.stats().inFlight === 0);
    });
  });
});
