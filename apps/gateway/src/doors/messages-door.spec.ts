import { CostlaneError } from '@costlane/domain';
import { waitFor } from '@costlane/testing';
import Fastify from 'fastify';
import type { Inference } from '../core/inference';
import { createRoutePlanner } from '../core/routing/route-planner';
import {
  answerWith,
  chunk,
  decision,
  end,
  header,
  recordingObserver,
  scriptedInference,
  type Asked,
} from '../testing/scripted-inference';
import { silent, testAuthenticator, testGateway } from '../testing/test-gateway';
import { createAdmission, noLimit } from './admission';
import { createErrorHandler } from './error-shape';
import { registerMessagesDoor } from './messages-door';
import { defaultControls } from './request-controls';

const question = { model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content: 'Hi.' }] };

const post = (payload: unknown, headers: Record<string, string> = {}, url = '/v1/messages') =>
  ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }) as const;

const bodyOf = (asked: Asked | undefined): unknown => JSON.parse(String(asked?.request.upstreamBody('gpt-4o-mini-up')));

describe('the messages door, with a model that speaks chat completions', () => {
  it('asks a chat completion, and tells the answer and its costs in Anthropic’s way', async () => {
    const { fastify, asked, events } = testGateway({ onAsk: answerWith('Hello!') });
    const reply = await fastify.inject(post(question));
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'Hello!' }],
      usage: { input_tokens: 8, cache_read_input_tokens: 2, output_tokens: 6 },
    });
    expect(reply.headers).toMatchObject({ 'x-cost-usd': '0.000001200', 'x-cache': 'miss' });
    expect(reply.headers['request-id']).toBe(reply.headers['x-request-id']);
    expect(asked[0]?.request).toMatchObject({
      dialect: 'openai.chat',
      endpoint: '/v1/messages',
      modelAsked: 'gpt-4o-mini',
    });
    expect(bodyOf(asked[0])).toEqual({
      model: 'gpt-4o-mini-up',
      messages: [{ role: 'user', content: 'Hi.' }],
      max_tokens: 50,
    });
    expect(events.ended).toHaveLength(1);
  });

  it('shares the cache with the chat door, and may get an answer to a like question', async () => {
    const { fastify, asked } = testGateway({ onAsk: answerWith('Hello!') });
    await fastify.inject(post(question));
    await fastify.inject(
      post({ messages: question.messages, model: question.model, max_tokens: 50 }, {}, '/v1/chat/completions'),
    );
    await fastify.inject(post(question));
    const keys = asked.map(({ request }) => request.fingerprint);
    expect(new Set(keys).size).toBe(1);
    expect(asked[0]?.request.needs()).toEqual(asked[1]?.request.needs());
    expect(asked[0]?.request.needs().question?.text).toBe('Hi.');
  });

  it('gives reasoning models their limit in the field that they take', async () => {
    const { fastify, asked } = testGateway({ onAsk: answerWith('Hello!') });
    await fastify.inject(post(question));
    const body = JSON.parse(String(asked[0]?.request.upstreamBody('gpt-5-mini'))) as object;
    expect(body).toMatchObject({ model: 'gpt-5-mini', max_completion_tokens: 50 });
    expect(body).not.toHaveProperty('max_tokens');
  });

  it('streams events, with the costs in the last', async () => {
    const { fastify, asked } = testGateway({ onAsk: answerWith('Hello!') });
    const reply = await fastify.inject(post({ ...question, stream: true }));
    expect(reply.headers['content-type']).toMatch(/^text\/event-stream/);
    const names = [...reply.payload.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    expect(names).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(reply.payload).toMatch(/"type":"message_stop","costlane":\{"request_id":"req_[^}]*"cost_usd":"0.000001200"/);
    expect(bodyOf(asked[0])).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('ends a stream that broke off, or that cannot be told, with an error event', async () => {
    const broken = testGateway({
      onAsk: ({ listener }) => {
        listener.head(header(), 'miss');
        listener.chunk(Buffer.from(chunk('Hel')));
        listener.end(end({ header: header({ errorCode: 'stream_interrupted' }) }));
      },
    });
    const reply = await broken.fastify.inject(post({ ...question, stream: true }));
    expect(reply.payload).toMatch(/event: error\ndata: {"type":"error","error":{"type":"api_error",/);
    expect(reply.payload).not.toContain('message_stop');
    const odd = testGateway({
      onAsk: ({ listener }) => {
        listener.head(header(), 'miss');
        listener.chunk(Buffer.from('data: {"cho\n\n'));
        listener.chunk(Buffer.from(chunk('Hel')));
        listener.end(end());
      },
    });
    expect((await odd.fastify.inject(post({ ...question, stream: true }))).payload).toMatch(/^event: error\n/);
    expect(odd.events.ended).toMatchObject([{ header: { errorCode: 'upstream_malformed' } }]);
  });

  it('tells the provider’s refusal in the provider’s words', async () => {
    const upstream = { error: { message: 'Unknown parameter: top_k', type: 'invalid_request_error', code: null } };
    const { fastify } = testGateway({
      onAsk: ({ listener }) =>
        listener.whole({
          ...end({ header: header({ errorCode: 'upstream_rejected', status: 400 }) }),
          form: 'json',
          body: Buffer.from(JSON.stringify({ message: 'rejected', upstream })),
        }),
    });
    const reply = await fastify.inject(post(question));
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'Unknown parameter: top_k' },
      request_id: reply.headers['x-request-id'],
    });
  });

  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['broken JSON', '{', {}, 400, 'invalid_request_error'],
    ['no body', '', {}, 400, 'invalid_request_error'],
    ['no limit', { ...question, max_tokens: undefined }, {}, 400, 'invalid_request_error'],
    ['no messages', { ...question, messages: [] }, {}, 400, 'invalid_request_error'],
    ['an unknown model', { ...question, model: 'no-such-model' }, {}, 404, 'not_found_error'],
    ['what has no translation', { ...question, container: 'c' }, {}, 400, 'invalid_request_error'],
    ['a beta', question, { 'anthropic-beta': 'files-api-2025-04-14' }, 400, 'invalid_request_error'],
    ['a header of ours that is wrong', question, { 'x-costlane-priority': 'soon' }, 400, 'invalid_request_error'],
    ['another content type', question, { 'content-type': 'text/plain' }, 415, 'invalid_request_error'],
    ['a body that is too large', { ...question, system: 'x'.repeat(5_000) }, {}, 413, 'request_too_large'],
  ])('refuses %s in Anthropic’s shape', async (_what, payload, headers, status, type) => {
    const { fastify, asked } = testGateway();
    const reply = await fastify.inject(post(payload, headers));
    expect([reply.statusCode, reply.json()]).toMatchObject([status, { type: 'error', error: { type } }]);
    expect(reply.headers['x-error-code']).toEqual(expect.any(String));
    expect((reply.json() as { request_id: string }).request_id).toBe(reply.headers['x-request-id']);
    expect(asked).toEqual([]);
  });

  it('refuses who has no key, or a wrong one, and what is not there', async () => {
    const { fastify } = testGateway({ authenticator: { mode: 'required' } });
    expect((await fastify.inject(post(question))).json()).toMatchObject({ error: { type: 'authentication_error' } });
    const wrong = await fastify.inject(post(question, { 'x-api-key': 'cl_unknown' }));
    expect([wrong.statusCode, wrong.json()]).toMatchObject([401, { error: { type: 'authentication_error' } }]);
    const batches = await fastify.inject(post({}, {}, '/v1/messages/batches'));
    expect([batches.statusCode, batches.json()]).toMatchObject([
      404,
      { type: 'error', error: { type: 'not_found_error' } },
    ]);
  });

  it('asks the provider to stop when the client leaves', async () => {
    const { fastify, asked, events } = testGateway();
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    const address = fastify.server.address();
    const leaving = new AbortController();
    const port = typeof address === 'object' && address ? address.port : 0;
    const asking = fetch(`http://127.0.0.1:${port}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
      signal: leaving.signal,
    }).catch(() => undefined);
    await waitFor(() => asked.length > 0);
    leaving.abort();
    await asking;
    await waitFor(() => asked[0]?.hasLeft);
    expect(events.left).toBe(1);
    fastify.server.closeAllConnections();
    await fastify.close();
  });

  it('counts tokens by an estimate that is marked as one', async () => {
    const { fastify, asked } = testGateway();
    const reply = await fastify.inject(
      post({ model: 'm', messages: question.messages }, {}, '/v1/messages/count_tokens'),
    );
    expect(reply.json()).toEqual({ input_tokens: 5 });
    expect(reply.headers['x-costlane-estimated']).toBe('true');
    const wrong = await fastify.inject(post({ messages: 'x' }, {}, '/v1/messages/count_tokens'));
    expect([wrong.statusCode, wrong.json()]).toMatchObject([
      400,
      { type: 'error', error: { type: 'invalid_request_error' } },
    ]);
    expect(asked).toEqual([]);
  });
});

/** The door alone, with all questions going to Claude. */
function claudeDoor(onAsk: (asked: Asked) => void = () => undefined) {
  const fastify = Fastify();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.setErrorHandler(createErrorHandler(silent, () => []));
  const { inference, asked } = scriptedInference(onAsk);
  const claude: Inference = {
    ...inference,
    route: () => ({ ...decision, model: { ...decision.model, name: 'claude-x', provider: 'anthropic' } }),
  };
  registerMessagesDoor(fastify, {
    inference: claude,
    admission: createAdmission(testAuthenticator(), noLimit, () => false),
    observer: recordingObserver().observer,
    defaults: defaultControls({
      isCacheEnabled: true,
      isSemanticEnabled: true,
      cacheTtlSeconds: 60,
      requestTimeoutMs: 5_000,
    }),
    planner: createRoutePlanner({ policy: () => undefined, predictGain: () => undefined }),
    bodyLimitBytes: 4_096,
  });
  return { fastify, asked };
}

describe('the messages door, with Claude', () => {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hi' }] };
  const answer = Buffer.from(JSON.stringify(message, undefined, 1));

  it('passes the body and the answer on as they are', async () => {
    const { fastify, asked } = claudeDoor(({ listener }) => listener.whole({ ...end(), form: 'json', body: answer }));
    const raw =
      '{ "max_tokens": 5, "a_field_of_tomorrow": 1.50, "model":"claude-x", "messages":[{"role":"user","content":[{"type":"document"}]}]}';
    const reply = await fastify.inject(post(raw));
    expect(reply.rawPayload.equals(answer)).toBe(true);
    expect(reply.headers['x-cost-usd']).toBe('0.000001200');
    const { request } = asked[0] as Asked;
    expect(request).toMatchObject({ dialect: 'anthropic.messages', useSemanticCache: false });
    expect(request.upstreamBody('claude-x').toString()).toBe(raw);
    expect(JSON.parse(request.upstreamBody('claude-y').toString())).toEqual({
      ...(JSON.parse(raw) as object),
      model: 'claude-y',
    });
    expect(request.needs()).toEqual({});
  });

  it('knows the same question whether it is streamed, whoever asks it and in whatever tier', async () => {
    const { fastify, asked } = claudeDoor(({ listener }) => listener.whole({ ...end(), form: 'json', body: answer }));
    const variants = [
      {},
      {},
      { stream: true },
      { metadata: { user_id: 'u' } },
      { service_tier: 'auto' },
      { temperature: 0.5 },
      { system: 'Be brief.' },
      { thinking: { type: 'adaptive' } },
    ];
    for (const more of variants) await fastify.inject(post({ ...question, ...more }));
    const keys = asked.map(({ request }) => request.fingerprint);
    expect(new Set(keys.slice(0, 5)).size).toBe(1);
    expect(new Set(keys).size).toBe(4);
  });

  it('tells Claude’s own errors as they are', async () => {
    const upstream = { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: 9 > 8' } };
    const { fastify } = claudeDoor(({ listener }) =>
      listener.whole({
        ...end({ header: header({ errorCode: 'upstream_rejected' }) }),
        form: 'json',
        body: Buffer.from(JSON.stringify({ message: 'x', upstream })),
      }),
    );
    const reply = await fastify.inject(post(question));
    expect(reply.json()).toEqual({ ...upstream, request_id: reply.headers['request-id'] });
  });

  it('is refused like everybody else', async () => {
    const { fastify } = claudeDoor(() => {
      throw new CostlaneError('overloaded', 'Too much.', { retryAfterMs: 1_000 });
    });
    const reply = await fastify.inject(post(question));
    expect([reply.statusCode, reply.headers['retry-after']]).toEqual([529, '1']);
  });
});
