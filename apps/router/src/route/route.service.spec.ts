import { RouteRequest } from '@costlane/contracts';
import { createPolicy } from '@costlane/domain';
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

describe('a route by what is asked', () => {
  const capabilities = {
    tools: true,
    vision: true,
    audio: false,
    jsonMode: true,
    jsonSchema: true,
    reasoning: false,
    logprobs: true,
  };
  const model = (name: string, tier: 'economy' | 'premium') => ({
    ...(policy.models.get('house') as NonNullable<ReturnType<typeof policy.models.get>>),
    name,
    tier,
    capabilities,
    isAutoChoice: true,
    price: {
      provider: 'vllm',
      model: name,
      serviceTier: 'standard',
      validFrom: null,
      validTo: null,
      priceVersion: 'test',
      perMillion: { freshInput: tier === 'economy' ? '1' : '30' },
    },
  });
  const current = () =>
    createPolicy({ version: '2-b', models: [model('small', 'economy'), model('large', 'premium')] });

  it('is the one that a gateway would take, with the models that come after it and why', () => {
    const { route } = createRouteService({
      current,
      metrics: createMetrics({ service: 'test' }),
      predictGain: () => 0.2,
    });
    const reply = route(RouteRequest.create({ model: 'auto', text: 'What is the capital of France?' }));
    expect(reply).toMatchObject({ model: 'small', reason: 'complexity:economy', fallbacks: ['large'] });
    expect(JSON.parse(reply.routeJson)).toMatchObject({
      strategy: 'cost_optimal',
      predictedGain: 0.2,
      tier: 'economy',
    });
    const high = route(RouteRequest.create({ model: 'auto', text: 'What is the capital of France?', quality: 'high' }));
    expect(high.model).toBe('large');
  });

  it('is none before there is a policy', () => {
    const { route } = createRouteService({
      current: () => createPolicy({}),
      metrics: createMetrics({ service: 'test' }),
    });
    expect(route(RouteRequest.create({ model: 'auto' })).errorCode).toBe('not_ready');
  });
});
