import type { RequestListener } from 'node:http';
import type { ProviderConfig } from '../provider-config';
import { createCollectingSink } from '../testing/collecting-sink';
import {
  bodyOf,
  breaksOffAfter,
  createWire,
  execute,
  questionsTo,
  sendsEvents,
  sendsJson,
} from '../translation/testing/wire';
import { answerOf, event, eventsOf, goldenAnswers } from './testing/golden-answers';

const { adapterAt, adapterFor, close, serve } = createWire('google');
const { question, streamed } = questionsTo('gemini-2.5-flash');
afterEach(close);

const usage = { promptTokenCount: 500, candidatesTokenCount: 2, totalTokenCount: 502 };
const whole = JSON.stringify(answerOf([{ text: 'Hello there.' }], usage, 'STOP'));
const overloaded = event({ error: { code: 503, status: 'UNAVAILABLE', message: 'Overloaded' } });

describe('google: what is sent', () => {
  async function sentBy(config: Partial<ProviderConfig>, body: Parameters<typeof execute>[1], more: object = {}) {
    const seen: { url?: string; headers?: object; body?: unknown } = {};
    const answer: RequestListener = (request, response) => {
      seen.url = request.url;
      seen.headers = request.headers;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.body = JSON.parse(Buffer.concat(chunks).toString());
        sendsJson(whole)(request, response);
      });
    };
    await execute(await adapterFor(answer, config), body, more);
    return seen;
  }

  it('has the key in a header and nowhere else, and the translated body', async () => {
    const seen = await sentBy({ apiKey: 'AIza-ours' }, question, { traceparent: '00-aa-bb-01' });
    expect(seen).toEqual({
      url: '/v1beta/models/gemini-2.5-flash:generateContent',
      headers: expect.objectContaining({
        'x-goog-api-key': 'AIza-ours',
        'x-request-id': 'r1',
        traceparent: '00-aa-bb-01',
      }),
      body: { contents: [{ role: 'user', parts: [{ text: 'Name a river.' }] }] },
    });
    expect(seen.headers).not.toHaveProperty('authorization');
  });

  it('asks for a stream by its path, and keeps a model’s name within its segment', async () => {
    expect((await sentBy({}, streamed)).url).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
    const odd = { ...question, model: '../files?key=a' };
    expect((await sentBy({}, odd)).url).toBe('/v1beta/models/..%2Ffiles%3Fkey%3Da:generateContent');
  });

  it('is nothing at all when the request cannot be translated', async () => {
    const seen = jest.fn();
    const outcome = await execute(await adapterFor(seen), { ...question, logprobs: true });
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'invalid_request', field: 'logprobs' },
      upstreamCalls: 0,
    });
    expect(seen).not.toHaveBeenCalled();
  });

  it('goes to a base URL with the version as to one without it', async () => {
    const paths: (string | undefined)[] = [];
    const answer: RequestListener = (request, response) => {
      paths.push(request.url);
      sendsJson(whole)(request, response);
    };
    const origin = await serve(answer);
    for (const path of ['/', '/v1beta/', '/proxy?a=b']) await execute(adapterAt(origin + path), question);
    expect(paths).toEqual([
      '/v1beta/models/gemini-2.5-flash:generateContent',
      '/v1beta/models/gemini-2.5-flash:generateContent',
      '/proxy/v1beta/models/gemini-2.5-flash:generateContent?a=b',
    ]);
    expect(() => adapterAt('ftp://a')).toThrow(/must be an http.*generativelanguage/);
  });
});

describe('google: usage', () => {
  it.each(goldenAnswers.map((answer) => [answer.name, answer] as const))(
    'of an answer that is %s',
    async (_name, { isStream, usages, expected, promptTokens, completionTokens, serviceTier }) => {
      const answer = isStream
        ? sendsEvents(...eventsOf(usages))
        : sendsJson(JSON.stringify(answerOf([{ text: 'Hello.' }], usages[0] ?? {}, 'STOP')));
      const sink = createCollectingSink();
      const outcome = await execute(await adapterFor(answer), isStream ? streamed : question, {}, sink);
      const zero = { freshInputTokens: 0, cacheReadTokens: 0, cacheWriteShortTokens: 0, cacheWriteLongTokens: 0 };
      expect(outcome).toMatchObject({ ok: true, usageSource: 'provider', isCacheable: true, finishReason: 'stop' });
      expect(outcome.usage).toEqual({ ...zero, outputTokens: 0, reasoningTokens: 0, ...expected });
      expect(outcome.serviceTier).toBe(serviceTier);
      const told = isStream ? sink.events().at(-1) : bodyOf(outcome);
      expect(told).toMatchObject({ usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } });
    },
  );

  it('is priced by the tier that a header tells', async () => {
    const answer: RequestListener = (request, response) => {
      response.setHeader('x-gemini-service-tier', 'standard');
      sendsJson(whole)(request, response);
    };
    const outcome = await execute(await adapterFor(answer), { ...question, service_tier: 'priority' });
    expect(outcome.serviceTier).toBe('default');
    expect(bodyOf(outcome)).toMatchObject({ service_tier: 'default' });
  });

  it('of a stream that broke off is the input that it began with, and the output as far as it came', async () => {
    const begun = { promptTokenCount: 4_500, cachedContentTokenCount: 4_000, totalTokenCount: 4_500 };
    const events = [event(answerOf([{ text: 'x'.repeat(400) }], begun))];
    const outcome = await execute(await adapterFor(breaksOffAfter(...events)), streamed);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'stream_interrupted' },
      usageSource: 'estimated',
      usage: { freshInputTokens: 500, cacheReadTokens: 4_000, outputTokens: 100 },
    });
  });

  it('of a stream that just ended is not taken for the whole', async () => {
    const events = eventsOf([usage, usage]).slice(0, 1);
    const outcome = await execute(await adapterFor(sendsEvents(...events)), streamed);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'stream_interrupted' }, hasDelivered: true });
    // Older models name a reason in every event: what was cut off then is more of the answer.
    const [first = '', last = ''] = ['Hello', ' there.'].map((text) => event(answerOf([{ text }], usage, 'STOP')));
    const cut = await execute(await adapterFor(sendsEvents(first, last.slice(0, -20))), streamed);
    expect(cut).toMatchObject({ ok: false, error: { code: 'stream_interrupted' } });
    expect(await execute(await adapterFor(sendsEvents(first, last.trimEnd())), streamed)).toMatchObject({ ok: true });
  });
});

describe('google: how an answer ends', () => {
  it.each([
    ['STOP', 'stop', true],
    ['MAX_TOKENS', 'length', false],
    ['SAFETY', 'content_filter', false],
    ['MALFORMED_FUNCTION_CALL', 'stop', false],
  ])('%s is %s; to be kept: %s', async (reason, finishReason, isCacheable) => {
    const body = JSON.stringify(answerOf([{ text: 'Hello.' }], usage, reason));
    expect(await execute(await adapterFor(sendsJson(body)), question)).toMatchObject({
      ok: true,
      finishReason,
      isCacheable,
    });
    const stream = await execute(await adapterFor(sendsEvents(...eventsOf([usage, usage], reason))), streamed);
    expect(stream).toMatchObject({ ok: true, finishReason, isCacheable });
  });

  it('a prompt that was blocked is an answer that was filtered, and is paid', async () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 40 } };
    const expected = { ok: true, finishReason: 'content_filter', isCacheable: false, usage: { freshInputTokens: 40 } };
    expect(await execute(await adapterFor(sendsJson(JSON.stringify(blocked))), question)).toMatchObject(expected);
    expect(await execute(await adapterFor(sendsEvents(event(blocked))), streamed)).toMatchObject(expected);
  });

  it('an error before the first content is a clean one, and the call is made again', async () => {
    let calls = 0;
    const answer: RequestListener = (request, response) =>
      (calls++ === 0 ? sendsEvents(overloaded) : sendsEvents(...eventsOf([usage, usage])))(request, response);
    const sink = createCollectingSink();
    expect(await execute(await adapterFor(answer), streamed, {}, sink)).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(sink.heads).toHaveLength(1);
  });

  it('waits as long as the body of an error says', async () => {
    let calls = 0;
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '0.2s' }];
    const body = JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'no', details } });
    const answer: RequestListener = (request, response) =>
      calls++ === 0 ? response.writeHead(429).end(body) : sendsJson(whole)(request, response);
    const outcome = await execute(await adapterFor(answer), question);
    expect(outcome).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(outcome.latencyMs).toBeGreaterThanOrEqual(195);
  });

  it('does not send a very long prompt again after a 500, nor holds it against the provider', async () => {
    let calls = 0;
    const body = JSON.stringify({
      error: { code: 500, status: 'INTERNAL', message: 'An internal error has occurred.' },
    });
    const answer: RequestListener = (request, response) => {
      calls++;
      request.resume();
      request.on('end', () => response.writeHead(500).end(body));
    };
    const adapter = await adapterFor(answer, { breaker: { failureThreshold: 1 } });
    const long = { ...question, messages: [{ role: 'user', content: 'word '.repeat(200_000) }] };
    for (let i = 0; i < 2; i++) {
      expect(await execute(adapter, long)).toMatchObject({ error: { code: 'upstream_error' }, upstreamCalls: 1 });
    }
    expect(calls).toBe(2);
  });

  it('never shows the key, wherever Google repeats it', async () => {
    const error = { code: 400, status: 'INVALID_ARGUMENT', message: 'Consumer AIza-ours has no use for this.' };
    const answer: RequestListener = (_request, response) => response.writeHead(400).end(JSON.stringify({ error }));
    const outcome = await execute(await adapterFor(answer, { apiKey: 'AIza-ours' }), question);
    expect(outcome).toMatchObject({ ok: false, error: { message: 'Consumer [redacted] has no use for this.' } });
    expect(String(outcome.body)).not.toMatch(/AIza/);
  });

  it('a stream may be cut into pieces anywhere', async () => {
    const parts = ['Größe ', '日本', ' 👋'].map((text, i) => answerOf([{ text }], usage, i === 2 ? 'STOP' : undefined));
    const bytes = Buffer.from(parts.map(event).join(''));
    const answer: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const writeFrom = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 37), () => setImmediate(writeFrom, at + 37));
      };
      writeFrom(0);
    };
    const sink = createCollectingSink();
    expect(await execute(await adapterFor(answer), streamed, {}, sink)).toMatchObject({ ok: true, isCacheable: true });
    const said = (sink.events() as { choices: { delta: { content?: string } }[] }[])
      .map(({ choices }) => choices[0]?.delta.content ?? '')
      .join('');
    expect(said).toBe('Größe 日本 👋');
  });
});
