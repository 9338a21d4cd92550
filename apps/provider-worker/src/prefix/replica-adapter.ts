import { PrefixReplicas, type PrefixChain, type PrefixTracker } from '@costlane/domain';
import type {
  ProviderAdapter,
  ProviderFailure,
  ProviderOutcome,
  ProviderRequest,
  ProviderSink,
} from '@costlane/providers';
import type { PrefixMetrics } from './prefix-metrics';

export interface ReplicaAdapterOptions {
  readonly name: string;
  /** The replicas' addresses, which are their names for all workers, and an adapter for each. */
  readonly urls: readonly string[];
  readonly adapters: readonly ProviderAdapter[];
  readonly tracker: PrefixTracker;
  readonly metrics: PrefixMetrics;
  readonly now?: () => number;
}

/** Several servers of the same models as one provider: each request goes to the one that holds most of its prompt. */
export class ReplicaAdapter implements ProviderAdapter {
  readonly name: string;
  private readonly replicas: PrefixReplicas;
  private readonly now: () => number;

  constructor(private readonly options: ReplicaAdapterOptions) {
    this.name = options.name;
    this.replicas = new PrefixReplicas({ names: options.urls, tracker: options.tracker });
    this.now = options.now ?? Date.now;
  }

  /** Without knowledge of the prompt: spread evenly, by the request's id. */
  execute(request: ProviderRequest, sink: ProviderSink): Promise<ProviderOutcome> {
    const alone = { hashes: [request.requestId], endTokens: [1], segmentEnds: [0], headEnd: -1 };
    return this.executePrefix(alone, request, sink);
  }

  /**
   * To the replica that holds most of the prompt. One whose circuit breaker is open was not asked, and one that could
   * not be reached has not heard the request: then it goes to another, once for the latter. That is no retry, which
   * are the adapters' business, and it is counted.
   */
  async executePrefix(chain: PrefixChain, request: ProviderRequest, sink: ProviderSink): Promise<ProviderOutcome> {
    const { adapters, metrics } = this.options;
    let upstreamCalls = 0;
    let canMove = true;
    for (let tries = 1; ; tries++) {
      const { replica, isSpilled } = this.replicas.place(chain, this.now());
      if (isSpilled) metrics.spilled(this.name);
      const adapter = adapters[replica];
      if (!adapter) throw new RangeError(`there is no replica ${replica}`);
      const outcome = await adapter.execute(request, sink).finally(() => this.replicas.release(replica));
      upstreamCalls += outcome.upstreamCalls;
      if (!outcome.ok && isUnreachable(outcome)) {
        this.replicas.failed(replica, this.now());
        if (canMove && tries < adapters.length && !request.signal.aborted) {
          canMove = outcome.error.code === 'circuit_open';
          metrics.fallback('replica');
          continue;
        }
      }
      return { ...outcome, upstreamCalls };
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.options.adapters.map((adapter) => adapter.close()));
  }
}

function isUnreachable({ error, hasDelivered, status }: ProviderFailure): boolean {
  if (hasDelivered || status !== undefined) return false;
  return error.code === 'circuit_open' || error.code === 'upstream_unreachable';
}
