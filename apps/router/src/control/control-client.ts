import { credentials, Metadata } from '@grpc/grpc-js';
import { ControlServiceClient, type ChangedControlReply } from '@costlane/contracts';

/** Where the documents are kept, as far as the router asks. */
export interface ControlSource {
  /** What came after a version. Rejects when the store cannot be reached in time. */
  changed(sinceVersion: number): Promise<ChangedControlReply>;
  close(): void;
}

const TIMEOUT_MS = 2_000;

const channelOptions = {
  // grpc-js would wait up to two minutes between attempts to connect.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
};

export function createControlSource(address: string): ControlSource {
  const client = new ControlServiceClient(address, credentials.createInsecure(), channelOptions);
  return {
    changed: (sinceVersion) =>
      new Promise((resolve, reject) => {
        client.changed({ sinceVersion }, new Metadata(), { deadline: Date.now() + TIMEOUT_MS }, (error, reply) =>
          error ? reject(error) : resolve(reply),
        );
      }),
    close: () => client.close(),
  };
}
