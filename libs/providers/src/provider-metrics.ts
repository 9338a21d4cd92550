import type { Logger, Metrics } from '@costlane/platform';
import type { CircuitState } from '@costlane/resilience';

/** What is counted about one provider besides the calls themselves, which its user counts. */
export interface ProviderMetrics {
  /** A call is made again after this error. */
  retried(code: string): void;
  /** A call that could have been made again was not, because the budget is used up. */
  retryRefused(): void;
  /** Logs and counts the state of one model's circuit breaker. */
  breakerListener(model: string): (state: CircuitState) => void;
}

/** The instruments, made once for all providers of a process. */
export function createProviderMetrics(logger: Logger, metrics: Metrics | undefined) {
  const retries = metrics?.counter({
    name: 'costlane_upstream_retries_total',
    help: 'Provider calls that were made a second time, by the error of the first',
    labelNames: ['provider', 'code'],
  });
  const refused = metrics?.counter({
    name: 'costlane_upstream_retries_refused_total',
    help: 'Retries that were not made because the retry budget was used up',
    labelNames: ['provider'],
  });
  const openings = metrics?.counter({
    name: 'costlane_circuit_breaker_opened_total',
    help: 'How often a circuit breaker has opened',
    labelNames: ['provider', 'model'],
  });
  const open = metrics?.gauge({
    name: 'costlane_circuit_breaker_open',
    help: '1 while the circuit breaker of a model is open or half-open',
    labelNames: ['provider', 'model'],
  });
  return (provider: string): ProviderMetrics => ({
    retried: (code) => retries?.inc({ provider, code }),
    retryRefused: () => refused?.inc({ provider }),
    breakerListener: (model) => (state) => {
      open?.set({ provider, model }, state === 'closed' ? 0 : 1);
      if (state === 'open') openings?.inc({ provider, model });
      logger[state === 'open' ? 'warn' : 'info']({ provider, model, state }, `circuit breaker is ${state}`);
    },
  });
}
