import { createPolicy, type PolicyModel } from '@costlane/domain';
import { answerWith, chunk, decision, end, header, type Asked } from '../testing/scripted-inference';
import { testGateway } from '../testing/test-gateway';

const modelOf = (name: string, more: Partial<PolicyModel>): PolicyModel => ({ ...decision.model, name, ...more });
const policy = createPolicy({
  version: '1-test',
  defaultModel: 'gpt-4o-mini',
  models: [
    decision.model,
    modelOf('llama', { provider: 'vllm', upstreamModel: 'llama-up' }),
    modelOf('embeds', { kind: 'embedding', upstreamModel: 'embeds-up' }),
    modelOf('embeds-otherwise', { kind: 'embedding', provider: 'cohere' }),
  ],
});

const gateway = (onAsk?: (asked: Asked) => void) => testGateway({ policy, onAsk });
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }) as const;
const wholeAnswer =
  (body: string) =>
  ({ listener }: Asked): void =>
    listener.whole({ ...end(), form: 'json', body: Buffer.from(body) });
const bodyOf = (asked: Asked | undefined, upstreamModel = 'up'): unknown =>
  JSON.parse(String(asked?.request.upstreamBody(upstreamModel)));

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

  it('tells an answer that is none as the provider’s failure', async () => {
    const { fastify, events } = gateway(wholeAnswer('<html>'));
    const reply = await fastify.inject(post('/v1/responses', { model: 'llama', input: 'Hi.' }));
    expect([reply.statusCode, reply.json()]).toMatchObject([502, { error: { code: 'upstream_malformed' } }]);
    expect(events.ended).toMatchObject([{ header: { errorCode: 'upstream_malformed' } }]);
  });
});

describe('the embeddings door', () => {
  const answer = '{"object":"list","data":[{"embedding":[0.5]}]}';

  it.each([
    ['a text', 'Hi.'],
    ['texts', ['Hi.', 'You.']],
    ['tokens', [1, 2]],
    ['lists of tokens', [[1, 2], [3]]],
  ])('passes %s on, and the answer as it is', async (_name, input) => {
    const { fastify, asked } = gateway(wholeAnswer(answer));
    const reply = await fastify.inject(post('/v1/embeddings', { model: 'embeds', input, dimensions: 8 }));
    expect(reply.payload).toBe(answer);
    expect(asked[0]?.request).toMatchObject({ dialect: 'openai.embeddings', stream: false, useSemanticCache: false });
    expect(bodyOf(asked[0], 'embeds-up')).toEqual({ model: 'embeds-up', input, dimensions: 8 });
  });

  it('takes texts to the letter, and the encoding for a part of the question', async () => {
    const { fastify, asked } = gateway(wholeAnswer(answer));
    const variants = [{}, { user: 'u' }, { input: 'Hi. ' }, { encoding_format: 'base64' }, { dimensions: 8 }];
    for (const more of variants) {
      await fastify.inject(post('/v1/embeddings', { model: 'embeds', input: 'Hi.', ...more }));
    }
    const keys = asked.map(({ request }) => request.fingerprint);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(4);
  });

  it.each([
    [{ model: 'gpt-4o-mini', input: 'Hi.' }, 'model', 'is a chat model'],
    [{ model: 'embeds-otherwise', input: 'Hi.' }, 'model', 'a format of its own'],
    [{ input: 'Hi.' }, 'model', 'name an embedding model'],
    [{ model: 'auto', input: 'Hi.' }, 'model', 'name an embedding model'],
    [{ model: 'embeds' }, 'input', 'has to be a text'],
    [{ model: 'embeds', input: '' }, 'input', 'Too small'],
    [{ model: 'embeds', input: [] }, 'input', 'has to be a text'],
    [{ model: 'embeds', input: 'x', encoding_format: 'hex' }, 'encoding_format', ''],
    [{ model: 'embeds', input: 'x', dimensions: 0 }, 'dimensions', ''],
  ])('refuses %j', async (body, param, message) => {
    const { fastify, asked } = gateway();
    const reply = await fastify.inject(post('/v1/embeddings', body));
    expect([reply.statusCode, reply.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_request', param, message: expect.stringContaining(message) } },
    ]);
    expect(asked).toEqual([]);
  });

  it('is where an embedding model has to be asked, whatever door it is asked at', async () => {
    const { fastify, asked } = gateway();
    const bodies = {
      '/v1/chat/completions': { messages: [{ role: 'user', content: 'Hi.' }] },
      '/v1/responses': { input: 'Hi.' },
      '/v1/completions': { prompt: 'Hi.' },
    };
    for (const [url, body] of Object.entries(bodies)) {
      const reply = await fastify.inject(post(url, { model: 'embeds', ...body }));
      expect([url, reply.statusCode, (reply.json() as { error: object }).error]).toMatchObject([
        url,
        400,
        { code: 'invalid_request', message: expect.stringContaining('/v1/embeddings') },
      ]);
    }
    expect(asked).toEqual([]);
  });
});

describe('the door of old completions', () => {
  it('asks a chat completion with its own default limit, and tells a text completion', async () => {
    const { fastify, asked } = gateway(answerWith('Hello!'));
    const reply = await fastify.inject(post('/v1/completions', { prompt: ['Say hi.'], stop: '\n', seed: 7, n: 1 }));
    expect(reply.json()).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'Hello!', index: 0, logprobs: null }],
    });
    const chat = { stop: '\n', seed: 7, n: 1, messages: [{ role: 'user', content: 'Say hi.' }] };
    expect(bodyOf(asked[0])).toEqual({ ...chat, model: 'up', max_tokens: 16 });
    expect(bodyOf(asked[0], 'gpt-5-mini')).toEqual({ ...chat, model: 'gpt-5-mini', max_completion_tokens: 16 });
    expect(asked[0]?.request).toMatchObject({ dialect: 'openai.chat', endpoint: '/v1/completions' });
  });

  it('streams chunks, with usage and costs where they are asked for', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const last = `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [], usage })}\n\ndata: [DONE]\n\n`;
    const { fastify } = gateway(({ listener }) => {
      listener.head(header(), 'miss');
      listener.chunk(Buffer.from(chunk('Hel') + chunk('lo!')));
      listener.chunk(Buffer.from(last));
      listener.end(end());
    });
    const eventsOf = async (more: object) => {
      const { payload } = await fastify.inject(post('/v1/completions', { prompt: 'Hi.', stream: true, ...more }));
      return payload.trimEnd().split('\n\n');
    };
    const plain = await eventsOf({});
    expect(plain).toHaveLength(4);
    expect(plain.slice(0, 2).map((event) => JSON.parse(event.slice(6)) as object)).toMatchObject([
      { object: 'text_completion', choices: [{ text: 'Hel', finish_reason: null }] },
      { choices: [{ text: 'lo!' }] },
    ]);
    expect(plain.slice(2)).toEqual([expect.stringMatching(/^: costlane {/), 'data: [DONE]']);
    const counted = await eventsOf({ stream_options: { include_usage: true } });
    expect(JSON.parse(counted[2]?.slice(6) ?? '')).toMatchObject({ choices: [], usage, costlane: { cache: 'miss' } });
  });

  it.each([
    [{ prompt: ['a', 'b'] }, 'prompt', 'only one prompt'],
    [{ prompt: [1, 2] }, 'prompt', 'tokens'],
    [{ prompt: [[1]] }, 'prompt', 'tokens'],
    [{ prompt: '' }, 'prompt', 'not empty'],
    [{}, 'prompt', 'not empty'],
    [{ prompt: 'x', suffix: 'y' }, 'suffix', 'gap'],
    [{ prompt: 'x', echo: true }, 'echo', 'repeat'],
    [{ prompt: 'x', best_of: 2 }, 'best_of', '"n"'],
    [{ prompt: 'x', logprobs: 1 }, 'logprobs', '/v1/chat/completions'],
    [{ prompt: 'x', max_tokens: -1 }, 'max_tokens', ''],
  ])('refuses %j', async (body, param, message) => {
    const { fastify } = gateway();
    const reply = await fastify.inject(post('/v1/completions', body));
    expect([reply.statusCode, reply.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_request', param, message: expect.stringContaining(message) } },
    ]);
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
