import { HealthCheckResponse_ServingStatus as ServingStatus, HealthClient } from '@costlane/contracts';
import { credentials, Metadata } from '@grpc/grpc-js';

export interface ServiceProbe {
  /** Whether the service says that it serves; `undefined`: it cannot be reached. */
  isServing(timeoutMs: number): Promise<boolean | undefined>;
  close(): void;
}

/** Asks a service over the standard gRPC health protocol. The connection is kept between two looks. */
export function createServiceProbe(address: string): ServiceProbe {
  const client = new HealthClient(address, credentials.createInsecure());
  return {
    isServing: (timeoutMs) =>
      new Promise((resolve) => {
        const options = { deadline: Date.now() + timeoutMs };
        client.check({ service: '' }, new Metadata(), options, (error, reply) =>
          resolve(error ? undefined : reply.status === ServingStatus.SERVING),
        );
      }),
    close: () => client.close(),
  };
}
