import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { RouterServiceClient, type PolicyAck, type PolicyUpdate } from '@costlane/contracts';

export interface PolicyStreamOptions {
  readonly address: string;
  /** What is sent first on each new stream. */
  readonly hello: () => PolicyAck;
  readonly onUpdate: (update: PolicyUpdate) => void;
  /** The stream ended or could not be opened; the next attempt follows after a back-off. */
  readonly onDown: (reason: string) => void;
  readonly backOff?: { readonly firstMs: number; readonly lastMs: number };
}

export interface PolicyStream {
  /** Sends nothing while there is no stream: the next one starts with a hello. */
  acknowledge(ack: PolicyAck): void;
  close(): void;
}

const defaultBackOff = { firstMs: 100, lastMs: 2_000 };
/** A router that took the stream and says nothing is as good as away. */
const FIRST_UPDATE_TIMEOUT_MS = 5_000;

const channelOptions = {
  // A router that vanished without a word (power, network) is noticed within 15 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  // grpc-js would wait up to two minutes between attempts to connect; the back-off here is what counts.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
};

/** Keeps one `WatchPolicy` stream open: opens it again, with back-off, whenever it ends. Cancelled by `close`. */
export function openPolicyStream(options: PolicyStreamOptions): PolicyStream {
  const { firstMs, lastMs } = options.backOff ?? defaultBackOff;
  const client = new RouterServiceClient(options.address, credentials.createInsecure(), channelOptions);
  let stream: ClientDuplexStream<PolicyAck, PolicyUpdate> | undefined;
  let backOffMs = firstMs;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const open = (): void => {
    const opened = client.watchPolicy();
    stream = opened;
    timer = setTimeout(() => down('no policy came'), FIRST_UPDATE_TIMEOUT_MS);
    const down = (reason: string): void => {
      if (stream !== opened) return;
      stream = undefined;
      clearTimeout(timer);
      opened.cancel();
      if (isClosed) return;
      // Up to a quarter of jitter keeps the gateways from coming back all in the same moment.
      timer = setTimeout(open, backOffMs * (1 + Math.random() / 4));
      backOffMs = Math.min(backOffMs * 2, lastMs);
      options.onDown(reason);
    };
    opened.on('data', (update: PolicyUpdate) => {
      if (stream !== opened) return;
      clearTimeout(timer);
      backOffMs = firstMs;
      options.onUpdate(update);
    });
    opened.on('error', (error) => down(error.message));
    opened.on('end', () => down('the router ended the stream'));
    opened.write(options.hello());
  };
  open();

  return {
    acknowledge: (ack) => void stream?.write(ack),
    close() {
      isClosed = true;
      clearTimeout(timer);
      const open = stream;
      stream = undefined;
      open?.cancel();
      client.close();
    },
  };
}
