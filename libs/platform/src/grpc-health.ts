import type { ServerWritableStream } from '@grpc/grpc-js';
import { CostlaneError } from '@costlane/domain';
import { HealthCheckResponse_ServingStatus as ServingStatus } from '@costlane/contracts';
import type { HealthCheckRequest, HealthCheckResponse, HealthServer } from '@costlane/contracts';
import type { HealthRegistry } from './health';
import { grpcError } from './to-grpc-status';

type Watcher = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/** How often a watched status is looked at again; nothing runs while nobody watches. */
const WATCH_INTERVAL_MS = 1_000;

/**
 * The standard health service (grpc.health.v1). The server itself (empty name) and each of `names` are SERVING while the registry
 * says that the service is ready, asked at the moment of the call.
 */
export class GrpcHealth {
  private readonly names: ReadonlySet<string>;
  private readonly watchers = new Map<Watcher, ServingStatus | undefined>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly health: HealthRegistry,
    names: readonly string[],
  ) {
    this.names = new Set(['', ...names]);
  }

  readonly implementation: HealthServer = {
    check: (call, callback) => {
      if (!this.names.has(call.request.service)) {
        callback(grpcError(new CostlaneError('not_found', `There is no service ${call.request.service} here.`)));
        return;
      }
      this.status().then(
        (status) => callback(null, { status }),
        (error: unknown) => callback(grpcError(error)),
      );
    },
    watch: (call) => this.watch(call),
    list: (_call, callback) => {
      this.status().then(
        (status) => {
          const statuses = Object.fromEntries([...this.names].map((name) => [name, { status }]));
          callback(null, { statuses });
        },
        (error: unknown) => callback(grpcError(error)),
      );
    },
  };

  /** Ends all watches, so that a server can close. */
  close(): void {
    clearInterval(this.timer);
    for (const watcher of this.watchers.keys()) watcher.end();
    this.watchers.clear();
  }

  private watch(call: Watcher): void {
    if (!this.names.has(call.request.service)) {
      call.write({ status: ServingStatus.SERVICE_UNKNOWN });
      return;
    }
    this.watchers.set(call, undefined);
    call.on('cancelled', () => this.forget(call));
    call.on('close', () => this.forget(call));
    this.timer ??= setInterval(() => this.tell(), WATCH_INTERVAL_MS);
    this.tell();
  }

  private forget(call: Watcher): void {
    this.watchers.delete(call);
    if (this.watchers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private tell(): void {
    void this.status().then((status) => {
      for (const [watcher, last] of this.watchers) {
        if (last === status) continue;
        this.watchers.set(watcher, status);
        watcher.write({ status });
      }
    });
  }

  private async status(): Promise<ServingStatus> {
    const { isReady } = await this.health.report();
    return isReady ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
