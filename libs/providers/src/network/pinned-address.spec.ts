import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { Cancellation, DeadlineSweep } from '@costlane/resilience';
import { createAnthropic } from '../anthropic/create-anthropic';
import { createCohere } from '../cohere/create-cohere';
import { createGoogle } from '../google/create-google';
import { createOpenAiCompatible } from '../openai-compatible/create-openai-compatible';
import type { ProviderConfig } from '../provider-config';

const kinds = {
  'openai-compatible': createOpenAiCompatible,
  anthropic: createAnthropic,
  google: createGoogle,
  cohere: createCohere,
} as const;

describe('the address of a provider', () => {
  let server: Server;
  let asked = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(503).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  const call = async (kind: ProviderConfig['kind'], lookup: LookupFunction) => {
    const { port } = server.address() as AddressInfo;
    const config: ProviderConfig = { name: kind, kind, baseUrl: `http://provider.invalid:${port}/v1` };
    const transport = kinds[kind](config, { deadlines: new DeadlineSweep(), lookup });
    const outcome = await transport.attempt(
      {
        requestId: 'r',
        dialect: 'openai.chat',
        upstreamModel: 'm',
        stream: false,
        body: Buffer.from('{"model":"m","messages":[{"role":"user","content":"hi"}]}'),
        deadlineAtMs: Date.now() + 5_000,
        signal: new Cancellation(),
      },
      { head: () => undefined, chunk: () => true },
      { startedAtMs: performance.now(), upstreamCalls: 1 },
    );
    await transport.close();
    return outcome;
  };

  it.each(Object.keys(kinds) as ProviderConfig['kind'][])('of kind %s is the one that was checked', async (kind) => {
    const before = asked;
    const outcome = await call(kind, (_hostname, options, callback) => {
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    });
    // A name that no resolver knows was reached at the address given, and nowhere else.
    expect([outcome.ok, outcome.status, asked - before]).toEqual([false, 503, 1]);
  });

  it.each(Object.keys(kinds) as ProviderConfig['kind'][])(
    'of kind %s is not connected to where it is refused',
    async (kind) => {
      const before = asked;
      const outcome = await call(kind, (_hostname, _options, callback) => callback(new Error('private address'), ''));
      expect([outcome.ok, asked - before]).toEqual([false, 0]);
    },
  );
});
