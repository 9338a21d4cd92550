import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger, createMetrics } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { waitFor } from '@costlane/testing';
import { createProviderRegistry } from '../create-registry';
import type { ProviderAdapter, ProviderRequest } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { createCollectingSink } from '../testing/collecting-sink';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const whole: Handler = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"model":"m","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}');
};
const streaming: Handler = (_request, response) => {
  response.setHeader('content-type', 'text/event-stream');
  response.end('data: {"choices":[{"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
};
const refusing: Handler = (_request, response) => {
  response.statusCode = 401;
  response.end('{"error":{"message":"no","code":"invalid_api_key"}}');
};

describe('deployments over the wire', () => {
  const open: (Server | ProviderAdapter)[] = [];
  const serve = async (handler: Handler) => {
    const seen: IncomingMessage['headers'][] = [];
    let left = 0;
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.on('close', () => response.writableFinished || left++);
      handler(request, response);
    });
    open.push(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    return { baseUrl: `http://127.0.0.1:${port}/v1`, seen, left: () => left };
  };
  const metrics = () => createMetrics({ service: 'spec' });
  const adapterOf = (config: Partial<ProviderConfig>, registry = metrics()): ProviderAdapter => {
    const provider = { name: 'p', kind: 'openai-compatible', baseUrl: 'https://example.com/v1', ...config } as const;
    const logger = createLogger({ service: 'spec', level: 'silent' });
    const adapter = createProviderRegistry([provider], { logger, metrics: registry }).get('p');
    if (!adapter) throw new Error('there is no adapter');
    open.push(adapter);
    return adapter;
  };
  const call = (adapter: ProviderAdapter, request: Partial<ProviderRequest> = {}, sink = createCollectingSink()) =>
    adapter.execute(
      {
        requestId: 'r',
        dialect: 'openai.chat',
        upstreamModel: 'm',
        stream: false,
        body: Buffer.from('{"model":"m","messages":[]}'),
        deadlineAtMs: Date.now() + 5_000,
        signal: new Cancellation(),
        ...request,
      },
      sink,
    );
  afterEach(async () => {
    for (const each of open.splice(0)) {
      if ('execute' in each) await each.close();
      else each.closeAllConnections();
      if ('listen' in each) await new Promise((closed) => each.close(closed));
    }
  });

  it('have each its key and its address', async () => {
    const [one, two] = [await serve(whole), await serve(whole)];
    const adapter = adapterOf({
      baseUrl: one.baseUrl,
      apiKey: 'main',
      deployments: [
        { name: 'main' },
        { name: 'other-key', apiKey: 'second' },
        { name: 'other-place', baseUrl: two.baseUrl },
        { name: 'other-place-and-key', baseUrl: two.baseUrl, apiKey: 'third' },
      ],
    });
    for (let i = 0; i < 4; i++) expect(await call(adapter)).toMatchObject({ ok: true });
    expect(one.seen.map(({ authorization }) => authorization)).toEqual(['Bearer main', 'Bearer second']);
    // The provider's key does not go to another address by itself.
    expect(two.seen.map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer third']);
  });

  it('stand in for one whose key is refused', async () => {
    const [one, two] = [await serve(refusing), await serve(streaming)];
    const deployments = [
      { name: 'a', baseUrl: one.baseUrl },
      { name: 'b', baseUrl: two.baseUrl },
    ];
    const sink = createCollectingSink();
    expect(await call(adapterOf({ deployments }), { stream: true }, sink)).toMatchObject({
      ok: true,
      upstreamCalls: 2,
    });
    expect(sink.events()).toHaveLength(1);
  });

  it('stand in for one that is slow to begin, which is left at once', async () => {
    const [slow, quick] = [await serve(() => undefined), await serve(streaming)];
    const adapter = adapterOf({
      firstTokenTimeoutMs: 60,
      deployments: [
        { name: 'a', baseUrl: slow.baseUrl },
        { name: 'b', baseUrl: quick.baseUrl },
      ],
    });
    const outcome = await call(adapter, { stream: true });
    expect(outcome).toMatchObject({ ok: true, upstreamCalls: 2, otherLegs: [{ deployment: 'a', reason: 'retry' }] });
    expect(slow.seen).toHaveLength(1);
    await waitFor(() => slow.left() === 1);
  });

  it('do not follow a redirect, and say that the base URL may be wrong', async () => {
    const elsewhere = await serve(whole);
    const moved = await serve((_request, response) => {
      response.writeHead(302, { location: elsewhere.baseUrl }).end();
    });
    const outcome = await call(adapterOf({ baseUrl: moved.baseUrl }));
    expect(outcome).toMatchObject({ ok: false, status: 302, upstreamCalls: 1 });
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/base URL may be wrong/);
    expect(elsewhere.seen).toHaveLength(0);
  });

  it.each([
    ['http://example.com/v1', /plain http/],
    ['https://10.0.0.1/v1', /private or reserved address/],
    ['https://169.254.169.254/v1', /private or reserved address/],
  ])('are not made for %s', (baseUrl, reason) => {
    expect(() => adapterOf({ baseUrl })).toThrow(reason);
    expect(() => adapterOf({ deployments: [{ name: 'eu', baseUrl }] })).toThrow(reason);
    expect(() => adapterOf({ baseUrl, allowedHosts: [new URL(baseUrl).hostname] })).not.toThrow();
  });

  it('are not made with the same name twice, or with no weight', () => {
    expect(() => adapterOf({ deployments: [{ name: 'a' }, { name: 'a' }] })).toThrow(/configured twice/);
    expect(() => adapterOf({ deployments: [{ name: 'a', weight: 0 }] })).toThrow(/weight must be above 0/);
  });

  it('show in the metrics how many calls each may have and has', async () => {
    const { baseUrl } = await serve(whole);
    const registry = metrics();
    await call(adapterOf({ baseUrl, concurrency: { initialLimit: 7 } }, registry));
    const text = await registry.registry.metrics();
    expect(text).toMatch(/costlane_upstream_concurrency_limit\{.*deployment="default".*\} 7/);
    expect(text).toMatch(/costlane_upstream_in_flight\{.*model="m".*\} 0/);
    expect(text).toMatch(/costlane_upstream_queue_depth\{.*\} 0/);
  });
});
