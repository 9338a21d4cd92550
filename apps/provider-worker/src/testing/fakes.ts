import { emptyUsage, type ModelPrice, type TokenUsage } from '@costlane/domain';
import type {
  ProviderAdapter,
  ProviderFailure,
  ProviderRequest,
  ProviderSink,
  ProviderSuccess,
} from '@costlane/providers';

/** $1 a million prompt tokens, $2 a million of output: 1,000 and 2,000 nano-dollars a token. */
export const samplePrice: ModelPrice = {
  provider: 'mock',
  model: 'm',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'p1',
  perMillion: { freshInput: '1', cacheRead: '0.1', output: '2' },
  batchDiscount: '0.5',
  serviceTiers: { flex: { multiplier: '0.5' } },
};
export const sampleUsage: TokenUsage = { ...emptyUsage, freshInputTokens: 100, cacheReadTokens: 50, outputTokens: 10 };

export const success = (outcome: Partial<ProviderSuccess> = {}): ProviderSuccess => ({
  ok: true,
  status: 200,
  contentType: 'application/json',
  body: Buffer.from('{"choices":[]}'),
  modelUsed: 'm-2026',
  usage: sampleUsage,
  usageSource: 'provider',
  latencyMs: 5,
  upstreamCalls: 1,
  isCacheable: true,
  ...outcome,
});
export const streamed = (outcome: Partial<ProviderSuccess> = {}): ProviderSuccess =>
  success({ contentType: 'text/event-stream', body: undefined, ...outcome });
export const failure = (outcome: Partial<ProviderFailure> & Pick<ProviderFailure, 'error'>): ProviderFailure => ({
  ok: false,
  usageSource: 'none',
  latencyMs: 5,
  upstreamCalls: 1,
  hasDelivered: false,
  ...outcome,
});

export type FakeCall = (request: ProviderRequest, sink: ProviderSink) => ReturnType<ProviderAdapter['execute']>;

/** A provider whose calls a test decides, and which tells what it was asked. */
export function fakeAdapter(call: FakeCall) {
  const asked: ProviderRequest[] = [];
  const adapter: ProviderAdapter = {
    name: 'mock',
    execute(request, sink) {
      asked.push(request);
      return call(request, sink);
    },
    close: () => Promise.resolve(),
  };
  return { adapter, asked };
}
