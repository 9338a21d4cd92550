import { CostlaneError, PrefixTracker } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import type { ModelHealth, ProviderAdapter } from '@costlane/providers';
import { Cancellation } from '@costlane/resilience';
import { failure, fakeAdapter, sampleUsage, success } from '../testing/fakes';
import { createPrefixMetrics } from './prefix-metrics';
import { ReplicaAdapter } from './replica-adapter';

const replicas = (...health: ModelHealth[][]): ReplicaAdapter =>
  new ReplicaAdapter({
    name: 'vllm',
    urls: health.map((_, at) => `http://replica-${at}`),
    adapters: health.map((models): ProviderAdapter => ({
      name: 'vllm',
      execute: () => Promise.reject(new Error('nobody asks here')),
      health: () => models,
      close: () => Promise.resolve(),
    })),
    tracker: new PrefixTracker(),
    metrics: createPrefixMetrics(createMetrics({ service: 'test' })),
  });

describe('the health of several servers as one provider', () => {
  it('takes a model for down only when no replica takes it, and adds up what they carry', () => {
    const down: ModelHealth = { model: 'llama', isBreakerOpen: true, retryAfterMs: 4_000, inFlight: 0, limit: 8 };
    const up: ModelHealth = { model: 'llama', isBreakerOpen: false, inFlight: 3, limit: 16, firstTokenP50Ms: 200 };
    expect(replicas([down], [up]).health()).toEqual([
      expect.objectContaining({ model: 'llama', isBreakerOpen: false, inFlight: 3, limit: 24, firstTokenP50Ms: 200 }),
    ]);
    const sooner = { ...down, retryAfterMs: 1_000 };
    expect(replicas([down], [sooner]).health()[0]).toMatchObject({ isBreakerOpen: true, retryAfterMs: 1_000 });
  });

  it('has every model of every replica', () => {
    const one = (model: string): ModelHealth => ({ model, isBreakerOpen: false, inFlight: 0, limit: 1 });
    const models = replicas([one('a'), one('b')], [one('b'), one('c')]).health();
    expect(models.map(({ model }) => model)).toEqual(['a', 'b', 'c']);
  });
});

describe('a request that goes to another server', () => {
  it('brings along what the first one has to be paid for', async () => {
    const leg = { reason: 'hedge' as const, usage: sampleUsage, usageSource: 'estimated' as const, latencyMs: 3 };
    let asked = 0;
    const { adapter } = fakeAdapter(async () =>
      asked++ === 0
        ? failure({ error: new CostlaneError('upstream_unreachable', 'gone'), upstreamCalls: 2, otherLegs: [leg] })
        : success({ otherLegs: [{ ...leg, reason: 'retry' }] }),
    );
    const replica = new ReplicaAdapter({
      name: 'vllm',
      urls: ['http://replica-0', 'http://replica-1'],
      adapters: [adapter, adapter],
      tracker: new PrefixTracker(),
      metrics: createPrefixMetrics(createMetrics({ service: 'test' })),
    });
    const request = {
      requestId: 'req_1',
      dialect: 'openai.chat' as const,
      upstreamModel: 'llama',
      stream: false,
      body: Buffer.from('{}'),
      deadlineAtMs: Date.now() + 60_000,
      signal: new Cancellation(),
    };
    const outcome = await replica.execute(request, { head: () => undefined, chunk: () => true });
    expect(outcome).toMatchObject({ ok: true, upstreamCalls: 3, otherLegs: [leg, { ...leg, reason: 'retry' }] });
  });
});
