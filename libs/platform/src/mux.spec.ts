import { Client, Metadata, credentials } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { MuxKind, RouterServiceService } from '@costlane/contracts';
import type { MuxFrame } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { GrpcServer } from './grpc-server';
import { startGrpcServer } from './grpc-server';
import { HealthRegistry } from './health';
import { createLogger } from './logger';
import { createMuxClient } from './mux-client';
import type { MuxClient, MuxClientOptions } from './mux-client';
import { createMuxHandler } from './mux-handler';
import type { MuxMethod } from './mux-handler';
import { until } from './spec-support/until';

const logger = createLogger({ service: 'test', level: 'silent' });
const { mux } = RouterServiceService;
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startServer(methods: Record<string, MuxMethod>, port = 0): Promise<GrpcServer> {
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port,
    logger,
    health: new HealthRegistry(),
    services: [{ definition: { mux }, implementation: { mux: createMuxHandler({ logger, methods }) } }],
  });
  closers.push(() => server.close({ graceMs: 0 }));
  return server;
}

function connect(port: number, options: Partial<MuxClientOptions> = {}): MuxClient {
  const client = createMuxClient({ address: `127.0.0.1:${port}`, logger, path: mux, callTimeoutMs: 5_000, ...options });
  closers.push(() => client.close());
  return client;
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof CostlaneError ? error.code : String(error)),
  );

const never = () => new Promise<Buffer>(() => undefined);

describe('a multiplexed stream', () => {
  test('gives each of many concurrent calls its own answer, in whatever order they are ready', async () => {
    const { port } = await startServer({
      echo: async (body) => {
        if (body.length % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        return Buffer.concat([body, Buffer.from('!')]);
      },
    });
    const client = connect(port);
    await client.ready(2_000);
    const replies = await Promise.all(
      Array.from({ length: 3_000 }, (_, i) => client.call('echo', Buffer.from(`call ${i}`))),
    );
    expect(replies.map(String)).toEqual(Array.from({ length: 3_000 }, (_, i) => `call ${i}!`));
    expect(client.openCalls).toBe(0);
  });

  test('brings the parts of a reply in order, then its end', async () => {
    const { port } = await startServer({
      count: async (body, { chunk }) => {
        for (let i = 0; i < Number(body); i += 1) chunk(Buffer.from(`${i}`));
        return Buffer.from('done');
      },
    });
    const client = connect(port);
    await client.ready(2_000);
    const parts: string[] = [];
    const end = await new Promise((resolve) =>
      client.open('count', Buffer.from('4'), {
        onChunk: (part) => parts.push(part.toString()),
        onEnd: (error, body) => resolve(error ?? body?.toString()),
      }),
    );
    expect(parts).toEqual(['0', '1', '2', '3']);
    expect(end).toBe('done');
  });

  test('carries bodies far larger than a frame and the window of HTTP/2', async () => {
    const { port } = await startServer({ echo: async (body) => body });
    const client = connect(port);
    await client.ready(2_000);
    const bodies = [1, 2, 3].map((fill) => Buffer.alloc(3_000_000, fill));
    const replies = await Promise.all(bodies.map((body) => client.call('echo', body)));
    replies.forEach((reply, i) => expect(reply.equals(bodies[i] ?? Buffer.alloc(0))).toBe(true));
  });

  test('brings the code, field and retry hint of an error to the caller', async () => {
    const { port } = await startServer({
      refuse: async () => {
        throw new CostlaneError('rate_limited', 'Slower.', { field: 'prompt', retryAfterMs: 1500 });
      },
      crash: () => {
        throw new Error('secret reason');
      },
    });
    const client = connect(port);
    await client.ready(2_000);
    await expect(client.call('refuse', Buffer.alloc(0))).rejects.toMatchObject({
      code: 'rate_limited',
      message: 'Slower.',
      field: 'prompt',
      retryAfterMs: 1500,
    });
    await expect(client.call('crash', Buffer.alloc(0))).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    });
    expect(await codeOf(client.call('unheard-of', Buffer.alloc(0)))).toBe('method_not_allowed');
  });

  test('a cancelled call aborts its work on the server and frees its place', async () => {
    let aborted = 0;
    const { port } = await startServer({
      wait: (_body, { signal }) => {
        signal.addEventListener('abort', () => (aborted += 1));
        return never();
      },
    });
    const client = connect(port);
    await client.ready(2_000);
    const controller = new AbortController();
    const call = codeOf(client.call('wait', Buffer.alloc(0), { signal: controller.signal }));
    const stream = client.open('wait', Buffer.alloc(0), { onChunk: () => undefined, onEnd: () => undefined });
    controller.abort();
    stream.cancel();
    expect(await call).toBe('cancelled');
    await until(() => aborted === 2, 'both calls aborted');
    expect(client.openCalls).toBe(0);
  });

  test('a call that takes longer than its limit fails and is cancelled on the server', async () => {
    let aborted = 0;
    const { port } = await startServer({
      wait: (_body, { signal }) => {
        signal.addEventListener('abort', () => (aborted += 1));
        return never();
      },
    });
    const client = connect(port);
    await client.ready(2_000);
    const startedAt = Date.now();
    expect(await codeOf(client.call('wait', Buffer.alloc(0), { timeoutMs: 60 }))).toBe('deadline_exceeded');
    expect(Date.now() - startedAt).toBeLessThan(500);
    await until(() => aborted === 1, 'the call aborted');
  });

  test('calls above the bound are refused instead of queued', async () => {
    const { port } = await startServer({ wait: never });
    const client = connect(port, { maxOpenCalls: 2 });
    await client.ready(2_000);
    const open = [1, 2].map(() => codeOf(client.call('wait', Buffer.alloc(0))));
    expect(await codeOf(client.call('wait', Buffer.alloc(0)))).toBe('overloaded');
    client.close();
    expect(await Promise.all(open)).toEqual(['unavailable', 'unavailable']);
  });
});

describe('a multiplexed stream whose server goes away', () => {
  test('fails all open calls at once, refuses new ones, and works again when the server is back', async () => {
    const states: boolean[] = [];
    const server = await startServer({ wait: never });
    const client = connect(server.port, { onState: (isConnected) => states.push(isConnected) });
    await client.ready(2_000);
    const open = Array.from({ length: 50 }, () => codeOf(client.call('wait', Buffer.alloc(0))));
    const killedAt = Date.now();
    await server.close({ graceMs: 0 });
    expect(new Set(await Promise.all(open))).toEqual(new Set(['unavailable']));
    expect(Date.now() - killedAt).toBeLessThan(1_000);
    expect(await codeOf(client.call('wait', Buffer.alloc(0)))).toBe('unavailable');

    await startServer({ echo: async (body) => body }, server.port);
    await client.ready(5_000);
    expect(String(await client.call('echo', Buffer.from('again')))).toBe('again');
    expect(states).toEqual([true, false, true]);
  });

  test('a draining server answers what is open and refuses what is new', async () => {
    let release: (body: Buffer) => void = () => undefined;
    const server = await startServer({ wait: () => new Promise((resolve) => (release = resolve)) });
    const client = connect(server.port);
    await client.ready(2_000);
    const open = client.call('wait', Buffer.alloc(0));
    const first = release;
    await until(() => release !== first, 'the call reached the server');
    const closed = server.close({ graceMs: 5_000 });
    expect(await codeOf(client.call('wait', Buffer.alloc(0)))).toBe('unavailable');
    release(Buffer.from('finished'));
    expect(String(await open)).toBe('finished');
    await closed;
  });

  test('a client can be made before its server is there', async () => {
    const server = await startServer({});
    await server.close({ graceMs: 0 });
    const client = connect(server.port);
    expect(await codeOf(client.ready(50))).toBe('unavailable');
    await startServer({ echo: async (body) => body }, server.port);
    await client.ready(5_000);
    expect(String(await client.call('echo', Buffer.from('x')))).toBe('x');
  });
});

describe('a multiplexed stream with a peer that speaks nonsense', () => {
  test('a malformed frame ends that stream only; the server goes on', async () => {
    const { port } = await startServer({ echo: async (body) => body });
    const raw = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    closers.push(() => raw.close());
    const stream = raw.makeBidiStreamRequest(
      mux.path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    const failed = new Promise<Error>((resolve) => stream.on('error', resolve));
    stream.on('data', () => undefined);
    stream.write(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x01]));
    expect(await failed).toBeInstanceOf(Error);

    const client = connect(port);
    await client.ready(2_000);
    expect(String(await client.call('echo', Buffer.from('fine')))).toBe('fine');
  });

  test('a malformed frame from the server fails the open calls and the client reconnects', async () => {
    let streams = 0;
    const server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger,
      health: new HealthRegistry(),
      services: [
        {
          definition: { mux: { ...mux, responseSerialize: (bytes: Buffer) => bytes } },
          implementation: {
            mux: (stream: ServerDuplexStream<MuxFrame, Buffer>) => {
              streams += 1;
              stream.sendMetadata(new Metadata());
              stream.on('data', () => stream.write(Buffer.from([0x0a, 0xff, 0xff, 0x01])));
            },
          },
        },
      ],
    });
    closers.push(() => server.close({ graceMs: 0 }));
    const client = connect(server.port);
    await client.ready(2_000);
    expect(await codeOf(client.call('any', Buffer.alloc(0)))).toBe('unavailable');
    await client.ready(5_000);
    expect(streams).toBe(2);
  });

  test('a second request under an id in use is refused and the first is still answered', async () => {
    let release: (body: Buffer) => void = () => undefined;
    const { port } = await startServer({ wait: () => new Promise((resolve) => (release = resolve)) });
    const raw = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    closers.push(() => raw.close());
    const stream = raw.makeBidiStreamRequest(mux.path, mux.requestSerialize, mux.responseDeserialize);
    const seen: { kind: MuxKind; method: string }[] = [];
    stream.on('data', (frame: MuxFrame) => seen.push(...frame.messages.map(({ kind, method }) => ({ kind, method }))));
    stream.on('error', () => undefined);
    const request = { id: 7, kind: MuxKind.MUX_KIND_REQUEST, method: 'wait', body: Buffer.alloc(0) };
    stream.write({ messages: [request, request] });
    await until(() => seen.length === 1, 'the refusal');
    release(Buffer.from('ok'));
    await until(() => seen.length === 2, 'the reply');
    expect(seen).toEqual([
      { kind: MuxKind.MUX_KIND_ERROR, method: 'invalid_request' },
      { kind: MuxKind.MUX_KIND_REPLY, method: '' },
    ]);
    stream.cancel();
  });
});
