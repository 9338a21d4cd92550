import {
  decodePart,
  encodePayload,
  HelloRequest,
  ProviderWorkerServiceService,
  RunningReply,
  RunningRequest,
  type JobHeader,
  type ReplyPart,
} from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createMuxClient, type Logger, type MuxClient } from '@costlane/platform';
import { watchWorkerAddresses, type ResolveHost } from './worker-addresses';
import { createWorkerClients } from './worker-clients';

/** How a gateway reaches workers without Redis. */
export interface DegradedRoad {
  /** Hands a job to a connected worker. `onFailure` tells that the worker is gone or refused it before the answer was complete. */
  execute(header: JobHeader, body: Buffer, onFailure: (error: CostlaneError) => void): void;
  cancel(requestId: string): void;
  /** Which of these requests some worker is working on. */
  running(requestIds: string[]): Promise<Set<string>>;
  connected(): number;
  close(): void;
}

const QUERY_TIMEOUT_MS = 500;
/** Longer than any request may run: the request's own deadline ends it. */
const EXECUTE_TIMEOUT_MS = 3_600_000;
const HELLO_TIMEOUT_MS = 2 ** 31 - 1;

/** One multiplexed stream per worker, kept open so that it is there when it is needed; replies that lost Redis come back on it too. */
export function createDegradedRoad(options: {
  /** `host:port`; a name stands for all workers that it resolves to. */
  addresses: readonly string[];
  gatewayId: string;
  logger: Logger;
  onPart: (part: ReplyPart) => void;
  resolve?: ResolveHost;
}): DegradedRoad {
  const { addresses, logger, gatewayId, resolve } = options;
  const takePart = (bytes: Buffer): void => {
    const part = decodePart(bytes);
    if (part) options.onPart(part);
  };
  const hello = Buffer.from(HelloRequest.encode({ gatewayId }).finish());
  const clients = createWorkerClients({
    onLost: () => watch.refresh(),
    connect(address, onState) {
      const client: MuxClient = createMuxClient({
        address,
        logger,
        path: ProviderWorkerServiceService.mux,
        callTimeoutMs: QUERY_TIMEOUT_MS,
        onState: (isConnected) => {
          if (isConnected)
            client.open('Hello', hello, { onChunk: takePart, onEnd: () => undefined }, { timeoutMs: HELLO_TIMEOUT_MS });
          onState(isConnected);
        },
      });
      return client;
    },
  });
  const watch = watchWorkerAddresses({ addresses, logger, resolve, onChange: (change) => clients.apply(change) });
  let turn = 0;

  return {
    execute(header, body, onFailure) {
      const usable = clients.usable();
      const client = usable[turn++ % Math.max(1, usable.length)];
      if (!client) {
        onFailure(new CostlaneError('unavailable', 'No provider-worker can be reached.', { retryAfterMs: 1_000 }));
        return;
      }
      client.open(
        'Execute',
        encodePayload(header, body),
        {
          onChunk: takePart,
          onEnd: (error, last) => {
            if (error) onFailure(error);
            else if (last) takePart(last);
          },
        },
        { timeoutMs: EXECUTE_TIMEOUT_MS },
      );
    },
    cancel(requestId) {
      for (const client of clients.connected()) client.call('Cancel', Buffer.from(requestId)).catch(() => undefined);
    },
    running: (requestIds) => askRunning(clients.connected(), requestIds),
    connected: () => clients.usable().length,
    close() {
      watch.close();
      clients.close();
    },
  };
}

async function askRunning(clients: MuxClient[], requestIds: string[]): Promise<Set<string>> {
  const query = Buffer.from(RunningRequest.encode({ requestIds }).finish());
  const replies = await Promise.allSettled(clients.map((client) => client.call('Running', query)));
  const found = new Set<string>();
  for (const reply of replies) {
    if (reply.status !== 'fulfilled') continue;
    for (const id of RunningReply.decode(reply.value).runningRequestIds) found.add(id);
  }
  return found;
}
