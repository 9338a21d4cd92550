import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { startMockLlm } from '@costlane/testing';
import { createProviderRegistry } from '../create-registry';
import type { ProviderAdapter, ProviderRequest } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { createCollectingSink } from '../testing/collecting-sink';
import { describeProviderContract } from '../testing/describe-provider-contract';

const logger = createLogger({ service: 'test', level: 'silent' });

const bodyOf = ({ stream }: { stream: boolean }): Buffer =>
  Buffer.from(
    JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'Name a river.' }],
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    }),
  );

function createAdapter(config: Partial<ProviderConfig>): ProviderAdapter {
  const whole: ProviderConfig = { name: 'test', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1', ...config };
  const adapter = createProviderRegistry([whole], { logger }).get('test');
  if (!adapter) throw new Error('no adapter');
  return adapter;
}

const requestOf = (request: Partial<ProviderRequest> = {}): ProviderRequest => ({
  requestId: 'r1',
  dialect: 'openai.chat',
  upstreamModel: 'gpt-4o-mini',
  stream: false,
  body: bodyOf({ stream: request.stream ?? false }),
  deadlineAtMs: Date.now() + 5_000,
  signal: new Cancellation(),
  ...request,
});

describeProviderContract('openai-compatible', async (config) => {
  const mock = await startMockLlm();
  const adapter = createAdapter({ baseUrl: `${mock.url}/v1`, ...config });
  return {
    adapter,
    setBehaviour: (behaviour) => mock.state.setBehaviour(behaviour),
    stats: () => mock.state.stats(),
    strangeDialect: 'anthropic.messages',
    body: bodyOf,
    stopUpstream: () => mock.close(),
    async close() {
      await adapter.close();
      await mock.close();
    },
  };
});

describeProviderContract('openai-compatible, asked for responses', async (config) => {
  const mock = await startMockLlm();
  const adapter = createAdapter({ baseUrl: `${mock.url}/v1`, ...config });
  return {
    adapter,
    setBehaviour: (behaviour) => mock.state.setBehaviour(behaviour),
    stats: () => mock.state.stats(),
    dialect: 'openai.responses',
    strangeDialect: 'anthropic.messages',
    alwaysReportsUsage: true,
    leadEvents: 4,
    body: ({ stream }) => Buffer.from(JSON.stringify({ model: 'gpt-4o-mini', input: 'Name a river.', stream })),
    stopUpstream: () => mock.close(),
    async close() {
      await adapter.close();
      await mock.close();
    },
  };
});

describe('openai-compatible: over the wire', () => {
  const servers: Server[] = [];
  const adapters: ProviderAdapter[] = [];

  afterEach(async () => {
    await Promise.all(adapters.splice(0).map((adapter) => adapter.close()));
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function adapterFor(
    answer: Parameters<typeof createServer>[1],
    config: Partial<ProviderConfig> = {},
  ): Promise<ProviderAdapter> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const adapter = createAdapter({
      baseUrl: `http://127.0.0.1:${port}/v1/`,
      retry: { ratio: 0, reserve: 0 },
      ...config,
    });
    adapters.push(adapter);
    return adapter;
  }

  const streamOf =
    (...events: string[]): Parameters<typeof createServer>[1] =>
    (_request, response) => {
      response.writeHead(200, ['content-type', 'text/event-stream']);
      response.end(events.map((event) => `data: ${event}\n\n`).join(''));
    };
  const delta = (content: string) =>
    JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  const finish = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });

  it('sends the body as it is, with key, request id and trace context', async () => {
    const seen: Record<string, unknown> = {};
    const adapter = await adapterFor(
      (request, response) => {
        Object.assign(seen, { method: request.method, url: request.url, headers: request.headers });
        request.on('data', (chunk: Buffer) => (seen['body'] = String(chunk)));
        request.on('end', () => response.writeHead(400).end('{"error":{"message":"no"}}'));
      },
      { apiKey: 'sk-our-own-key' },
    );
    const body = Buffer.from('{"model": "x",  "unknown_field": [1, 2]}');
    await adapter.execute(requestOf({ body, traceparent: '00-aa-bb-01' }), createCollectingSink());
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/v1/chat/completions',
      body: body.toString(),
      headers: {
        authorization: 'Bearer sk-our-own-key',
        'content-type': 'application/json',
        'x-request-id': 'r1',
        traceparent: '00-aa-bb-01',
      },
    });
  });

  it('never shows our key, even when the provider repeats it', async () => {
    const adapter = await adapterFor(
      (request, response) => {
        const message = `bad field; you sent ${request.headers.authorization}`;
        response.writeHead(400).end(JSON.stringify({ error: { message, param: 'model' } }));
      },
      { apiKey: 'our-own-secret' },
    );
    const outcome = await adapter.execute(requestOf(), createCollectingSink());
    expect(outcome).toMatchObject({ ok: false, error: { code: 'upstream_rejected', field: 'model' } });
    const shown = outcome.ok ? '' : outcome.error.message + String(outcome.body);
    expect(shown).toContain('bad field');
    expect(shown).not.toContain('our-own-secret');
  });

  it('does not follow redirects', async () => {
    let calls = 0;
    const adapter = await adapterFor((_request, response) => {
      calls++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await adapter.execute(requestOf(), createCollectingSink())).toMatchObject({
      ok: false,
      status: 302,
      error: { code: 'upstream_error' },
    });
    expect(calls).toBe(1);
  });

  it('takes an error that comes as a 200 for an error', async () => {
    const error = JSON.stringify({ error: { message: 'busy', type: 'overloaded_error' } });
    const adapter = await adapterFor((_request, response) => {
      response.writeHead(200, ['content-type', 'application/json']).end(error);
    });
    expect(await adapter.execute(requestOf(), createCollectingSink())).toMatchObject({
      ok: false,
      error: { code: 'upstream_overloaded' },
    });
  });

  it('refuses an answer that is larger than it may be', async () => {
    const adapter = await adapterFor(
      (_request, response) => {
        response.writeHead(200, ['content-type', 'application/json']).end('x'.repeat(200_000));
      },
      { maxResponseBytes: 100_000 },
    );
    expect(await adapter.execute(requestOf(), createCollectingSink())).toMatchObject({
      ok: false,
      error: { code: 'upstream_malformed' },
    });
  });

  it('refuses a stream that is none', async () => {
    const adapter = await adapterFor((_request, response) => {
      response.writeHead(200, ['content-type', 'application/json']).end('{"choices":[]}');
    });
    const sink = createCollectingSink();
    expect(await adapter.execute(requestOf({ stream: true }), sink)).toMatchObject({
      ok: false,
      error: { code: 'upstream_malformed' },
    });
    expect(sink.heads).toEqual([]);
  });

  it('shows a clean error when the first event of a stream is one', async () => {
    const adapter = await adapterFor(streamOf('{"error":{"message":"at capacity","type":"overloaded_error"}}'));
    const sink = createCollectingSink();
    expect(await adapter.execute(requestOf({ stream: true }), sink)).toMatchObject({
      ok: false,
      error: { code: 'upstream_overloaded' },
      hasDelivered: false,
      usageSource: 'none',
    });
    expect(sink.heads).toEqual([]);
  });

  it('ends a stream at an error in the middle of it, without passing that on', async () => {
    const adapter = await adapterFor((_request, response) => {
      response.writeHead(200, ['content-type', 'text/event-stream']);
      response.write(`data: ${delta('Hel')}\n\n`);
      setTimeout(() => response.end('data: {"error":{"message":"lost it","type":"server_error"}}\n\n'), 20);
    });
    const sink = createCollectingSink();
    expect(await adapter.execute(requestOf({ stream: true }), sink)).toMatchObject({
      ok: false,
      error: { code: 'upstream_error' },
      hasDelivered: true,
      deliveredChars: 3,
      usageSource: 'estimated',
    });
    expect(sink.text()).toBe(`data: ${delta('Hel')}\n\n`);
  });

  it('takes a stream without an end for interrupted, and one without [DONE] for an answer that is not kept', async () => {
    const open = await adapterFor(streamOf(delta('Hello')));
    expect(await open.execute(requestOf({ stream: true }), createCollectingSink())).toMatchObject({
      ok: false,
      error: { code: 'stream_interrupted' },
      hasDelivered: true,
    });
    const finished = await adapterFor(streamOf(delta('Hello'), finish));
    expect(await finished.execute(requestOf({ stream: true }), createCollectingSink())).toMatchObject({
      ok: true,
      isCacheable: false,
      finishReason: 'stop',
    });
  });

  it('asks again when a stream breaks before its first event is whole', async () => {
    let calls = 0;
    const whole = streamOf(delta('Hi'), finish, '[DONE]');
    const adapter = await adapterFor(
      (request, response) => {
        if (++calls > 1) return whole?.(request, response);
        response.writeHead(200, ['content-type', 'text/event-stream']);
        response.write(`data: ${delta('Hi').slice(0, 20)}`, () => response.destroy());
      },
      { retry: { baseDelayMs: 5 } },
    );
    const sink = createCollectingSink();
    expect(await adapter.execute(requestOf({ stream: true }), sink)).toMatchObject({ ok: true, upstreamCalls: 2 });
    expect(sink.heads).toHaveLength(1);
  });

  it('is content with a stream whose connection breaks after [DONE]', async () => {
    const adapter = await adapterFor((_request, response) => {
      response.writeHead(200, ['content-type', 'text/event-stream']);
      response.write(`data: ${delta('Hi')}\n\ndata: ${finish}\n\ndata: [DONE]\n\n`, () => response.destroy());
    });
    expect(await adapter.execute(requestOf({ stream: true }), createCollectingSink())).toMatchObject({
      ok: true,
      isCacheable: true,
    });
  });

  it('gathers events that arrive together into one chunk', async () => {
    const adapter = await adapterFor((_request, response) => {
      response.writeHead(200, ['content-type', 'text/event-stream']);
      response.cork();
      for (let i = 0; i < 20; i++) response.write(`data: ${delta('x')}\n\n`);
      response.end(`data: ${finish}\n\ndata: [DONE]\n\n`);
    });
    const sink = createCollectingSink();
    await adapter.execute(requestOf({ stream: true }), sink);
    expect(sink.events()).toHaveLength(21);
    expect(sink.chunks.length).toBeLessThanOrEqual(3);
  });

  it('reports a sink that throws as our own failure and leaves the provider', async () => {
    const adapter = await adapterFor(streamOf(delta('Hi'), finish, '[DONE]'));
    const sink = createCollectingSink(() => {
      throw new Error('sink is broken');
    });
    expect(await adapter.execute(requestOf({ stream: true }), sink)).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
  });
});

describe('createProviderRegistry', () => {
  it('refuses a name that is given twice, and a base URL that is none', () => {
    const config: ProviderConfig = { name: 'a', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' };
    expect(() => createProviderRegistry([config, config], { logger })).toThrow(/twice/);
    expect(() => createProviderRegistry([{ ...config, baseUrl: 'api.openai.com/v1' }], { logger })).toThrow(/base URL/);
  });
});
