import type { ModelPrice } from '../../money/model-price';

/** A price of so many dollars per million tokens, in and out alike; cached input costs a tenth. */
export const mockPrice = (model: string, usdPerMillion: string): ModelPrice => ({
  provider: 'mock',
  model,
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test@1',
  perMillion: { freshInput: usdPerMillion, output: usdPerMillion, cacheRead: String(Number(usdPerMillion) / 10) },
});
