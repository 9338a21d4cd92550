import { ServerReflectionClient, type ServerReflectionResponse } from '@costlane/contracts';
import {
  credentials,
  loadPackageDefinition,
  type Client,
  type GrpcObject,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';

/**
 * A client that learns the service from the server itself, by reflection, as gRPC tools do. It knows nothing of our generated code but
 * the reflection protocol's own.
 */
export async function reflectedClient(
  address: string,
  service: string,
): Promise<Client & Record<string, CallableFunction>> {
  const files = await filesOf(address, service);
  // FileDescriptorSet { repeated FileDescriptorProto file = 1 }: each one behind its tag and length.
  const set = Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a]), varint(file.length), file]));
  const options = { keepCase: true, longs: Number, defaults: true, oneofs: true };
  const root: GrpcObject = loadPackageDefinition(loadFileDescriptorSetFromBuffer(set, options));
  const found = service
    .split('.')
    .reduce<unknown>((at, name) => (at as GrpcObject)[name], root) as ServiceClientConstructor;
  return new found(address, credentials.createInsecure()) as unknown as Client & Record<string, CallableFunction>;
}

/** Names of the services that the server lists. */
export async function listServices(address: string): Promise<string[]> {
  const { messageResponse } = await reflect(address, { $case: 'listServices', value: '' });
  return messageResponse?.$case === 'listServicesResponse' ? messageResponse.value.service.map(({ name }) => name) : [];
}

async function filesOf(address: string, symbol: string): Promise<Buffer[]> {
  const { messageResponse } = await reflect(address, { $case: 'fileContainingSymbol', value: symbol });
  if (messageResponse?.$case !== 'fileDescriptorResponse') throw new Error(`the server does not describe ${symbol}`);
  return messageResponse.value.fileDescriptorProto.map((bytes) => Buffer.from(bytes));
}

type Question = { $case: 'listServices' | 'fileContainingSymbol'; value: string };

function reflect(address: string, messageRequest: Question): Promise<ServerReflectionResponse> {
  const client = new ServerReflectionClient(address, credentials.createInsecure());
  return new Promise<ServerReflectionResponse>((resolve, reject) => {
    const stream = client.serverReflectionInfo();
    stream.on('data', resolve);
    stream.on('error', reject);
    stream.write({ host: '', messageRequest });
    stream.end();
  }).finally(() => client.close());
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
