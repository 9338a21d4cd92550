import { createMetrics } from '@costlane/platform';
import { createFillMetrics } from './fill-metrics';

describe('createFillMetrics', () => {
  it('counts entries that had no room by tier and policy', async () => {
    const metrics = createMetrics({ service: 'test' });
    const { evicted } = createFillMetrics(metrics, 'cost_aware');
    evicted(2);
    evicted(3);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/^costlane_cache_evictions_total\{tier="exact",policy="cost_aware"[^}]*\} 5$/m);
  });
});
