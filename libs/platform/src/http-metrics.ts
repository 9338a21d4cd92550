import type { Metrics } from './metrics';

export interface HttpMetrics {
  /** Notes one answered request of `route` (the pattern, never the path: labels must stay few). */
  observe(route: string, status: number, seconds: number): void;
}

const classes = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** `costlane_http_latency_seconds{route,status_class}`: its count is the rate, by status class the errors. */
export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const family = metrics.boundHistogram({
    name: 'costlane_http_latency_seconds',
    help: 'Time from the request to the end of the answer, by route and status class',
    labelNames: ['route', 'status_class'],
  });
  return {
    observe: (route, status, seconds) => {
      const status_class = classes[Math.floor(status / 100)] ?? '5xx';
      family.with({ route, status_class }).observe(seconds);
    },
  };
}
