import { answerWith, chunk, end, header } from '../testing/scripted-inference';
import { bodyOf, gateway, post, wholeAnswer } from '../testing/openai-gateway';

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
    [{ model: 'embeds', input: '' }, 'input', 'must not be empty'],
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
    const own = await fastify.inject(post('/v1/inference', { preferred_model: 'embeds', prompt: 'Hi.' }));
    expect([own.statusCode, own.json()]).toMatchObject([
      400,
      { success: false, error: expect.stringContaining('/v1/embeddings') },
    ]);
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
