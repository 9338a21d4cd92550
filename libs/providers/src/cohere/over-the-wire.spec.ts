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
import { answerOf, event, eventsOf, goldenAnswers, messageEnd, messageStart } from './testing/golden-answers';

const { adapterAt, adapterFor, close, serve } = createWire('cohere');
const { question, streamed } = questionsTo('command-a-03-2025');
afterEach(close);

const whole = JSON.stringify(answerOf({}));

describe('cohere: what is sent', () => {
  async function sentBy(config: Partial<ProviderConfig>, body: Parameters<typeof execute>[1], more: object = {}) {
    const seen: { url?: string; headers?: object; body?: unknown } = {};
    const answer: RequestListener = (request, response) => {
      seen.url = request.url;
      seen.headers = request.headers;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.body = JSON.parse(Buffer.concat(chunks).toString());
        (body['stream'] === true ? sendsEvents(...eventsOf({})) : sendsJson(whole))(request, response);
      });
    };
    await execute(await adapterFor(answer, config), body, more);
    return seen;
  }

  it('has the key as a bearer token, and the translated body', async () => {
    const seen = await sentBy({ apiKey: 'co-ours' }, question, { traceparent: '00-aa-bb-01' });
    expect(seen).toEqual({
      url: '/v2/chat',
      headers: expect.objectContaining({
        authorization: 'Bearer co-ours',
        'x-request-id': 'r1',
        traceparent: '00-aa-bb-01',
      }),
      body: {
        model: 'command-a-03-2025',
        stream: false,
        messages: [{ role: 'user', content: 'Name a river.' }],
      },
    });
    expect((await sentBy({}, question)).headers).not.toHaveProperty('authorization');
    expect((await sentBy({}, streamed)).body).toMatchObject({ stream: true });
  });

  it('is nothing at all when the request cannot be translated', async () => {
    const seen = jest.fn();
    const outcome = await execute(await adapterFor(seen), { ...question, n: 2 });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request', field: 'n' }, upstreamCalls: 0 });
    expect(seen).not.toHaveBeenCalled();
  });

  it('goes to a base URL with the version as to one without it', async () => {
    const paths: (string | undefined)[] = [];
    const origin = await serve((request, response) => {
      paths.push(request.url);
      sendsJson(whole)(request, response);
    });
    for (const path of ['/', '/v2/', '/proxy?a=b']) await execute(adapterAt(origin + path), question);
    expect(paths).toEqual(['/v2/chat', '/v2/chat', '/proxy/v2/chat?a=b']);
    expect(() => adapterAt('ftp://a')).toThrow(/must be an http.*api\.cohere\.com/);
  });
});

describe('cohere: usage', () => {
  it.each(goldenAnswers.map((answer) => [answer.name, answer] as const))(
    'of an answer that is %s',
    async (_name, { isStream, usage, expected, promptTokens }) => {
      const answer = isStream ? sendsEvents(...eventsOf({ usage })) : sendsJson(JSON.stringify(answerOf({ usage })));
      const sink = createCollectingSink();
      const outcome = await execute(await adapterFor(answer), isStream ? streamed : question, {}, sink);
      const zero = { freshInputTokens: 0, cacheReadTokens: 0, cacheWriteShortTokens: 0, cacheWriteLongTokens: 0 };
      expect(outcome).toMatchObject({
        ok: true,
        usageSource: 'provider',
        isCacheable: true,
        finishReason: 'stop',
        modelUsed: 'command-a-03-2025',
      });
      expect(outcome.usage).toEqual({ ...zero, outputTokens: 0, reasoningTokens: 0, ...expected });
      const told = isStream ? sink.events().at(-1) : bodyOf(outcome);
      expect(told).toMatchObject({ usage: { prompt_tokens: promptTokens, completion_tokens: expected.outputTokens } });
    },
  );

  it('of a stream that broke off is estimated from what was sent and what came', async () => {
    const events = eventsOf({ pieces: ['x'.repeat(400), 'y'] }).slice(0, 3);
    const outcome = await execute(await adapterFor(breaksOffAfter(...events)), streamed);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'stream_interrupted' },
      hasDelivered: true,
      usageSource: 'estimated',
      usage: { outputTokens: 100 },
    });
    expect(outcome.usage?.freshInputTokens).toBeGreaterThan(0);
  });

  it('of an answer without any is estimated, and never taken for none', async () => {
    const { usage: _usage, ...bare } = answerOf({ pieces: ['x'.repeat(40)] });
    const outcome = await execute(await adapterFor(sendsJson(JSON.stringify(bare))), question);
    expect(outcome).toMatchObject({ ok: true, usageSource: 'estimated', usage: { outputTokens: 10 } });
  });
});

describe('cohere: how an answer ends', () => {
  it.each([
    ['COMPLETE', 'stop', true],
    ['STOP_SEQUENCE', 'stop', true],
    ['MAX_TOKENS', 'length', false],
    ['SOMETHING_NEW', 'stop', false],
  ])('%s is %s; to be kept: %s', async (reason, finishReason, isCacheable) => {
    const expected = { ok: true, finishReason, isCacheable };
    const reply = await execute(await adapterFor(sendsJson(JSON.stringify(answerOf({ reason })))), question);
    expect(reply).toMatchObject(expected);
    const stream = await execute(await adapterFor(sendsEvents(...eventsOf({ reason }))), streamed);
    expect(stream).toMatchObject(expected);
  });

  it.each(['ERROR', 'TIMEOUT'])('%s is a failure of Cohere’s, and the call is made again', async (reason) => {
    for (const [failed, good, body] of [
      [sendsJson(JSON.stringify(answerOf({ reason }))), sendsJson(whole), question],
      [sendsEvents(event(messageStart), event(messageEnd(reason))), sendsEvents(...eventsOf({})), streamed],
    ] as const) {
      let calls = 0;
      const answer: RequestListener = (request, response) => (calls++ === 0 ? failed : good)(request, response);
      expect(await execute(await adapterFor(answer), body)).toMatchObject({ ok: true, upstreamCalls: 2 });
    }
  });

  it('asks for what Cohere billed of a stream that failed after its first words', async () => {
    const [start = '', begun = '', first = ''] = eventsOf({});
    const usage = { billed_units: { input_tokens: 30, output_tokens: 4 } };
    const end = event(messageEnd('ERROR', usage, { error: 'internal' }));
    let finish = (): void => undefined;
    const answer: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(start + begun + first);
      finish = () => void response.end(end);
    };
    const sink = createCollectingSink(() => finish());
    const outcome = await execute(await adapterFor(answer), streamed, {}, sink);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'upstream_error' },
      hasDelivered: true,
      usageSource: 'provider',
      usage: { freshInputTokens: 30, outputTokens: 4 },
      upstreamCalls: 1,
    });
  });

  it('of a server that ends its streams in OpenAI’s way besides is said once', async () => {
    const sink = createCollectingSink();
    const events = [...eventsOf({}), 'data: [DONE]\n\n'];
    expect(await execute(await adapterFor(sendsEvents(...events)), streamed, {}, sink)).toMatchObject({
      ok: true,
      isCacheable: true,
    });
    expect(Buffer.concat(sink.chunks).toString().split('data: [DONE]')).toHaveLength(2);
  });

  it('never shows the key, wherever Cohere repeats it', async () => {
    const body = JSON.stringify({ message: 'the key co-ours has no use for this' });
    const answer: RequestListener = (_request, response) => response.writeHead(400).end(body);
    const outcome = await execute(await adapterFor(answer, { apiKey: 'co-ours' }), question);
    expect(outcome).toMatchObject({ ok: false, error: { message: 'the key [redacted] has no use for this' } });
    expect(String(outcome.body)).not.toMatch(/co-ours/);
  });

  it('a stream may be cut into pieces anywhere', async () => {
    const bytes = Buffer.from(eventsOf({ pieces: ['Größe ', '日本', ' 👋'] }).join(''));
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
