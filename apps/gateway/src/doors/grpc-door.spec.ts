import {
  CompleteRequest,
  descriptorSetBase64,
  InferenceServiceClient,
  InferenceServiceService,
  type CompleteReply,
  type StreamEvent,
} from '@costlane/contracts';
import { HealthRegistry, startGrpcServer, type GrpcServer } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { credentials, Metadata, status as GrpcStatus, type ServiceError } from '@grpc/grpc-js';
import { answerWith, end, header } from '../testing/scripted-inference';
import { silent, testGateway, type TestGatewayOptions } from '../testing/test-gateway';
import { createGrpcDoor } from './grpc-door';

let server: GrpcServer;
let client: InferenceServiceClient;

async function open(options: TestGatewayOptions = {}) {
  const gateway = testGateway(options);
  server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    logger: silent,
    health: new HealthRegistry(),
    services: [{ definition: InferenceServiceService, implementation: createGrpcDoor(gateway) }],
    reflectionDescriptorSet: Buffer.from(descriptorSetBase64, 'base64'),
  });
  client = new InferenceServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  return gateway;
}

afterEach(async () => {
  client.close();
  await server.close({ graceMs: 0 });
});

const metadataOf = (entries: Record<string, string> = {}): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
};

interface Outcome {
  error?: ServiceError;
  reply?: CompleteReply;
  trailers?: Metadata;
}

function complete(
  request: Partial<CompleteRequest>,
  headers: Record<string, string> = {},
  deadlineMs = 5_000,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = {};
    const options = { deadline: Date.now() + deadlineMs };
    const call = client.complete(CompleteRequest.create(request), metadataOf(headers), options, (error, reply) => {
      outcome.error = error ?? undefined;
      outcome.reply = error ? undefined : reply;
    });
    call.on('status', ({ metadata }) => resolve({ ...outcome, trailers: metadata }));
  });
}

function stream(request: Partial<CompleteRequest>, headers: Record<string, string> = {}) {
  const events: StreamEvent[] = [];
  const call = client.streamComplete(CompleteRequest.create(request), metadataOf(headers));
  const ended = new Promise<{ error?: ServiceError; trailers: Metadata }>((resolve) => {
    let error: ServiceError | undefined;
    call.on('data', (event: StreamEvent) => events.push(event));
    call.on('error', (failed: ServiceError) => (error = failed));
    call.on('status', ({ metadata }) => resolve({ error, trailers: metadata }));
  });
  return { events, call, ended };
}

describe('InferenceService.Complete', () => {
  it('answers with the reply, and the costs as trailing metadata', async () => {
    await open({ onAsk: answerWith('Because.') });
    const { reply, trailers } = await complete({ prompt: 'Why?', maxTokens: 9 });
    expect(reply).toMatchObject({
      text: 'Because.',
      modelUsed: 'gpt-4o-mini-up',
      costUsd: '0.000001200',
      savingsUsd: { routingUsd: '0.000000500' },
      cacheInfo: { hit: false, tier: 'miss' },
      usage: { promptTokens: 10, completionTokens: 6, cachedTokens: 2, reasoningTokens: 1 },
    });
    expect(trailers?.get('x-cost-usd')).toEqual(['0.000001200']);
    expect(trailers?.get('x-request-id')).toEqual([reply?.requestId]);
  });

  it('takes every field, and what is not set as absent', async () => {
    const { asked } = await open({ onAsk: answerWith('Because.') });
    await complete({
      messages: [{ role: 'user', content: 'Why?' }],
      temperature: 0,
      priority: 'batch',
      useCache: false,
      idempotencyKey: 'k',
      metadata: { userId: 'u', teamId: '', tenantId: 'acme', featureName: 'f', experimentId: '' },
    });
    expect(asked[0]?.request).toMatchObject({
      endpoint: 'grpc:Complete',
      priority: 'batch',
      useCache: false,
      featureName: 'f',
      caller: { tenantId: 'acme', userId: 'u' },
    });
    expect(JSON.parse(String(asked[0]?.request.upstreamBody('m')))).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Why?' }],
      temperature: 0,
    });
  });

  it('refuses what is wrong by name, with code and request id in the trailers', async () => {
    const { events } = await open();
    const { error, trailers } = await complete({ prompt: 'Why?', maxTokens: -1 });
    expect(error).toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT, details: expect.stringContaining('max_tokens') });
    expect(trailers?.get('x-error-code')).toEqual(['invalid_request']);
    expect(trailers?.get('x-request-id')[0]).toMatch(/^req/);
    expect(events.refused).toEqual([{ endpoint: 'grpc:Complete', code: 'invalid_request' }]);
  });

  it('gives the provider’s failure its own status', async () => {
    const failed = header({ errorCode: 'upstream_timeout' });
    await open({
      onAsk: ({ listener }) =>
        listener.whole({ ...end({ header: failed }), form: 'json', body: Buffer.from('{"message":"Late."}') }),
    });
    expect((await complete({ prompt: 'Why?' })).error).toMatchObject({
      code: GrpcStatus.DEADLINE_EXCEEDED,
      details: 'Late.',
    });
  });

  it('wants a key in the metadata where keys are required', async () => {
    await open({
      authenticator: { mode: 'required', adminKey: 'the-deployments-admin-key' },
      onAsk: answerWith('Because.'),
    });
    expect((await complete({ prompt: 'Why?' })).error?.code).toBe(GrpcStatus.UNAUTHENTICATED);
    expect((await complete({ prompt: 'Why?' }, { 'x-api-key': 'cl_x' })).error?.code).toBe(GrpcStatus.UNAUTHENTICATED);
    expect(
      (await complete({ prompt: 'Why?' }, { authorization: 'Bearer the-deployments-admin-key' })).reply?.text,
    ).toBe('Because.');
  });

  it('leaves when the call’s own deadline passes, which holds beside deadline_ms', async () => {
    const { asked } = await open();
    const { error } = await complete({ prompt: 'Why?', deadlineMs: 60_000 }, {}, 150);
    expect(error?.code).toBe(GrpcStatus.DEADLINE_EXCEEDED);
    await waitFor(() => asked[0]?.hasLeft, { timeoutMs: 2_000 });
    const { deadlineAtMs, createdAtMs } = asked[0]?.request ?? { deadlineAtMs: 0, createdAtMs: 0 };
    expect(deadlineAtMs - createdAtMs).toBeLessThanOrEqual(150);
  });
});

describe('InferenceService.StreamComplete', () => {
  it('streams deltas, then the reply, then the costs as trailing metadata', async () => {
    await open({ onAsk: answerWith('Because.') });
    const { events, ended } = stream({ prompt: 'Why?' });
    const { trailers, error } = await ended;
    expect(error).toBeUndefined();
    expect(events).toMatchObject([
      { event: { $case: 'delta', value: 'Because.' } },
      { event: { $case: 'done', value: { text: 'Because.', costUsd: '0.000001200' } } },
    ]);
    expect(trailers.get('x-cost-usd')).toEqual(['0.000001200']);
  });

  it('ends with the error of a stream that breaks', async () => {
    await open({
      onAsk: ({ listener }) => {
        listener.head(header(), 'miss');
        listener.end(end({ header: header({ errorCode: 'stream_interrupted' }) }));
      },
    });
    const { error, trailers } = await stream({ prompt: 'Why?' }).ended;
    expect(error?.code).toBe(GrpcStatus.UNAVAILABLE);
    expect(trailers.get('x-error-code')).toEqual(['stream_interrupted']);
  });

  it('leaves when the client cancels', async () => {
    const { asked, events } = await open();
    const { call, ended } = stream({ prompt: 'Why?' });
    await waitFor(() => asked.length === 1, { timeoutMs: 2_000 });
    call.cancel();
    await ended;
    await waitFor(() => asked[0]?.hasLeft, { timeoutMs: 2_000 });
    expect(events.left).toBe(1);
  });
});
