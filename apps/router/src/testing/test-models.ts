import type { ModelPrice } from '@costlane/domain';
import type { ServedModel } from '../models/served-models';

export function testPrice(model: string, freshInput = '1', output = '2', provider = 'mock'): ModelPrice {
  return {
    provider,
    model,
    serviceTier: 'standard',
    validFrom: null,
    validTo: null,
    priceVersion: 'test-1',
    perMillion: { freshInput, output },
  };
}

export function testServed(...models: (Partial<ServedModel> & { name: string })[]): Map<string, ServedModel> {
  const usual = { provider: 'mock', tier: 'economy', contextTokens: 0, maxOutputTokens: 0 } as const;
  return new Map(models.map((model) => [model.name, { ...usual, upstreamModel: model.name, ...model }]));
}
