import { AdaptiveLimit, CircuitBreaker, type DeadlineSweep } from '@costlane/resilience';
import { LRUCache } from 'lru-cache';
import type { ProviderConfig } from '../provider-config';
import type { BreakerChange, LaneGauges } from '../provider-metrics';
import type { Deployment } from './deployment';
import { Lane } from './lane';
import { ModelState } from './model-state';

/** Models that something is known of; more would mean that names come from clients. */
const MAX_MODELS = 1_000;

export interface ModelsDeps {
  deadlines: DeadlineSweep;
  onBreakerChange(change: BreakerChange): void;
}

/** What is known of the models of a provider, by name; made when a model is asked for the first time. */
export class Models {
  private readonly states = new LRUCache<string, ModelState>({ max: MAX_MODELS });

  constructor(
    private readonly config: ProviderConfig,
    private readonly deployments: readonly Deployment[],
    private readonly deps: ModelsDeps,
  ) {}

  of(model: string): ModelState {
    const known = this.states.get(model);
    if (known) return known;
    const lanes = this.deployments.filter((each) => each.serves(model)).map((each) => this.createLane(model, each));
    const state = new ModelState(model, lanes);
    this.states.set(model, state);
    return state;
  }

  all(): ModelState[] {
    return [...this.states.values()];
  }

  gauges(): LaneGauges[] {
    const provider = this.config.name;
    return this.all().flatMap(({ model, lanes }) =>
      lanes.map(({ deployment, limit: { limit, inFlight, queued } }) => {
        return { provider, deployment: deployment.name, model, limit, inFlight, queued };
      }),
    );
  }

  private createLane(model: string, deployment: Deployment): Lane {
    const breaker = new CircuitBreaker({
      ...this.config.breaker,
      onStateChange: (state) => {
        const isModelOpen = this.states.peek(model)?.isEveryBreakerOpen ?? false;
        this.deps.onBreakerChange({ model, deployment: deployment.name, state, isModelOpen });
      },
    });
    return new Lane(deployment, breaker, new AdaptiveLimit({ ...this.config.concurrency, sweep: this.deps.deadlines }));
  }
}
