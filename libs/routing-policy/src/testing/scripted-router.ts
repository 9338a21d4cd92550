import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { RouterServiceService, type PolicyAck, type PolicyUpdate, type RouterServiceServer } from '@costlane/contracts';

/** A gRPC server whose `WatchPolicy` does what a test tells it, and nothing else. */
export interface ScriptedRouter {
  readonly port: number;
  readonly acks: readonly PolicyAck[];
  readonly streams: number;
  send(update: PolicyUpdate): void;
  /** Ends the subscribers' streams; the server stays. */
  endStreams(): void;
  /** Goes away at once, as when the process is killed. */
  kill(): void;
}

export interface Script {
  port?: number;
  /** Answers an ack on the stream that it came by. */
  onAck?: (ack: PolicyAck, send: (update: PolicyUpdate) => void) => void;
}

export async function startScriptedRouter({ port = 0, onAck }: Script = {}): Promise<ScriptedRouter> {
  const acks: PolicyAck[] = [];
  const streams = new Set<ServerDuplexStream<PolicyAck, PolicyUpdate>>();
  let streamCount = 0;
  const implementation: Pick<RouterServiceServer, 'watchPolicy'> = {
    watchPolicy(call) {
      streams.add(call);
      streamCount++;
      call.on('data', (ack: PolicyAck) => {
        acks.push(ack);
        onAck?.(ack, (update) => call.write(update));
      });
      call.on('error', () => streams.delete(call));
      call.on('end', () => {
        streams.delete(call);
        call.end();
      });
    },
  };
  const server = new Server();
  server.addService({ watchPolicy: RouterServiceService.watchPolicy }, implementation);
  const boundPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port: boundPort,
    acks,
    get streams() {
      return streamCount;
    },
    send: (update) => streams.forEach((call) => call.write(update)),
    endStreams: () => streams.forEach((call) => call.end()),
    kill: () => server.forceShutdown(),
  };
}
