import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@costlane/platform';
import { Cancellation } from '@costlane/resilience';
import { startMockLlm, type MockLlm } from '@costlane/testing';
import { createProviderRegistry } from '../../create-registry';
import type { ProviderAdapter, ProviderOutcome, ProviderRequest } from '../../provider';
import type { ProviderConfig } from '../../provider-config';
import { createCollectingSink } from '../../testing/collecting-sink';

const logger = createLogger({ service: 'test', level: 'silent' });

const messages = [{ role: 'user', content: 'Name a river.' }];

/** A short question to a model, to be answered whole or streamed. */
export function questionsTo(model: string) {
  const question = { model, messages };
  return { question, streamed: { ...question, stream: true, stream_options: { include_usage: true } } };
}

/** Servers and adapters of a spec; everything that was opened is closed by `close`. */
export interface Wire {
  adapterAt(baseUrl: string, config?: Partial<ProviderConfig>): ProviderAdapter;
  /** Starts a server that answers so; gives its URL. */
  serve(answer: RequestListener): Promise<string>;
  adapterFor(answer: RequestListener, config?: Partial<ProviderConfig>): Promise<ProviderAdapter>;
  mock(): Promise<MockLlm>;
  close(): Promise<void>;
}

export function createWire(kind: ProviderConfig['kind']): Wire {
  const servers: Server[] = [];
  const adapters: ProviderAdapter[] = [];
  const mocks: MockLlm[] = [];
  const wire: Wire = {
    adapterAt(baseUrl, config = {}) {
      const base: ProviderConfig = { name: kind, kind, baseUrl, retry: { baseDelayMs: 1 } };
      const adapter = createProviderRegistry([{ ...base, ...config }], { logger }).get(kind);
      if (!adapter) throw new Error('no adapter');
      adapters.push(adapter);
      return adapter;
    },
    async serve(answer) {
      const server = createServer(answer);
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    adapterFor: async (answer, config) => wire.adapterAt(await wire.serve(answer), config),
    async mock() {
      const mock = await startMockLlm();
      mocks.push(mock);
      return mock;
    },
    async close() {
      await Promise.all(adapters.splice(0).map((adapter) => adapter.close()));
      await Promise.all(mocks.splice(0).map((mock) => mock.close()));
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
  return wire;
}

const sends =
  (type: string, ...parts: string[]): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    response.end(parts.join(''));
  };

export const sendsJson = (body: string): RequestListener => sends('application/json', body);
export const sendsEvents = (...events: string[]): RequestListener =>
  sends('text/event-stream; charset=utf-8', ...events);

/** Sends some events and then breaks the connection. */
export const breaksOffAfter =
  (...events: string[]): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(events.join(''), () => setImmediate(() => response.destroy()));
  };

/** Asks; streamed where the body says so. */
export function execute(
  adapter: ProviderAdapter,
  body: { model: string } & Record<string, unknown>,
  more: object = {},
  sink = createCollectingSink(),
) {
  const request: ProviderRequest = {
    requestId: 'r1',
    dialect: 'openai.chat',
    upstreamModel: body.model,
    stream: body['stream'] === true,
    body: Buffer.from(JSON.stringify(body)),
    deadlineAtMs: Date.now() + 5_000,
    signal: new Cancellation(),
    ...more,
  };
  return adapter.execute(request, sink);
}

export const bodyOf = (outcome: ProviderOutcome): unknown => JSON.parse(String(outcome.body));
