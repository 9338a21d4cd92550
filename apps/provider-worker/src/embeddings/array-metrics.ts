import type { Metrics } from '@costlane/platform';

export interface ArrayMetrics {
  /** Several requests go as one call. */
  sent(provider: string, requests: number, inputs: number): void;
  waited(provider: string, waitMs: number): void;
  /** A call for several requests came to nothing for all of them, and is made anew in two parts. */
  halved(): void;
}

/** What gathering embedding requests comes to; labels are providers only. */
export function createArrayMetrics(metrics: Metrics): ArrayMetrics {
  const arrays = metrics.boundCounter({
    name: 'costlane_embedding_arrays_total',
    help: 'Calls to providers that carried the inputs of several embedding requests',
    labelNames: ['provider'],
  });
  const requests = metrics.boundCounter({
    name: 'costlane_embedding_array_requests_total',
    help: 'Embedding requests that went together with others; those calls fewer than these were saved',
    labelNames: ['provider'],
  });
  const inputs = metrics.boundCounter({
    name: 'costlane_embedding_array_inputs_total',
    help: 'Inputs in calls that carried those of several embedding requests',
    labelNames: ['provider'],
  });
  const waits = metrics.boundHistogram({
    name: 'costlane_embedding_array_wait_latency_seconds',
    help: 'Time that embedding requests waited for a call under way to end',
    labelNames: ['provider'],
  });
  return {
    sent(provider, requestCount, inputCount) {
      arrays.with({ provider }).inc();
      requests.with({ provider }).inc(requestCount);
      inputs.with({ provider }).inc(inputCount);
    },
    waited: (provider, waitMs) => waits.with({ provider }).observe(waitMs / 1_000),
    halved: () => metrics.fallback('embedding_array'),
  };
}
