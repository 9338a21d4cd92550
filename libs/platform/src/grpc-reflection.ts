import type { ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ServerReflectionService } from '@costlane/contracts';
import type { ServerReflectionRequest, ServerReflectionResponse } from '@costlane/contracts';
import { DescriptorIndex } from './descriptor-index';

type Stream = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
type Reply = NonNullable<ServerReflectionResponse['messageResponse']>;

const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;

/** Older tools ask under this name; the messages are the same. */
const ALPHA_PATH = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo';

/**
 * Server reflection (grpc.reflection.v1 and v1alpha), so that any gRPC tool can list, describe and call the services `names`.
 * The descriptor set is taken apart when the first tool asks.
 */
export function createReflection(
  descriptorSet: Uint8Array,
  names: readonly string[],
): { definition: ServiceDefinition; implementation: UntypedServiceImplementation }[] {
  let index: DescriptorIndex | undefined;
  const handler = (stream: Stream) => {
    index ??= new DescriptorIndex(descriptorSet);
    const descriptors = index;
    stream.on('data', (request: ServerReflectionRequest) => {
      const messageResponse = answer(request, descriptors, names);
      stream.write({ validHost: request.host, originalRequest: request, messageResponse });
    });
    stream.on('end', () => stream.end());
    stream.on('error', () => stream.end());
  };
  const method = ServerReflectionService.serverReflectionInfo;
  const alpha = { serverReflectionInfo: { ...method, path: ALPHA_PATH } };
  return [ServerReflectionService, alpha].map((definition) => ({
    definition: definition as ServiceDefinition,
    implementation: { serverReflectionInfo: handler },
  }));
}

function answer({ messageRequest }: ServerReflectionRequest, index: DescriptorIndex, names: readonly string[]): Reply {
  switch (messageRequest?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: names.map((name) => ({ name })) } };
    case 'fileByFilename':
      return files(index.filesByName(messageRequest.value), messageRequest.value);
    case 'fileContainingSymbol':
      return files(index.filesBySymbol(messageRequest.value), messageRequest.value);
    case 'allExtensionNumbersOfType':
      return {
        $case: 'allExtensionNumbersResponse',
        value: { baseTypeName: messageRequest.value, extensionNumber: [] },
      };
    case 'fileContainingExtension':
      return failure(NOT_FOUND, 'no extensions are defined here');
    default:
      return failure(UNIMPLEMENTED, 'unknown reflection request');
  }
}

function files(found: Uint8Array[] | undefined, asked: string): Reply {
  if (!found) return failure(NOT_FOUND, `${asked} is not defined here`);
  return {
    $case: 'fileDescriptorResponse',
    value: { fileDescriptorProto: found.map((bytes) => Buffer.from(bytes)) },
  };
}

const failure = (errorCode: number, errorMessage: string): Reply => ({
  $case: 'errorResponse',
  value: { errorCode, errorMessage },
});
