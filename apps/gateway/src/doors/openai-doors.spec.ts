import { answerWith, end, header, type Asked } from '../testing/scripted-inference';
import { bodyOf, gateway, policy, post, wholeAnswer } from '../testing/openai-gateway';
import { testGateway } from '../testing/test-gateway';

describe('the responses door, with a model whose provider speaks the dialect', () => {
  const answer = '{ "id":"resp_1", "object":"response", "output":[] }';
  const raw =
    '{"input": [ {"role":"user","content":"Hi."} ], "tools":[{"type":"web_search"}], "a_field_of_tomorrow": 1.50}';

  it('passes the body on, but for model and store, and the answer as it is', async () => {
    const { fastify, asked } = gateway(wholeAnswer(answer));
    const reply = await fastify.inject(post('/v1/responses', raw));
    expect(reply.payload).toBe(answer);
    expect(reply.headers).toMatchObject({ 'x-cost-usd': '0.000001200', 'x-cache': 'miss' });
    const { request } = asked[0] as Asked;
    expect(request).toMatchObject({ dialect: 'openai.responses', endpoint: '/v1/responses', useSemanticCache: false });
    expect(String(request.upstreamBody('up'))).toBe(`{"model":"up","store":false,${raw.slice(1)}`);
    expect(request.needs()).toEqual({});
  });

  it('knows the same question whoever asks it, streamed or not; other metadata would be repeated', async () => {
    const { fastify, asked } = gateway(wholeAnswer(answer));
    const same = [{}, { stream: true }, { user: 'u' }, { store: true }, { safety_identifier: 's' }];
    const others = [{ metadata: { a: 'b' } }, { temperature: 0.5 }, { instructions: 'Be brief.' }, { model: 'llama' }];
    for (const more of [...same, ...others]) await fastify.inject(post('/v1/responses', { input: 'Hi.', ...more }));
    const keys = asked.map(({ request }) => request.fingerprint);
    expect(new Set(keys.slice(0, same.length)).size).toBe(1);
    expect(new Set(keys).size).toBe(1 + others.length);
  });

  it('ends a stream that broke off with an error of the next number', async () => {
    const begun = 'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n';
    const { fastify } = gateway(({ listener }) => {
      listener.head(header(), 'miss');
      listener.chunk(Buffer.from(begun));
      listener.end(end({ header: header({ errorCode: 'stream_interrupted' }) }));
    });
    const reply = await fastify.inject(post('/v1/responses', { input: 'Hi.', stream: true }));
    expect(reply.payload.startsWith(`${begun}event: error\ndata: {"type":"error","sequence_number":1,`)).toBe(true);
  });
});

describe('the responses door, with another model', () => {
  it('asks a chat completion, which shares the cache with the chat door, and tells a response', async () => {
    const { fastify, asked } = gateway(answerWith('Hello!'));
    const reply = await fastify.inject(
      post('/v1/responses', { model: 'llama', input: 'Hi.', max_output_tokens: 50, metadata: { a: 'b' }, store: true }),
    );
    expect(reply.json()).toMatchObject({
      object: 'response',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello!' }] }],
      metadata: { a: 'b' },
      store: false,
      max_output_tokens: 50,
    });
    const chat = { model: 'llama', messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 50 };
    await fastify.inject(post('/v1/chat/completions', chat));
    expect(asked.map(({ request }) => request.dialect)).toEqual(['openai.chat', 'openai.chat']);
    expect(asked[0]?.request.fingerprint).toBe(asked[1]?.request.fingerprint);
    expect(asked[0]?.request.needs()).toEqual(asked[1]?.request.needs());
    expect(bodyOf(asked[0], 'llama-up')).toEqual({ ...chat, model: 'llama-up' });
  });

  it('streams events, with the costs in the last', async () => {
    const { fastify, asked } = gateway(answerWith('Hello!'));
    const reply = await fastify.inject(post('/v1/responses', { model: 'llama', input: 'Hi.', stream: true }));
    expect(reply.headers['content-type']).toMatch(/^text\/event-stream/);
    const names = [...reply.payload.matchAll(/^event: response\.([\w.]+)$/gm)].map(([, name]) => name);
    expect(names).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(reply.payload).toMatch(/"costlane":{"request_id":"req_[^}]*"cost_usd":"0.000001200"/);
    expect(bodyOf(asked[0])).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('refuses what only models of OpenAI can do', async () => {
    const { fastify, asked } = gateway();
    const body = { model: 'llama', input: 'Hi.', tools: [{ type: 'web_search' }] };
    const reply = await fastify.inject(post('/v1/responses', body));
    expect([reply.statusCode, reply.json()]).toMatchObject([
      400,
      {
        error: {
          code: 'invalid_request',
          param: 'tools[0]',
          message: expect.stringContaining('only models of OpenAI'),
        },
      },
    ]);
    expect(asked).toEqual([]);
  });

  it('has a model of OpenAI’s asked this way, too, where values have to be put back into the answer', async () => {
    const redacting: typeof policy = {
      ...policy,
      tenants: new Map([['default', { tenantId: 'default', dataPolicy: 'redact' }]]),
    };
    const { fastify, asked } = testGateway({ policy: redacting, onAsk: answerWith('Dear [EMAIL_1],') });
    const body = { model: 'gpt-4o-mini', input: 'Write to ada@example.com.' };
    for (const stream of [false, true]) {
      const reply = await fastify.inject(post('/v1/responses', { ...body, stream }));
      expect(reply.payload).toContain('Dear ada@example.com,');
    }
    for (const { request } of asked) {
      expect(request.dialect).toBe('openai.chat');
      expect(String(request.upstreamBody('up'))).not.toContain('ada@example.com');
    }
    const searching = { ...body, tools: [{ type: 'web_search' }] };
    expect((await fastify.inject(post('/v1/responses', searching))).statusCode).toBe(400);
  });

  it('tells an answer that is none as the provider’s failure', async () => {
    const { fastify, events } = gateway(wholeAnswer('<html>'));
    const reply = await fastify.inject(post('/v1/responses', { model: 'llama', input: 'Hi.' }));
    expect([reply.statusCode, reply.json()]).toMatchObject([502, { error: { code: 'upstream_malformed' } }]);
    expect(events.ended).toMatchObject([{ header: { errorCode: 'upstream_malformed' } }]);
  });
});

describe('all of them', () => {
  const urls = ['/v1/responses', '/v1/embeddings', '/v1/completions'];

  it.each(urls)('%s refuses broken JSON, strangers and bodies that are too large in OpenAI’s shape', async (url) => {
    const { fastify, events } = gateway();
    const broken = await fastify.inject(post(url, '{'));
    expect([broken.statusCode, broken.json()]).toMatchObject([400, { error: { code: 'invalid_json' } }]);
    expect(events.refused).toEqual([{ endpoint: url, code: 'invalid_json' }]);
    const large = await fastify.inject(post(url, { input: 'x'.repeat(5_000) }));
    expect([large.statusCode, large.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
    const locked = testGateway({ policy, authenticator: { mode: 'required' } });
    const stranger = await locked.fastify.inject(post(url, {}));
    expect([stranger.statusCode, stranger.json()]).toMatchObject([401, { error: { param: null } }]);
  });

  it.each(urls)('%s tells a provider’s refusal in the provider’s words', async (url) => {
    const upstream = { error: { message: 'Unsupported parameter.', code: 'unsupported_parameter', param: 'top_p' } };
    const { fastify } = gateway(({ listener }) =>
      listener.whole({
        ...end({ header: header({ errorCode: 'upstream_rejected', status: 400 }) }),
        form: 'json',
        body: Buffer.from(JSON.stringify({ message: 'rejected', upstream })),
      }),
    );
    const model = url === '/v1/embeddings' ? 'embeds' : 'gpt-4o-mini';
    const reply = await fastify.inject(post(url, { model, input: 'x', prompt: url === urls[2] ? 'x' : undefined }));
    expect([reply.statusCode, reply.json()]).toEqual([400, upstream]);
  });

  it('a response cannot be fetched or deleted later', async () => {
    const { fastify } = gateway();
    for (const method of ['GET', 'DELETE'] as const) {
      const reply = await fastify.inject({ method, url: '/v1/responses/resp_1' });
      expect([reply.statusCode, reply.json()]).toMatchObject([
        404,
        { error: { code: 'not_found', message: expect.stringContaining('not kept') } },
      ]);
    }
  });
});
