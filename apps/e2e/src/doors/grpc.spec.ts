import {
  Metadata,
  status as GrpcStatus,
  type Client,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { waitFor } from '@costlane/testing';
import { abortDelayMs, doorsUnderTest, fresh, mockStats, newKey, type Doors } from './doors-under-test';
import { listServices, reflectedClient } from './reflected-client';

const doors = doorsUnderTest();
const address = doors?.grpcAddress ?? '';

interface Reply {
  text: string;
  request_id: string;
  cost_usd: string;
  cache_info: { hit: boolean; tier: string };
  usage: { prompt_tokens: number; completion_tokens: number };
}
interface StreamEvent {
  delta?: string;
  done?: Reply;
}

type Inference = Client & Record<string, CallableFunction>;

function complete(client: Inference, request: object, headers: Record<string, string> = {}, deadlineMs = 10_000) {
  return new Promise<{ reply?: Reply; error?: ServiceError; trailers: Metadata }>((resolve) => {
    let result: { reply?: Reply; error?: ServiceError } = {};
    const call = client['Complete']?.(
      request,
      metadataOf(headers),
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, reply: Reply) => {
        result = error ? { error } : { reply };
      },
    ) as { on(event: 'status', listener: (status: { metadata: Metadata }) => void): void };
    call.on('status', ({ metadata }) => setImmediate(() => resolve({ ...result, trailers: metadata })));
  });
}

function metadataOf(headers: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

(doors ? describe : describe.skip)('gRPC costlane.v1.InferenceService, learned by reflection', () => {
  let client: Inference;
  beforeAll(async () => {
    client = await reflectedClient(address, 'costlane.v1.InferenceService');
  });
  afterAll(() => client.close());

  it('lists itself, health and reflection', async () => {
    expect(await listServices(address)).toEqual(
      expect.arrayContaining([
        'costlane.v1.InferenceService',
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
      ]),
    );
  });

  it('says that it serves', async () => {
    const health = await reflectedClient(address, 'grpc.health.v1.Health');
    const check = (service: string) =>
      new Promise((resolve) =>
        health['Check']?.({ service }, (error: ServiceError | null, reply: { status: string | number }) =>
          resolve(error?.code ?? reply.status),
        ),
      );
    expect([await check(''), await check('costlane.v1.InferenceService')]).toEqual([1, 1]);
    expect(await check('no.such.Service')).toBe(GrpcStatus.NOT_FOUND);
    health.close();
  });

  it('completes, the second time from the cache, with the costs as trailing metadata', async () => {
    const request = { prompt: fresh('Over gRPC?') };
    const first = await complete(client, request);
    expect(first.reply).toMatchObject({ text: expect.stringMatching(/./), cache_info: { hit: false, tier: 'miss' } });
    expect(first.trailers.get('x-cost-usd')).toEqual([first.reply?.cost_usd]);
    expect(Number(first.reply?.cost_usd)).toBeGreaterThan(0);
    const second = await complete(client, request);
    expect(second.reply).toMatchObject({ text: first.reply?.text, cost_usd: '0.000000000', cache_info: { hit: true } });
    expect(second.trailers.get('x-cache')[0]).toMatch(/^(memory|exact)$/);
  });

  it('streams', async () => {
    const call = client['StreamComplete']?.({
      prompt: fresh('Stream? [[mock: chunks=4; chunkIntervalMs=30]]'),
    }) as ClientReadableStream<StreamEvent>;
    const events: StreamEvent[] = [];
    for await (const event of call) events.push(event as StreamEvent);
    const done = events.at(-1)?.done;
    expect(events.length).toBeGreaterThan(2);
    expect(
      events
        .slice(0, -1)
        .map(({ delta }) => delta)
        .join(''),
    ).toBe(done?.text);
  });

  it('refuses what is wrong by name', async () => {
    const { error } = await complete(client, { prompt: 'x', max_tokens: -5 });
    expect([error?.code, error?.metadata.get('x-error-code')[0]]).toEqual([
      GrpcStatus.INVALID_ARGUMENT,
      'invalid_request',
    ]);
    expect(error?.details).toContain('max_tokens');
    const unknown = await complete(client, { prompt: 'x', preferred_model: 'no-such-model' });
    expect(unknown.error?.code).toBe(GrpcStatus.NOT_FOUND);
  });

  it('takes a key from the metadata', async () => {
    const { key } = await newKey(doors as Doors);
    expect((await complete(client, { prompt: fresh('Key?') }, { authorization: `Bearer ${key}` })).reply).toBeDefined();
    expect((await complete(client, { prompt: 'x' }, { 'x-api-key': 'cl_unknown' })).error?.code).toBe(
      GrpcStatus.UNAUTHENTICATED,
    );
    const claimed = await complete(client, { prompt: 'x', metadata: { tenant_id: 'another' } }, { 'x-api-key': key });
    expect(claimed.error?.code).toBe(GrpcStatus.PERMISSION_DENIED);
  });

  it('honours the call’s deadline', async () => {
    const startedAt = performance.now();
    const { error } = await complete(client, { prompt: fresh('Never? [[mock: hang=1]]') }, {}, 300);
    expect(error?.code).toBe(GrpcStatus.DEADLINE_EXCEEDED);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it('gives up the provider’s call within 250 ms of a cancelled call', async () => {
    const before = new Set(Object.keys((await mockStats(doors as Doors)).callsByRequestId));
    const call = client['StreamComplete']?.({
      prompt: fresh('Cancel? [[mock: chunks=200; chunkIntervalMs=50]]'),
    }) as ClientReadableStream<StreamEvent>;
    let hasStarted = false;
    call.on('data', () => (hasStarted = true));
    call.on('error', () => undefined);
    await waitFor(() => hasStarted);
    const { callsByRequestId } = await mockStats(doors as Doors);
    const requestId = Object.keys(callsByRequestId).find((id) => !before.has(id));
    const leftAtMs = Date.now();
    call.cancel();
    expect(await abortDelayMs(doors as Doors, String(requestId), leftAtMs)).toBeLessThan(250);
  });
});
