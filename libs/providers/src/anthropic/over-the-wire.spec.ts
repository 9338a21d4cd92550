import type { RequestListener } from 'node:http';
import type { ProviderConfig } from '../provider-config';
import { createCollectingSink } from '../testing/collecting-sink';
import { event, eventsOf, goldenAnswers, messageOf } from './testing/golden-answers';
import {
  bodyOf,
  breaksOffAfter,
  createWire,
  execute,
  questionsTo,
  sendsEvents,
  sendsJson,
} from '../translation/testing/wire';

const { adapterAt, adapterFor, close, serve } = createWire('anthropic');
const { question, streamed } = questionsTo('claude-sonnet-4-5');
afterEach(close);

const usage = { input_tokens: 500, output_tokens: 2 };

describe('anthropic: what is sent', () => {
  async function sentBy(config: Partial<ProviderConfig>, body: Parameters<typeof execute>[1], more: object = {}) {
    const seen: { url?: string; headers?: object; body?: unknown } = {};
    const answer: RequestListener = (request, response) => {
      seen.url = request.url;
      seen.headers = request.headers;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.body = JSON.parse(Buffer.concat(chunks).toString());
        sendsJson(messageOf({ usage }))(request, response);
      });
    };
    await execute(await adapterFor(answer, config), body, more);
    return seen;
  }

  it('has Anthropic’s headers, and the translated body', async () => {
    const seen = await sentBy({ apiKey: 'sk-ant-ours' }, question, { traceparent: '00-aa-bb-01' });
    expect(seen).toMatchObject({
      url: '/v1/messages',
      headers: {
        'x-api-key': 'sk-ant-ours',
        'anthropic-version': '2023-06-01',
        'x-request-id': 'r1',
        traceparent: '00-aa-bb-01',
      },
      body: { model: 'claude-sonnet-4-5', max_tokens: 64_000, messages: [{ role: 'user' }] },
    });
    expect(seen.headers).not.toHaveProperty('authorization');
  });

  it('is marked for the cache by whoever asked for that, after the translation and with its length', async () => {
    const markPrompt = jest.fn((body: object, bodyBytes: number) => ({ ...body, cache_control: { bytes: bodyBytes } }));
    const { body } = await sentBy({}, question, { markPrompt });
    const { cache_control: control, ...plain } = body as Record<string, unknown>;
    expect(control).toEqual({ bytes: JSON.stringify(plain).length });
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
      sendsJson(messageOf({ usage }))(request, response);
    };
    const origin = await serve(answer);
    for (const path of ['/', '/v1', '/v1/', '/proxy']) await execute(adapterAt(origin + path), question);
    expect(paths).toEqual(['/v1/messages', '/v1/messages', '/v1/messages', '/proxy/v1/messages']);
    expect(() => adapterAt('ftp://a')).toThrow(/must be an http/);
  });
});

describe('anthropic: usage', () => {
  it.each(goldenAnswers.map((answer) => [answer.name, answer] as const))(
    'of an answer that is %s',
    async (_name, golden) => {
      const isStream = golden.totals !== undefined;
      const answer = isStream ? sendsEvents(...eventsOf(golden)) : sendsJson(messageOf(golden));
      const sink = createCollectingSink();
      const outcome = await execute(await adapterFor(answer), isStream ? streamed : question, {}, sink);
      const zero = { freshInputTokens: 0, cacheReadTokens: 0, cacheWriteShortTokens: 0, cacheWriteLongTokens: 0 };
      expect(outcome).toMatchObject({ ok: true, usageSource: 'provider', isCacheable: true, finishReason: 'stop' });
      expect(outcome.usage).toEqual({ ...zero, outputTokens: 0, reasoningTokens: 0, ...golden.expected });
      const told = isStream ? sink.events().at(-1) : bodyOf(outcome);
      expect(told).toMatchObject({ usage: { prompt_tokens: golden.promptTokens } });
    },
  );

  it('of a stream that broke off is the input that it began with, and the output as far as it came', async () => {
    const events = eventsOf({ usage: { ...usage, cache_read_input_tokens: 4_000 }, pieces: ['x'.repeat(400)] }).slice(
      0,
      4,
    );
    const outcome = await execute(await adapterFor(breaksOffAfter(...events)), streamed);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'stream_interrupted' },
      usageSource: 'estimated',
      usage: { freshInputTokens: 500, cacheReadTokens: 4_000, outputTokens: 100 },
    });
  });

  it('of a stream that broke off after its totals is what they say', async () => {
    const events = eventsOf({ usage, totals: [{ output_tokens: 77 }], pieces: ['x'] }).slice(0, -1);
    const outcome = await execute(await adapterFor(breaksOffAfter(...events)), streamed);
    expect(outcome).toMatchObject({ usageSource: 'provider', usage: { freshInputTokens: 500, outputTokens: 77 } });
  });
});

describe('anthropic: how an answer ends', () => {
  it.each([
    ['end_turn', 'stop', true],
    ['stop_sequence', 'stop', true],
    ['tool_use', 'tool_calls', true],
    ['max_tokens', 'length', false],
    ['refusal', 'content_filter', false],
    ['pause_turn', 'stop', false],
  ])('%s is %s; to be kept: %s', async (stopReason, finishReason, isCacheable) => {
    const whole = await execute(await adapterFor(sendsJson(messageOf({ usage, stopReason }))), question);
    expect(whole).toMatchObject({ ok: true, finishReason, isCacheable });
    const stream = await execute(await adapterFor(sendsEvents(...eventsOf({ usage, stopReason }))), streamed);
    expect(stream).toMatchObject({ ok: true, finishReason, isCacheable });
  });

  it('an answer that did not fit is an error that OpenAI’s clients know, is paid, and is not asked for again', async () => {
    const stopReason = 'model_context_window_exceeded';
    const expected = {
      ok: false,
      error: {
        code: 'context_length_exceeded',
        field: 'messages',
        message: expect.stringMatching(/maximum context length/),
      },
      status: 400,
      upstreamCalls: 1,
      usageSource: 'provider',
      usage: { freshInputTokens: 500, outputTokens: 2 },
    };
    const whole = await execute(await adapterFor(sendsJson(messageOf({ usage, stopReason }))), question);
    expect(whole).toMatchObject({ ...expected, hasDelivered: false });
    expect(bodyOf(whole)).toMatchObject({ error: { code: 'context_length_exceeded' } });
    const stream = await execute(await adapterFor(sendsEvents(...eventsOf({ usage, stopReason }))), streamed);
    expect(stream).toMatchObject(expected);
  });

  it('an error before the first content is a clean one, and the call is made again', async () => {
    let calls = 0;
    const events = eventsOf({ usage });
    const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    const answer: RequestListener = (request, response) =>
      (calls++ === 0 ? sendsEvents(...events.slice(0, 3), error) : sendsEvents(...events))(request, response);
    const sink = createCollectingSink();
    expect(await execute(await adapterFor(answer), streamed, {}, sink)).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(sink.heads).toHaveLength(1);
  });

  it('an error in the middle ends the stream, and what was said is paid', async () => {
    const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    let goOn: (() => void) | undefined;
    const answer: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventsOf({ usage }).slice(0, 5).join(''));
      goOn = () => response.end(error);
    };
    const sink = createCollectingSink(() => goOn?.());
    const outcome = await execute(await adapterFor(answer), streamed, {}, sink);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'upstream_overloaded' },
      hasDelivered: true,
      upstreamCalls: 1,
      usage: { freshInputTokens: 500 },
    });
  });

  it('a limit of spending is never tried again, whatever a header says', async () => {
    let calls = 0;
    const details = { error_code: 'enforced_spend_limit_reached' };
    const body = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'no', details } });
    const answer: RequestListener = (_request, response) => {
      calls++;
      response.writeHead(429, { 'x-should-retry': 'true' }).end(body);
    };
    expect(await execute(await adapterFor(answer), question)).toMatchObject({
      error: { code: 'upstream_quota_exhausted' },
    });
    expect(calls).toBe(1);
  });

  it('a stream may be cut into pieces anywhere', async () => {
    const whole = Buffer.from(
      eventsOf({ usage, pieces: ['Größe ', '日本', ' 👋'] })
        .join('')
        .replaceAll('\n', '\r\n'),
    );
    const answer: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const writeFrom = (at: number): void => {
        if (at >= whole.length) response.end();
        else response.write(whole.subarray(at, at + 37), () => setImmediate(writeFrom, at + 37));
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
