import { createHttpMetrics } from './http-metrics';
import { createMetrics } from './metrics';

const linesOf = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

describe('metrics', () => {
  test('each sample names its service', async () => {
    const metrics = createMetrics({ service: 'router' });
    metrics.counter({ name: 'things_total', help: 'Things', labelNames: ['kind'] }).inc({ kind: 'a' }, 2);
    expect(await linesOf(metrics, 'things_total')).toEqual(['things_total{kind="a",service="router"} 2']);
  });

  test('two services in one process do not get into each other', () => {
    createMetrics({ service: 'a' }).counter({ name: 'same_total', help: 'Same' });
    expect(() => createMetrics({ service: 'b' }).counter({ name: 'same_total', help: 'Same' })).not.toThrow();
  });

  test('fallbacks are counted by kind', async () => {
    const metrics = createMetrics({ service: 'gateway' });
    metrics.fallback('redis_down');
    metrics.fallback('redis_down');
    metrics.fallback('stale_policy');
    expect(await linesOf(metrics, 'costlane_fallback_total')).toEqual([
      'costlane_fallback_total{kind="redis_down",service="gateway"} 2',
      'costlane_fallback_total{kind="stale_policy",service="gateway"} 1',
    ]);
  });

  test('a bound histogram exports the same text as that of prom-client', async () => {
    const options = { name: 'latency_seconds', help: 'Latency', labelNames: ['route'], buckets: [0.1, 1, 10] };
    const values = [0.05, 0.1, 0.5, 3, 99];
    const ours = createMetrics({ service: 's' });
    const bound = ours.boundHistogram(options).with({ route: '/a' });
    const theirs = createMetrics({ service: 's' });
    const reference = theirs.histogram(options);
    for (const value of values) {
      bound.observe(value);
      reference.observe({ route: '/a' }, value);
    }
    const sorted = (lines: string[]) => lines.map((line) => line.replace(/\{(.*)\}/, sortLabels)).sort();
    expect(sorted(await linesOf(ours, 'latency_seconds'))).toEqual(sorted(await linesOf(theirs, 'latency_seconds')));
    expect(await ours.registry.metrics()).toContain('# TYPE latency_seconds histogram');
  });

  test('a bound metric under a name in use is refused', () => {
    const metrics = createMetrics({ service: 's' });
    metrics.boundCounter({ name: 'twice_total', help: 'Twice', labelNames: [] });
    expect(() => metrics.counter({ name: 'twice_total', help: 'Twice' })).toThrow('twice_total');
  });

  test('HTTP answers are counted by route and status class', async () => {
    const metrics = createMetrics({ service: 's' });
    const http = createHttpMetrics(metrics);
    http.observe('/chat', 200, 0.01);
    http.observe('/chat', 204, 0.01);
    http.observe('/chat', 503, 0.01);
    const counts = await linesOf(metrics, 'costlane_http_latency_seconds_count');
    expect(counts).toEqual([
      'costlane_http_latency_seconds_count{route="/chat",status_class="2xx",service="s"} 2',
      'costlane_http_latency_seconds_count{route="/chat",status_class="5xx",service="s"} 1',
    ]);
  });
});

const sortLabels = (_all: string, inner: string): string => `{${inner.split(',').sort().join(',')}}`;
