import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CounterConfiguration, GaugeConfiguration, HistogramConfiguration } from 'prom-client';

import { createCounterFamily, createHistogramFamily } from './bound-metrics';
import type {
  BoundCounter,
  BoundHistogram,
  BoundHistogramOptions,
  BoundMetricOptions,
  MetricFamily,
} from './bound-metrics';

/** Bounds in seconds from a memory hit (0.1 ms) to a long generation (60 s). */
export const latencyBucketsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

type Options<C, N extends string> = Omit<C, 'registers' | 'labelNames'> & { labelNames?: readonly N[] };

/** What a service counts, with its own registry: several services can live in one test process. */
export interface Metrics {
  readonly registry: Registry;
  counter<N extends string = string>(options: Options<CounterConfiguration<N>, N>): Counter<N>;
  gauge<N extends string = string>(options: Options<GaugeConfiguration<N>, N>): Gauge<N>;
  histogram<N extends string = string>(options: Options<HistogramConfiguration<N>, N>): Histogram<N>;
  /** A histogram for the hot path: bind the labels once, then observe for some 10 ns. */
  boundHistogram<N extends string>(
    options: Partial<Pick<BoundHistogramOptions<N>, 'buckets'>> & BoundMetricOptions<N>,
  ): MetricFamily<N, BoundHistogram>;
  /** A counter for the hot path, as {@link boundHistogram}. */
  boundCounter<N extends string>(options: BoundMetricOptions<N>): MetricFamily<N, BoundCounter>;
  /** Counts that something was served by second-best means: `costlane_fallback_total{kind}`. */
  fallback(kind: string): void;
}

/** Prometheus metrics of one service, process metrics included, each labelled with the service's name. */
export function createMetrics({ service }: { service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // The default of 10 ms would wake an idle process a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const registers = [registry];
  const fallbacks = createCounterFamily(registry, {
    name: 'costlane_fallback_total',
    help: 'Requests or steps that were served by second-best means, by kind',
    labelNames: ['kind'],
  });
  return {
    registry,
    counter: (options) => new Counter({ ...options, registers }),
    gauge: (options) => new Gauge({ ...options, registers }),
    histogram: (options) => new Histogram({ buckets: latencyBucketsSeconds, ...options, registers }),
    boundHistogram: (options) => createHistogramFamily(registry, { buckets: latencyBucketsSeconds, ...options }),
    boundCounter: (options) => createCounterFamily(registry, options),
    fallback: (kind) => fallbacks.with({ kind }).inc(),
  };
}
