import { multiplyDecimalStrings, type ModelPrice } from '@costlane/domain';

export const mockProvider = 'mock';
export const mockPriceVersion = 'costlane-mock@1';

/** Dollars per million tokens, the same for input and output, as in the bench's price list. */
const mockModels = { 'mock-economy': '1.5', 'mock-standard': '10', 'mock-premium': '30', 'mock-embedding': '0.1' };

/** The mock provider's own models. Cached input costs a tenth, batch and flex half, priority twice, as is usual. */
export const mockPrices: readonly ModelPrice[] = Object.entries(mockModels).map(([model, perMillionUsd]) => ({
  provider: mockProvider,
  model,
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: mockPriceVersion,
  perMillion: {
    freshInput: perMillionUsd,
    cacheRead: multiplyDecimalStrings(perMillionUsd, '0.1'),
    cacheWriteShort: multiplyDecimalStrings(perMillionUsd, '1.25'),
    cacheWriteLong: multiplyDecimalStrings(perMillionUsd, '2'),
    output: perMillionUsd,
  },
  batchDiscount: '0.5',
  serviceTiers: { flex: { multiplier: '0.5' }, priority: { multiplier: '2' } },
}));
