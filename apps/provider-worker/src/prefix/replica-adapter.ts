import { PrefixReplicas, type PrefixChain, type PrefixTracker } from '@costlane/domain';
import type {
  ModelHealth,
  ProviderAdapter,
  ProviderFailure,
  ProviderLeg,
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
    const otherLegs: ProviderLeg[] = [];
    let canMove = true;
    for (let tries = 1; ; tries++) {
      const { replica, isSpilled } = this.replicas.place(chain, this.now());
      if (isSpilled) metrics.spilled(this.name);
      const adapter = adapters[replica];
      if (!adapter) throw new RangeError(`there is no replica ${replica}`);
      const outcome = await adapter.execute(request, sink).finally(() => this.replicas.release(replica));
      upstreamCalls += outcome.upstreamCalls;
      if (outcome.otherLegs) otherLegs.push(...outcome.otherLegs);
      if (!outcome.ok && isUnreachable(outcome)) {
        this.replicas.failed(replica, this.now());
        if (canMove && tries < adapters.length && !request.signal.aborted) {
          canMove = outcome.error.code === 'circuit_open';
          metrics.fallback('replica');
          continue;
        }
      }
      return otherLegs.length > 0 ? { ...outcome, upstreamCalls, otherLegs } : { ...outcome, upstreamCalls };
    }
  }

  /** Each model once: its breaker is open when no replica takes it, its speed is the mean of theirs. */
  health(): ModelHealth[] {
    const byModel = new Map<string, ModelHealth[]>();
    for (const { health } of this.options.adapters.map((adapter) => ({ health: adapter.health?.() ?? [] })))
      for (const model of health) byModel.set(model.model, [...(byModel.get(model.model) ?? []), model]);
    return [...byModel.values()].map(merged);
  }

  async close(): Promise<void> {
    await Promise.all(this.options.adapters.map((adapter) => adapter.close()));
  }
}

function merged(replicas: readonly ModelHealth[]): ModelHealth {
  const mean = (read: (health: ModelHealth) => number | undefined): number | undefined => {
    const known = replicas.map(read).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const waits = replicas.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return {
    model: replicas[0]?.model ?? '',
    isBreakerOpen: replicas.every(({ isBreakerOpen }) => isBreakerOpen),
    retryAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
    inFlight: replicas.reduce((sum, { inFlight }) => sum + inFlight, 0),
    limit: replicas.reduce((sum, { limit }) => sum + limit, 0),
    firstTokenP50Ms: mean(({ firstTokenP50Ms }) => firstTokenP50Ms),
    tokensPerSecond: mean(({ tokensPerSecond }) => tokensPerSecond),
    errorShare: mean(({ errorShare }) => errorShare),
  };
}

function isUnreachable({ error, hasDelivered, status }: ProviderFailure): boolean {
  if (hasDelivered || status !== undefined) return false;
  return error.code === 'circuit_open' || error.code === 'upstream_unreachable';
}
