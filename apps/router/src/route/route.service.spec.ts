import { RouteRequest } from '@costlane/contracts';
import { createMetrics } from '@costlane/platform';
import { buildPolicy } from '../policy/build-policy';
import { testServed } from '../testing/test-models';
import { createRouteService } from './route.service';

const served = testServed({ name: 'gpt-4o-mini' }, { name: 'house', provider: 'vllm', upstreamModel: 'llama' });
const policy = { version: '1-a', ...buildPolicy({ served, modelSwitches: new Map() }).content };

describe('route service', () => {
  it('gives provider and upstream name, and counts decisions by reason', async () => {
    const metrics = createMetrics({ service: 'test' });
    const { route } = createRouteService({ current: () => policy, metrics });
    expect(route(RouteRequest.create({ model: 'house' }))).toMatchObject({
      model: 'house',
      provider: 'vllm',
      upstreamModel: 'llama',
      reason: 'requested',
      policyVersion: '1-a',
      errorCode: '',
    });
    expect(route(RouteRequest.create({ model: 'auto' }))).toMatchObject({ model: 'gpt-4o-mini', reason: 'default' });
    const counted = await metrics.registry.getSingleMetric('costlane_routing_decisions_total')?.get();
    expect(counted?.values.map(({ labels, value }) => [labels['reason'], value])).toEqual([
      ['requested', 1],
      ['default', 1],
    ]);
  });

  it('refuses an unknown model in the reply, with the sentence for the caller', () => {
    const { route } = createRouteService({ current: () => policy, metrics: createMetrics({ service: 'test' }) });
    expect(route(RouteRequest.create({ model: 'hause' }))).toMatchObject({
      model: '',
      errorCode: 'model_not_found',
      policyVersion: '1-a',
      reason: expect.stringContaining('Did you mean "house"?') as string,
    });
  });
});
