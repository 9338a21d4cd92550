import { createLogger } from '@costlane/platform';
import { startMockLlm } from '@costlane/testing';
import { createProviderRegistry } from '../create-registry';
import type { ProviderAdapter } from '../provider';
import type { ProviderConfig } from '../provider-config';
import { describeProviderContract } from '../testing/describe-provider-contract';

const logger = createLogger({ service: 'test', level: 'silent' });

function bodyOf(more: Record<string, unknown> = {}): Buffer {
  const usage = more['stream'] ? { stream_options: { include_usage: true } } : {};
  const messages = [{ role: 'user', content: 'Name a river.' }];
  return Buffer.from(JSON.stringify({ model: 'gpt-4o-mini', messages, ...usage, ...more }));
}

function createAdapter(config: Partial<ProviderConfig>): ProviderAdapter {
  const whole: ProviderConfig = { name: 'test', kind: 'cohere', baseUrl: 'http://127.0.0.1:1', ...config };
  const adapter = createProviderRegistry([whole], { logger }).get('test');
  if (!adapter) throw new Error('no adapter');
  return adapter;
}

describeProviderContract('cohere', async (config) => {
  const mock = await startMockLlm();
  const adapter = createAdapter({ baseUrl: mock.url, ...config });
  return {
    adapter,
    setBehaviour: (behaviour) => mock.state.setBehaviour(behaviour),
    stats: () => mock.state.stats(),
    alwaysReportsUsage: true,
    body: ({ stream }) => bodyOf(stream ? { stream } : {}),
    stopUpstream: () => mock.close(),
    async close() {
      await adapter.close();
      await mock.close();
    },
  };
});
