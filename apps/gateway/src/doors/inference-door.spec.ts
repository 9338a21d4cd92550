import { completion, end, header, answerWith } from '../testing/scripted-inference';
import { testGateway, type TestGatewayOptions } from '../testing/test-gateway';
import { refused } from './admission';

const post = (
  options: TestGatewayOptions,
  payload: unknown,
  more: { url?: string; headers?: Record<string, string> } = {},
) => {
  const gateway = testGateway(options);
  const { url = '/v1/inference', headers = {} } = more;
  const reply = gateway.fastify.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  return { ...gateway, reply };
};

const eventsOf = (body: string): unknown[] =>
  body
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as unknown);

describe('POST /v1/inference', () => {
  it.each(['/v1/inference', '/chat'])('answers in the envelope, with the costs in headers (%s)', async (url) => {
    const { reply, asked, events } = post({ onAsk: answerWith('Because.') }, { prompt: 'Why?' }, { url });
    const { statusCode, headers, json } = await reply;
    expect(statusCode).toBe(200);
    expect((await reply).json()).toMatchObject({
      success: true,
      error: null,
      data: { text: 'Because.', cost_usd: 0.0000012 },
    });
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^req/),
      'x-cost-usd': '0.000001200',
      'x-cost-baseline-usd': '0.000002000',
      'x-cost-saved-usd': '0.000000800',
      'x-cache': 'miss',
      'x-model-used': 'gpt-4o-mini-up',
      'x-route-decision': 'requested',
    });
    expect(json<{ data: { request_id: string } }>().data.request_id).toBe(headers['x-request-id']);
    expect(asked[0]?.request.endpoint).toBe(url);
    expect(events.ended).toHaveLength(1);
  });

  it('asks the provider in the form of chat completions, without what only steers the gateway', async () => {
    const { reply, asked } = post(
      { onAsk: answerWith('Because.') },
      {
        prompt: 'Why?',
        max_tokens: 7,
        temperature: 0.1,
        quality: 'low',
        task_type: 'x',
        metadata: { user_id: 'u' },
        stream: true,
      },
    );
    await reply;
    expect(JSON.parse(String(asked[0]?.request.upstreamBody('m-up')))).toEqual({
      model: 'm-up',
      messages: [{ role: 'user', content: 'Why?' }],
      max_tokens: 7,
      temperature: 0.1,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it.each(['o3-mini', 'gpt-5-nano'])('names the limit as the reasoning model %s takes it', async (model) => {
    const { reply, asked } = post({ onAsk: answerWith('Because.') }, { prompt: 'Why?', max_tokens: 7 });
    await reply;
    expect(JSON.parse(String(asked[0]?.request.upstreamBody(model)))).toEqual({
      model,
      messages: [{ role: 'user', content: 'Why?' }],
      max_completion_tokens: 7,
    });
  });

  it('lets its fields steer the request, and headers what they leave open', async () => {
    const { reply, asked } = post(
      { onAsk: answerWith('Because.') },
      {
        prompt: 'Why?',
        priority: 'express',
        cache_ttl_seconds: 5,
        deadline_ms: 700,
        idempotency_key: 'k',
        metadata: { feature_name: 'f', user_id: 'u', tenant_id: 'acme' },
      },
      { headers: { 'x-costlane-priority': 'batch', 'x-costlane-cache-tag': 'faq', 'x-costlane-experiment': 'e' } },
    );
    await reply;
    const request = asked[0]?.request;
    expect(request).toMatchObject({
      priority: 'express',
      cacheTtlSeconds: 5,
      cacheTag: 'faq',
      featureName: 'f',
      experimentId: 'e',
      useCache: true,
      caller: { tenantId: 'acme', userId: 'u' },
      idempotency: { keyHash: expect.stringMatching(/^[0-9a-f]{64}$/), bodyHash: expect.any(String) },
    });
    expect((request?.deadlineAtMs ?? 0) - (request?.createdAtMs ?? 0)).toBe(700);
  });

  it('shares its cache key with the same question at the chat door', async () => {
    const { reply, fastify, asked } = post({ onAsk: answerWith('Because.') }, { prompt: 'Why?', max_tokens: 7 });
    await reply;
    const payload = { model: 'gpt-4o-mini', max_tokens: 7, messages: [{ role: 'user', content: 'Why?' }] };
    await fastify.inject({ method: 'POST', url: '/v1/chat/completions', payload });
    expect(asked[1]?.request.fingerprint).toBe(asked[0]?.request.fingerprint);
  });

  it('streams deltas and ends with the reply', async () => {
    const { reply } = post({ onAsk: answerWith('Because.') }, { prompt: 'Why?', stream: true });
    const { headers, body } = await reply;
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(eventsOf(body)).toEqual([
      { type: 'delta', text: 'Because.' },
      expect.objectContaining({ type: 'done', text: 'Because.', cost_usd: 0.0000012, latency_ms: expect.any(Number) }),
    ]);
  });

  it('streams a stored document, with its costs already in the headers', async () => {
    const { reply } = post(
      {
        onAsk: ({ listener }) =>
          listener.whole({ ...end({ tier: 'exact', paidNanoUsd: 0 }), form: 'json', body: completion('Kept.') }),
      },
      { prompt: 'Why?', stream: true },
    );
    const { headers, body } = await reply;
    expect(headers).toMatchObject({ 'x-cache': 'exact', 'x-cost-usd': '0.000000000' });
    expect(eventsOf(body)).toMatchObject([
      { type: 'delta', text: 'Kept.' },
      { type: 'done', cache_info: { hit: true, tier: 'exact' } },
    ]);
  });

  it('tells a failure within a stream as its last event', async () => {
    const { reply } = post(
      {
        onAsk: ({ listener }) => {
          listener.head(header(), 'miss');
          listener.end(end({ header: header({ errorCode: 'stream_interrupted' }) }));
        },
      },
      { prompt: 'Why?', stream: true },
    );
    expect(eventsOf((await reply).body)).toEqual([
      { type: 'error', code: 'stream_interrupted', message: expect.any(String), request_id: expect.any(String) },
    ]);
  });

  it.each([true, false])('answers a failure before anything was said with its status (stream: %s)', async (stream) => {
    const failed = header({ errorCode: 'upstream_rate_limited', retryAfterMs: 1_400 });
    const { reply } = post(
      {
        onAsk: ({ listener }) =>
          listener.whole({ ...end({ header: failed }), form: 'json', body: Buffer.from('{"message":"Slow down."}') }),
      },
      { prompt: 'Why?', stream },
    );
    const { statusCode, headers } = await reply;
    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({ 'x-error-code': 'upstream_rate_limited', 'retry-after': '2' });
    expect((await reply).json()).toEqual({ success: false, data: null, error: 'Slow down.' });
  });

  it.each([
    ['{"prompt": "cut o', 400, 'invalid_json'],
    ['', 400, 'invalid_json'],
    [{ prompt: 'a', max_tokens: 'many' }, 400, 'invalid_request'],
    [{ prompt: 'a', preferred_model: 'no-such-model' }, 404, 'model_not_found'],
    [{ prompt: 'a'.repeat(5_000) }, 413, 'body_too_large'],
  ])('refuses %j with %i %s in the envelope', async (payload, status, code) => {
    const { reply } = post({}, payload);
    const { statusCode, headers } = await reply;
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({ 'x-error-code': code, 'x-request-id': expect.stringMatching(/^req/) });
    expect((await reply).json()).toEqual({ success: false, data: null, error: expect.any(String) });
  });

  it('refuses another tenant than the key’s and names the field', async () => {
    const { reply } = post(
      { authenticator: { findKey: () => Promise.resolve({ ...apiKey, tenantId: 'acme' }) } },
      { prompt: 'a', metadata: { tenant_id: 'beta' } },
      { headers: { authorization: 'Bearer cl_x' } },
    );
    expect((await reply).statusCode).toBe(403);
    expect((await reply).json<{ error: string }>().error).toContain('metadata.tenant_id');
  });

  it('tells a caller beyond its rate how long to wait', async () => {
    const { reply, events } = post(
      { authenticator: { defaultRateLimitPerMinute: 1 }, limiter: { check: () => refused(2_500) } },
      { prompt: 'a' },
    );
    const { statusCode, headers } = await reply;
    expect([statusCode, headers['retry-after'], headers['x-error-code']]).toEqual([429, '3', 'rate_limited']);
    expect(events.refused).toEqual([{ endpoint: '/v1/inference', code: 'rate_limited' }]);
  });

  it('refuses new requests while the gateway stops', async () => {
    const { reply } = post({ isShuttingDown: () => true }, { prompt: 'a' });
    const { statusCode, headers } = await reply;
    expect([statusCode, headers['retry-after'], headers['x-error-code']]).toEqual([503, '1', 'unavailable']);
  });
});

const apiKey = {
  id: 'k1',
  prefix: 'cl_x',
  tenantId: 'acme',
  teamId: '',
  userId: '',
  name: '',
  role: 'member',
  rateLimitPerMinute: 0,
  createdAt: '',
  revokedAt: '',
};
