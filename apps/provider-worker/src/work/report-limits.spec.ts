import type { ModelHealth, ProviderAdapter } from '@costlane/providers';
import { fakeAdapter, success } from '../testing/fakes';
import { limitsOf } from './report-limits';

const adapterWith = (...models: [model: string, inFlight: number][]): ProviderAdapter => ({
  ...fakeAdapter(async () => success()).adapter,
  health: () => models.map(([model, inFlight]): ModelHealth => ({ model, inFlight, limit: 7, isBreakerOpen: false })),
});

describe('the limits in a worker’s heartbeat', () => {
  it('are told by provider and model', () => {
    const adapters = new Map([
      ['openai', adapterWith(['gpt-5', 3], ['meta/llama', 0])],
      ['mock', adapterWith(['gpt-5', 1])],
      ['silent', fakeAdapter(async () => success()).adapter],
    ]);
    expect(limitsOf(adapters)).toEqual({
      'openai/gpt-5': { limit: 7, inFlight: 3 },
      'mock/gpt-5': { limit: 7, inFlight: 1 },
      'openai/meta/llama': { limit: 7, inFlight: 0 },
    });
  });

  it('are those of the fifty models that have the most under way, and among equals were asked last', () => {
    const idle = Array.from({ length: 80 }, (_, i): [string, number] => [`idle-${i}`, 0]);
    const limits = limitsOf(new Map([['p', adapterWith(...idle, ['busy', 1])]]));
    expect(Object.keys(limits ?? {})).toHaveLength(50);
    expect(limits).toHaveProperty('p/busy');
    expect(limits).toHaveProperty(['p/idle-48']);
    expect(limits).not.toHaveProperty(['p/idle-49']);
  });

  it('are left out while nothing was asked', () => {
    expect(limitsOf(new Map([['p', adapterWith()]]))).toBeUndefined();
  });
});
