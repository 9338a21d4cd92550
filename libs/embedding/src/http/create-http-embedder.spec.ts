import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { embedText, freePort, startMockLlm, waitFor, type MockLlm } from '@costlane/testing';
import { describeEmbedderContract } from '../testing/describe-embedder-contract';
import { cosine } from '../testing/vector-math';
import { createHttpEmbedder, type HttpEmbedderOptions } from './create-http-embedder';

const key = 'sk-secret-key-of-the-test';
const secretText = 'a text that nobody else may see';

describe('the HTTP embedder on a server that behaves', () => {
  let mock: MockLlm;
  beforeAll(async () => {
    mock = await startMockLlm();
  });
  afterAll(() => mock.close());

  const create = (options: Partial<HttpEmbedderOptions> = {}) =>
    createHttpEmbedder({ baseUrl: `${mock.url}/v1`, apiKey: key, model: 'text-embedding-3-small', ...options });

  describeEmbedderContract('HTTP', () => create({ dimension: 256 }));
  describeEmbedderContract('HTTP in base64', () => create({ dimension: 256, encoding: 'base64' }));

  test('asks for the dimension where the model can be asked, and knows OpenAI’s own', async () => {
    expect(create().dimension).toBe(1_536);
    const embedder = create({ dimension: 512 });
    const [vector] = await embedder.embed(['hello there']);
    expect(cosine(vector as Float32Array, embedText('hello there', 512))).toBeCloseTo(1, 4);
    expect(embedder.modelId).toBe('http-text-embedding-3-small-512');
    await embedder.close();
  });

  test('sends many texts in few requests, empty ones in none', async () => {
    const callsBefore = mock.state.stats().totalCalls;
    const embedder = create({ dimension: 64, maxRequestTexts: 100 });
    await embedder.embed([...Array.from({ length: 250 }, (_, i) => `text ${i}`), '', ' ']);
    await embedder.embed(['', '\n']);
    expect(mock.state.stats().totalCalls - callsBefore).toBe(3);
    await embedder.close();
  });

  test('refuses a server whose vectors have another dimension', async () => {
    const embedder = create({ model: 'local-model', dimension: 300 });
    await expect(embedder.embed(['hi'])).rejects.toMatchObject({
      code: 'upstream_malformed',
      message: expect.stringContaining('1536 numbers instead of 300'),
    });
    await embedder.close();
  });

  test.each([
    ['status=401', 'upstream_auth_failed'],
    ['status=404', 'model_not_found'],
    ['status=400', 'upstream_rejected'],
    ['status=422', 'upstream_rejected'],
    ['status=429; retryAfter=7', 'upstream_rate_limited'],
    ['status=500', 'upstream_error'],
    ['status=503', 'upstream_overloaded'],
    ['status=504', 'upstream_timeout'],
    ['malformed=1', 'upstream_malformed'],
    ['truncate=1', 'upstream_malformed'],
    ['cutAfter=0', 'upstream_malformed'],
  ])('maps %s to %s, without text or key in the error', async (behaviour, code) => {
    const embedder = create({ dimension: 64 });
    const error = await embedder.embed([`${secretText} [[mock: ${behaviour}]]`]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(wordsOf(error)).not.toMatch(/nobody else|sk-secret/);
    if (code === 'upstream_rate_limited') expect(error).toMatchObject({ retryAfterMs: 7_000 });
    await embedder.close();
  });

  test('gives up on a server that does not answer, and tries it once only', async () => {
    const callsBefore = mock.state.stats().totalCalls;
    const embedder = create({ dimension: 64, timeoutMs: 100 });
    await expect(embedder.embed(['[[mock: hang=1]]'])).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(mock.state.stats().totalCalls - callsBefore).toBe(1);
    await embedder.close();
  });

  test('a deadline before the timeout is deadline_exceeded, a signal is cancelled', async () => {
    const embedder = create({ dimension: 64 });
    const late = embedder.embed(['[[mock: hang=1]]'], { deadlineAtMs: Date.now() + 50 });
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
    const controller = new AbortController();
    const gone = embedder.embed(['[[mock: hang=1]]'], { signal: controller.signal });
    controller.abort();
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
    await waitFor(() => mock.state.stats().inFlight === 0, { timeoutMs: 2_000 });
    await embedder.close();
  });

  test('runs no more requests at a time than it may, and refuses what does not fit into the queue', async () => {
    const embedder = create({ dimension: 64, concurrency: 1, maxQueue: 1, timeoutMs: 2_000 });
    const works = [1, 2].map((i) => embedder.embed([`${i} [[mock: latencyMs=80]]`]));
    await expect(embedder.embed(['3'])).rejects.toMatchObject({ code: 'overloaded' });
    await Promise.all(works);
    await embedder.close();
  });

  test('close ends what is on its way as unavailable', async () => {
    const embedder = create({ dimension: 64 });
    const call = embedder.embed(['[[mock: hang=1]]']);
    await waitFor(() => mock.state.stats().inFlight > 0, { timeoutMs: 2_000 });
    const outcome = expect(call).rejects.toMatchObject({ code: 'unavailable' });
    await embedder.close();
    await outcome;
  });
});

describe('the HTTP embedder on a server that misbehaves', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  const withServer = async (answer: Answer, act: (url: string) => Promise<void>): Promise<void> => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  const embedOnce = async (baseUrl: string): Promise<unknown> => {
    const embedder = createHttpEmbedder({ baseUrl, model: 'm', dimension: 4, timeoutMs: 2_000 });
    const outcome = await embedder.embed(['x']).catch((error: unknown) => error);
    await embedder.close();
    return outcome;
  };

  test('an answer without end is refused as soon as it is too long', async () => {
    await withServer(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const write = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
          response.once('drain', write);
        };
        write();
      },
      async (url) => expect(await embedOnce(url)).toMatchObject({ code: 'upstream_malformed', message: /too long/ }),
    );
  });

  test('a redirect is not followed, so that the key goes nowhere else', async () => {
    const paths: (string | undefined)[] = [];
    await withServer(
      (request, response) => {
        paths.push(request.url);
        response.writeHead(307, { location: '/elsewhere' }).end();
      },
      async (url) => expect(await embedOnce(url)).toMatchObject({ code: 'upstream_error' }),
    );
    expect(paths).toEqual(['/v1/embeddings']);
  });

  test('what is no HTTP is upstream_malformed, nobody there is upstream_unreachable', async () => {
    await withServer(
      (request) => request.socket.end('nonsense\r\n\r\n'),
      async (url) => expect(await embedOnce(url)).toMatchObject({ code: 'upstream_malformed' }),
    );
    expect(await embedOnce(`http://127.0.0.1:${await freePort()}/v1`)).toMatchObject({ code: 'upstream_unreachable' });
  });

  test('sends key, model and texts as OpenAI wants them, long texts cut', async () => {
    let received: { headers: IncomingMessage['headers']; body: unknown } | undefined;
    await withServer(
      async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        received = { headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
        response.end(JSON.stringify({ data: [{ index: 0, embedding: [1, 0] }] }));
      },
      async (baseUrl) => {
        const embedder = createHttpEmbedder({ baseUrl, apiKey: key, model: 'm', dimension: 2, maxTextBytes: 5 });
        await embedder.embed(['123456789']);
        await embedder.close();
      },
    );
    expect(received?.headers.authorization).toBe(`Bearer ${key}`);
    expect(received?.body).toEqual({ model: 'm', input: ['12345'], encoding_format: 'float' });
  });

  test('settings that cannot work are refused at once', () => {
    expect(() => createHttpEmbedder({ baseUrl: 'ftp://x', model: 'text-embedding-3-small' })).toThrow('base URL');
    expect(() => createHttpEmbedder({ baseUrl: 'http://x/v1', model: 'unheard-of' })).toThrow(
      'dimension of unheard-of',
    );
    expect(() => createHttpEmbedder({ baseUrl: 'http://x/v1', model: 'm', dimension: 1.5 })).toThrow('whole number');
  });
});

/** Everything that a log of the error would show. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  return `${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)} ${error.cause ? wordsOf(error.cause) : ''}`;
}
