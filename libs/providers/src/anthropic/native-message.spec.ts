import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import type { ProviderOutcome } from '../provider';
import { createCollectingSink } from '../testing/collecting-sink';
import { bodyOf, breaksOffAfter, createWire, execute, sendsEvents, sendsJson } from '../translation/testing/wire';
import { MessageEventScanner } from './scan-message-events';
import { event, eventsOf, goldenAnswers, messageOf } from './testing/golden-answers';

const { adapterAt, adapterFor, close, mock } = createWire('anthropic');
afterEach(close);

const native = { dialect: 'anthropic.messages' };
const question = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Name a river.' }],
};
const streamed = { ...question, stream: true };
const usage = { input_tokens: 500, output_tokens: 2 };

const ask = async (answer: RequestListener, sink = createCollectingSink()): Promise<ProviderOutcome> =>
  execute(await adapterFor(answer), question, native, sink);
const stream = async (answer: RequestListener, sink = createCollectingSink()): Promise<ProviderOutcome> =>
  execute(await adapterFor(answer), streamed, native, sink);

const failsWith =
  (status: number, error: object, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ type: 'error', error, request_id: 'req_theirs' }));
  };

describe('anthropic: a request in its own dialect', () => {
  it('goes out as it came, and the answer comes as it was sent', async () => {
    const seen: { url?: string; body?: string; headers?: object } = {};
    const answer = ` ${messageOf({ usage })}\n`;
    const adapter = await adapterFor((request, response) => {
      Object.assign(seen, { url: request.url, headers: request.headers, body: '' });
      request.on('data', (chunk: Buffer) => (seen.body += chunk.toString()));
      request.on('end', () => sendsJson(answer)(request, response));
    });
    const body = Buffer.from('{ "model":"claude-x", "a_field_of_tomorrow": 1.50 }');
    const outcome = await execute(adapter, question, { ...native, body });
    expect(seen).toMatchObject({
      url: '/v1/messages',
      body: body.toString(),
      headers: { 'anthropic-version': '2023-06-01' },
    });
    expect(outcome).toMatchObject({
      ok: true,
      isCacheable: true,
      finishReason: 'stop',
      modelUsed: 'claude-sonnet-4-5',
    });
    expect(outcome.body?.toString()).toBe(answer);
  });

  it('has its events passed on byte by byte, those before the first content with it', async () => {
    const sink = createCollectingSink();
    const events = eventsOf({ usage, totals: [{ output_tokens: 7 }], pieces: ['Größe "', '日本\n'] });
    const outcome = await stream(sendsEvents(...events), sink);
    expect(sink.text()).toBe(events.join(''));
    expect(outcome).toMatchObject({ ok: true, isCacheable: true, deliveredChars: 9 + 7, finishReason: 'stop' });
  });

  it.each(goldenAnswers.map((answer) => [answer.name, answer] as const))(
    'tells its usage: %s',
    async (_name, golden) => {
      const outcome = golden.totals
        ? await stream(sendsEvents(...eventsOf(golden)))
        : await ask(sendsJson(messageOf(golden)));
      const zero = { freshInputTokens: 0, cacheReadTokens: 0, cacheWriteShortTokens: 0, cacheWriteLongTokens: 0 };
      expect(outcome).toMatchObject({ ok: true, usageSource: 'provider', isCacheable: true });
      expect(outcome.usage).toEqual({ ...zero, outputTokens: 0, reasoningTokens: 0, ...golden.expected });
    },
  );

  it('is paid by the tier that the answer names', async () => {
    expect(await ask(sendsJson(messageOf({ usage: { ...usage, service_tier: 'standard' } })))).toMatchObject({
      serviceTier: 'default',
    });
    const events = eventsOf({ usage: { ...usage, service_tier: 'priority' }, totals: [{ output_tokens: 3 }] });
    expect(await stream(sendsEvents(...events))).toMatchObject({ serviceTier: 'priority' });
  });

  it.each([
    ['end_turn', 'stop', true],
    ['stop_sequence', 'stop', true],
    ['tool_use', 'tool_calls', true],
    ['max_tokens', 'length', false],
    ['refusal', 'content_filter', false],
    ['pause_turn', 'stop', false],
  ])('ends by %s, on record as %s; to be kept: %s', async (stopReason, finishReason, isCacheable) => {
    const expected = { ok: true, finishReason, isCacheable };
    expect(await ask(sendsJson(messageOf({ usage, stopReason })))).toMatchObject(expected);
    expect(await stream(sendsEvents(...eventsOf({ usage, stopReason })))).toMatchObject(expected);
  });

  it('is not kept where Anthropic’s own tools had a part in the answer, or where it says nothing', async () => {
    const message = JSON.parse(messageOf({ usage })) as { content: object[] };
    const searched = [{ type: 'web_search_tool_result', tool_use_id: 's', content: [] }, ...message.content];
    expect(await ask(sendsJson(JSON.stringify({ ...message, content: searched })))).toMatchObject({
      ok: true,
      isCacheable: false,
    });
    const search = event('content_block_start', { index: 0, content_block: { type: 'server_tool_use', id: 's' } });
    expect(await stream(sendsEvents(...eventsOf({ usage }).toSpliced(1, 0, search)))).toMatchObject({
      ok: true,
      isCacheable: false,
    });
    expect(await ask(sendsJson(messageOf({ usage, pieces: [] })))).toMatchObject({ ok: true, isCacheable: false });
  });

  it('that does not fit is an error when it is whole, and told by its reason to stop in a stream; both are paid', async () => {
    const stopReason = 'model_context_window_exceeded';
    const whole = await ask(sendsJson(messageOf({ usage, stopReason })));
    const paid = { usageSource: 'provider', usage: { freshInputTokens: 500, outputTokens: 2 } };
    expect(whole).toMatchObject({
      ok: false,
      error: { code: 'context_length_exceeded' },
      status: 400,
      upstreamCalls: 1,
      ...paid,
    });
    expect(bodyOf(whole)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    const sink = createCollectingSink();
    const events = eventsOf({ usage, stopReason });
    expect(await stream(sendsEvents(...events), sink)).toMatchObject({ ok: true, isCacheable: false, ...paid });
    expect(sink.text()).toBe(events.join(''));
  });

  it('fails with our codes and Anthropic’s words', async () => {
    const tooLong = await ask(failsWith(400, { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' }));
    expect(tooLong).toMatchObject({ ok: false, error: { code: 'context_length_exceeded' } });
    const wrong = await ask(failsWith(400, { type: 'invalid_request_error', message: 'tools.0.custom: no' }));
    expect(wrong).toMatchObject({
      ok: false,
      status: 400,
      error: { code: 'upstream_rejected', message: 'tools.0.custom: no' },
    });
    expect(bodyOf(wrong)).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'tools.0.custom: no' },
    });
    const missing = await ask(failsWith(404, { type: 'not_found_error', message: 'model: claude-9' }));
    expect(missing).toMatchObject({ error: { code: 'model_not_found' } });
    expect(bodyOf(missing)).toMatchObject({
      error: { type: 'not_found_error', message: expect.stringContaining('claude-9') },
    });
    const limited = await ask(failsWith(429, { type: 'rate_limit_error', message: 'slow' }, { 'retry-after': '60' }));
    expect(limited).toMatchObject({ error: { code: 'upstream_rate_limited' }, retryAfterMs: 60_000, upstreamCalls: 1 });
    expect(limited.body).toBeUndefined();
    const busy = await ask(failsWith(529, { type: 'overloaded_error', message: 'Overloaded' }));
    expect(busy).toMatchObject({ error: { code: 'upstream_overloaded' }, upstreamCalls: 2 });
    expect(await ask(sendsJson('{"type":"mess'))).toMatchObject({ error: { code: 'upstream_malformed' } });
    expect(await ask(sendsJson('{"object":"chat.completion","choices":[]}'))).toMatchObject({
      error: { code: 'upstream_malformed' },
    });
  });

  it('is asked again when the stream failed before its first content, and only then', async () => {
    const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    let calls = 0;
    let goOn: (() => void) | undefined;
    const answer: RequestListener = (request, response) => {
      if (calls++ > 0) return sendsEvents(...eventsOf({ usage }))(request, response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventsOf({ usage })[0], () => setImmediate(() => response.end(error)));
    };
    const sink = createCollectingSink();
    expect(await stream(answer, sink)).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(sink.text()).toBe(eventsOf({ usage }).join(''));
    const late: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventsOf({ usage }).slice(0, 4).join(''));
      goOn = () => response.end(error);
    };
    const outcome = await stream(
      late,
      createCollectingSink(() => goOn?.()),
    );
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'upstream_overloaded' },
      hasDelivered: true,
      upstreamCalls: 1,
    });
  });

  it('that broke off is charged for what it began with, and for the output as far as it came', async () => {
    const events = eventsOf({ usage: { ...usage, cache_read_input_tokens: 4_000 }, pieces: ['x'.repeat(400)] });
    expect(await stream(breaksOffAfter(...events.slice(0, 4)))).toMatchObject({
      ok: false,
      error: { code: 'stream_interrupted' },
      usageSource: 'estimated',
      usage: { freshInputTokens: 500, cacheReadTokens: 4_000, outputTokens: 100 },
    });
    const told = eventsOf({ usage, totals: [{ output_tokens: 77 }], pieces: ['x'] }).slice(0, -2);
    expect(await stream(breaksOffAfter(...told))).toMatchObject({ ok: false, usageSource: 'estimated' });
  });

  it('gets marks for the cache where somebody wants them and it is long enough, and is untouched otherwise', async () => {
    const long = { ...question, system: 'Rules of the house. '.repeat(200) };
    const bodies: string[] = [];
    const adapter = await adapterFor((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(body);
        sendsJson(messageOf({ usage }))(request, response);
      });
    });
    const markPrompt = jest.fn((body: object) => ({ ...body, cache_control: { type: 'ephemeral' } }));
    await execute(adapter, long, { ...native, markPrompt });
    await execute(adapter, question, { ...native, markPrompt });
    await execute(adapter, long, { ...native, markPrompt: (body: object) => body });
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      { ...long, cache_control: { type: 'ephemeral' } },
      question,
      long,
    ]);
    expect(markPrompt).toHaveBeenCalledTimes(1);
    expect(markPrompt.mock.lastCall).toEqual([long, JSON.stringify(long).length]);
  });

  it('is answered by the mock, streamed and not, with tools and thinking', async () => {
    const adapter = adapterAt((await mock()).url);
    const tools = [{ name: 'look', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];
    const body = { ...question, tools, tool_choice: { type: 'any' } };
    const called = await execute(adapter, body, native);
    expect(called).toMatchObject({ ok: true, finishReason: 'tool_calls', isCacheable: true });
    expect(bodyOf(called)).toMatchObject({ type: 'message', content: [{ type: 'tool_use', name: 'look' }] });
    const thinking = { ...streamed, thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 4_000 };
    const thought = await execute(adapter, thinking, native);
    expect(thought).toMatchObject({ ok: true, isCacheable: true, usageSource: 'provider' });
    expect(thought.usage?.reasoningTokens).toBeGreaterThan(0);
  });

  it('is refused in a dialect that Anthropic does not speak', async () => {
    const outcome = await execute(adapterAt('http://127.0.0.1:1'), question, { dialect: 'openai.responses' });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' }, upstreamCalls: 0 });
  });
});

describe('MessageEventScanner', () => {
  const events = Buffer.from(
    eventsOf({ usage, totals: [{ output_tokens: 9 }], pieces: ['Größe ', '"日本"\n', ' 👋'] }).join(''),
  );
  const scanned = (bytes: Buffer, cuts: readonly number[]) => {
    const scanner = new MessageEventScanner();
    const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
    const passed = places.slice(1).map((end, i) => scanner.push(bytes.subarray(places[i], end)));
    passed.push(scanner.finish());
    const { facts, isDone, isWhole, finishReasons, fault } = scanner;
    const text = Buffer.concat(passed.filter((each) => each !== undefined)).toString();
    return { facts, isDone, isWhole, finishReasons, fault, text };
  };

  it('sees the same and passes the same on wherever the stream is cut, in whatever line ends', () => {
    for (const bytes of [events, Buffer.from(events.toString().replaceAll('\n', '\r\n'))]) {
      const whole = scanned(bytes, []);
      expect(whole).toMatchObject({ isDone: true, isWhole: true, finishReasons: ['stop'], text: bytes.toString() });
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 10 }), (cuts) => {
          expect(scanned(bytes, cuts)).toEqual(whole);
        }),
      );
    }
  });

  it('stops before an event that is none', () => {
    const [start = '', block = '', ...rest] = eventsOf({ usage });
    const broken = Buffer.from(`${start}${block}data: {"type":"content_blo\n\n${rest.join('')}`);
    expect(scanned(broken, [])).toMatchObject({ fault: { kind: 'malformed' }, text: start + block, isWhole: false });
  });
});
