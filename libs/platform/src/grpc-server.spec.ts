import { Client, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import type {
  ClientDuplexStream,
  ClientReadableStream,
  ServerUnaryCall,
  ServiceClientConstructor,
  sendUnaryData,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';
import type { PackageDefinition } from '@grpc/proto-loader';
import { service as standardHealth } from 'grpc-health-check';
import { RouteRequest, RouterServiceService, descriptorSetBase64 } from '@costlane/contracts';
import type { RouteReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { GrpcServer } from './grpc-server';
import { startGrpcServer } from './grpc-server';
import { HealthRegistry } from './health';
import { createLogger } from './logger';
import { until } from './spec-support/until';
import { grpcError } from './to-grpc-status';

// The clients of these specs are made from the definitions that gRPC's own packages carry, at run time.
const HealthClient = loadPackageDefinition({ Health: standardHealth })['Health'] as ServiceClientConstructor;

function reflectionClientOf(version: string): ServiceClientConstructor {
  const file = require
    .resolve('@grpc/reflection')
    .replace('src/index.js', `proto/grpc/reflection/${version}/reflection.proto`);
  const definition = loadSync(file, { oneofs: true })[`grpc.reflection.${version}.ServerReflection`];
  return loadPackageDefinition({ Reflection: definition } as PackageDefinition)[
    'Reflection'
  ] as ServiceClientConstructor;
}

const logger = createLogger({ service: 'test', level: 'silent' });
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(health = new HealthRegistry()): Promise<GrpcServer> {
  const { route } = RouterServiceService;
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    logger,
    health,
    services: [
      {
        definition: { route },
        implementation: {
          route: (_call: ServerUnaryCall<RouteRequest, RouteReply>, callback: sendUnaryData<RouteReply>) =>
            callback(grpcError(new CostlaneError('model_not_found', 'No such model.'))),
        },
      },
    ],
    reflectionDescriptorSet: Buffer.from(descriptorSetBase64, 'base64'),
  });
  closers.push(() => server.close({ graceMs: 0 }));
  return server;
}

function connect<C extends Client>(Ctor: new (address: string, creds: typeof insecure) => C, port: number): C {
  const client = new Ctor(`127.0.0.1:${port}`, insecure);
  closers.push(() => client.close());
  return client;
}

const insecure = credentials.createInsecure();

interface HealthStub extends Client {
  check(
    request: { service: string },
    callback: (error: { code: number } | null, reply: { status: string }) => void,
  ): void;
  watch(request: { service: string }): ClientReadableStream<{ status: string }>;
}

const check = (client: HealthStub, service: string): Promise<string> =>
  new Promise((resolve) =>
    client.check({ service }, (error, reply) => resolve(error ? `code ${error.code}` : reply.status)),
  );

describe('gRPC health', () => {
  test('follows the registry for the server and for each service', async () => {
    const health = new HealthRegistry();
    let isUp = true;
    health.register('redis', () => ({ ok: isUp }));
    const { port } = await start(health);
    const client = connect(HealthClient, port) as unknown as HealthStub;
    expect(await check(client, '')).toBe('SERVING');
    expect(await check(client, 'costlane.v1.RouterService')).toBe('SERVING');
    isUp = false;
    expect(await check(client, 'costlane.v1.RouterService')).toBe('NOT_SERVING');
    expect(await check(client, 'costlane.v1.Nothing')).toBe('code 5');
  });

  test('tells a watcher when it changes', async () => {
    const health = new HealthRegistry();
    const { port } = await start(health);
    const client = connect(HealthClient, port) as unknown as HealthStub;
    const seen: string[] = [];
    const watch = client.watch({ service: '' });
    watch.on('data', ({ status }: { status: string }) => seen.push(status));
    watch.on('error', () => undefined);
    await until(() => seen.length === 1, 'the first status');
    health.startDraining();
    await until(() => seen.length === 2, 'the change');
    expect(seen).toEqual(['SERVING', 'NOT_SERVING']);
    watch.cancel();
  });
});

describe.each(['v1', 'v1alpha'])('gRPC reflection %s', (version) => {
  const ReflectionClient = reflectionClientOf(version);

  async function ask(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { port } = await start();
    const client = connect(ReflectionClient, port) as unknown as {
      serverReflectionInfo(): ClientDuplexStream<unknown, Record<string, unknown>>;
    };
    const stream = client.serverReflectionInfo();
    const reply = new Promise<Record<string, unknown>>((resolve, reject) => {
      stream.on('data', resolve);
      stream.on('error', reject);
    });
    stream.write(request);
    const answer = await reply;
    stream.end();
    return answer;
  }

  test('lists the services', async () => {
    const reply = await ask({ listServices: '' });
    const { service } = reply['listServicesResponse'] as { service: { name: string }[] };
    expect(service.map(({ name }) => name)).toEqual([
      'costlane.v1.RouterService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
    ]);
  });

  test.each([
    'costlane.v1.RouterService',
    'costlane.v1.RouterService.Route',
    'costlane.v1.RouteRequest',
    'costlane.v1.MuxKind',
    'grpc.health.v1.HealthCheckResponse.ServingStatus',
  ])('gives the files that define %s, complete enough to call it', async (fileContainingSymbol) => {
    const reply = await ask({ fileContainingSymbol });
    const { fileDescriptorProto } = reply['fileDescriptorResponse'] as { fileDescriptorProto: Buffer[] };
    const set = Buffer.concat(fileDescriptorProto.map((file) => Buffer.concat([fieldHeader(file.length), file])));
    const [packageName] = fileContainingSymbol.split(/\.(?=[A-Z])/);
    const loaded = Object.keys(loadFileDescriptorSetFromBuffer(set));
    expect(loaded.some((name) => name.startsWith(`${packageName}.`))).toBe(true);
  });

  test('says that it does not know a symbol', async () => {
    const reply = await ask({ fileContainingSymbol: 'costlane.v1.Nothing' });
    expect(reply['errorResponse']).toMatchObject({ errorCode: 5 });
  });
});

/** Tag and length of `FileDescriptorSet.file`. */
function fieldHeader(length: number): Buffer {
  const bytes = [0x0a];
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

describe('a gRPC server', () => {
  test('gives errors with our code in the trailers', async () => {
    const { port } = await start();
    const client = connect(Client, port);
    const { route } = RouterServiceService;
    const error = await new Promise<{ code: number; metadata: { get(key: string): unknown[] } } | null>((resolve) =>
      client.makeUnaryRequest(
        route.path,
        route.requestSerialize,
        route.responseDeserialize,
        RouteRequest.fromPartial({}),
        (failure) => resolve(failure),
      ),
    );
    expect(error?.code).toBe(5);
    expect(error?.metadata.get('x-error-code')).toEqual(['model_not_found']);
  });

  test('refuses to start on a port in use', async () => {
    const { port } = await start();
    const second = startGrpcServer({ host: '127.0.0.1', port, logger, health: new HealthRegistry(), services: [] });
    await expect(second).rejects.toThrow('EADDRINUSE');
  });
});
