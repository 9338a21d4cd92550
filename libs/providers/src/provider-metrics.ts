import type { Logger, Metrics } from '@costlane/platform';
import type { CircuitState } from '@costlane/resilience';

export interface BreakerChange {
  model: string;
  deployment: string;
  state: CircuitState;
  /** No deployment of the model has a closed circuit any more. */
  isModelOpen: boolean;
}

/** How a hedge came out: it delivered first, the first attempt did, both failed; or it was not made, for its share of the requests was used up. */
export type HedgeResult = 'won' | 'lost' | 'failed' | 'refused';

/** What is counted about one provider besides the calls themselves, which its user counts. */
export interface ProviderMetrics {
  /** A call is made again after this error. */
  retried(code: string): void;
  /** A call that could have been made again was not, because the budget is used up. */
  retryRefused(): void;
  /** A circuit breaker has changed. */
  breakerChanged(change: BreakerChange): void;
  /** A key is left alone after this error. */
  coolingDown(deployment: string, code: string): void;
  hedged(result: HedgeResult): void;
  /** The flex tier had no capacity, and the standard tier was asked. */
  flexUnavailable(): void;
  /** A call was refused because its turn could not come in time. */
  overloaded(): void;
}

/** Where calls to one model of one deployment stand. */
export interface LaneGauges {
  provider: string;
  deployment: string;
  model: string;
  limit: number;
  inFlight: number;
  queued: number;
}

/** The instruments, made once for all providers of a process. `lanes` is asked when the metrics are read. */
export function createProviderMetrics(logger: Logger, metrics: Metrics | undefined, lanes: () => LaneGauges[]) {
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    metrics?.counter({ name, help, labelNames: ['provider', ...labelNames] });
  const retries = counter(
    'costlane_upstream_retries_total',
    'Provider calls that were made a second time, by the error of the first',
    'code',
  );
  const refused = counter(
    'costlane_upstream_retries_refused_total',
    'Retries that were not made because the retry budget was used up',
  );
  const openings = counter('costlane_circuit_breaker_opened_total', 'How often a circuit breaker has opened', 'model');
  const open = metrics?.gauge({
    name: 'costlane_circuit_breaker_open',
    help: '1 while the circuit breakers of a model are open or half-open, at every deployment that serves it',
    labelNames: ['provider', 'model'],
  });
  const coolDowns = counter(
    'costlane_upstream_cool_downs_total',
    'How often a key was left alone for a while, by the error',
    'deployment',
    'code',
  );
  const hedges = counter(
    'costlane_upstream_hedges_total',
    'Second attempts before the first token, by result',
    'result',
  );
  const overloads = counter(
    'costlane_upstream_overloaded_total',
    'Calls refused because their turn at the provider could not come in time',
  );
  registerLaneGauges(metrics, lanes);
  return (provider: string): ProviderMetrics => ({
    retried: (code) => retries?.inc({ provider, code }),
    retryRefused: () => refused?.inc({ provider }),
    breakerChanged({ model, deployment, state, isModelOpen }) {
      open?.set({ provider, model }, isModelOpen ? 1 : 0);
      if (state === 'open') openings?.inc({ provider, model });
      const level = state === 'open' ? 'warn' : 'info';
      logger[level]({ provider, deployment, model, state }, `circuit breaker is ${state}`);
    },
    coolingDown(deployment, code) {
      coolDowns?.inc({ provider, deployment, code });
      logger.warn({ provider, deployment, code }, 'a key is left alone for a while');
    },
    hedged: (result) => hedges?.inc({ provider, result }),
    flexUnavailable: () => metrics?.fallback('flex_tier'),
    overloaded: () => overloads?.inc({ provider }),
  });
}

function registerLaneGauges(metrics: Metrics | undefined, lanes: () => LaneGauges[]): void {
  const gauge = (name: string, help: string, valueOf: (lane: LaneGauges) => number): void => {
    metrics?.gauge({
      name,
      help,
      labelNames: ['provider', 'deployment', 'model'],
      collect() {
        this.reset();
        for (const lane of lanes()) {
          const { provider, deployment, model } = lane;
          this.set({ provider, deployment, model }, valueOf(lane));
        }
      },
    });
  };
  gauge('costlane_upstream_concurrency_limit', 'Calls that may be in flight at once', ({ limit }) => limit);
  gauge('costlane_upstream_in_flight', 'Calls that are in flight', ({ inFlight }) => inFlight);
  gauge('costlane_upstream_queue_depth', 'Calls that wait for their turn', ({ queued }) => queued);
}
