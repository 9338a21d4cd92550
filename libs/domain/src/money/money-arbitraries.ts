import fc from 'fast-check';
import type { ModelPrice, TokenPrices } from './model-price';
import type { TokenUsage } from './token-usage';

const tokens = fc.nat(2_000_000);

export const anyUsage: fc.Arbitrary<TokenUsage> = fc.record({
  freshInputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteShortTokens: tokens,
  cacheWriteLongTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
});

/** Up to 999 dollars with up to eleven decimals: past what plain numbers can hold, so that both ways are taken. */
const anyDecimal = fc
  .tuple(fc.nat(999), fc.integer({ min: 0, max: 11 }), fc.nat(99_999_999))
  .map(([whole, decimals, fraction]) =>
    decimals === 0 ? `${whole}` : `${whole}.${fraction.toString().padStart(decimals, '0').slice(0, decimals)}`,
  );

const anyPrices: fc.Arbitrary<TokenPrices> = fc.record(
  {
    freshInput: anyDecimal,
    output: anyDecimal,
    cacheRead: anyDecimal,
    cacheWriteShort: anyDecimal,
    cacheWriteLong: anyDecimal,
    reasoning: anyDecimal,
  },
  { requiredKeys: ['freshInput'] },
);

export const anyPrice: fc.Arbitrary<ModelPrice> = anyPrices.map((perMillion) => ({
  provider: 'test',
  model: 'test',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion,
}));

/** Prices with bands, tiers and a batch discount. */
export const anyFullPrice: fc.Arbitrary<ModelPrice> = fc
  .tuple(anyPrice, anyPrices, fc.constantFrom('0', '0.25', '0.5', '1'), fc.constantFrom('0.5', '1.8', '2'))
  .map(([price, longPrices, batchDiscount, multiplier]) => ({
    ...price,
    batchDiscount,
    longPromptBands: [
      { thresholdTokens: 272_000, inputMultiplier: '2', outputMultiplier: '1.5' },
      { thresholdTokens: 1_000_000, perMillion: longPrices },
    ],
    serviceTiers: { flex: { multiplier }, priority: { perMillion: longPrices } },
  }));
