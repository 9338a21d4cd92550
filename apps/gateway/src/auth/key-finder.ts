import type { ApiKey, KeyServiceClient } from '@costlane/contracts';
import { Metadata } from '@grpc/grpc-js';

const TIMEOUT_MS = 2_000;

/** Asks cost-attribution for the key with a hash; undefined when no active key has it. Rejects with the gRPC error. */
export function createKeyFinder(keys: KeyServiceClient) {
  return (keyHash: string): Promise<ApiKey | undefined> =>
    new Promise((resolve, reject) => {
      keys.findKey({ keyHash }, new Metadata(), { deadline: Date.now() + TIMEOUT_MS }, (error, reply) => {
        if (error) reject(error);
        else resolve(reply.key);
      });
    });
}
