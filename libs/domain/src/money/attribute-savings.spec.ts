import fc from 'fast-check';
import { attributeSavings, type AttributedSavings } from './attribute-savings';
import { costOfUsage } from './cost-of-usage';
import type { ModelPrice, TokenPrices } from './model-price';
import { anyFullPrice, anyUsage } from './money-arbitraries';
import { emptyUsage } from './token-usage';

const price = (model: string, perMillion: TokenPrices): ModelPrice => ({
  provider: 'openai',
  model,
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion,
  batchDiscount: '0.5',
  serviceTiers: { flex: { multiplier: '0.5' }, priority: { multiplier: '2' } },
});
const strong = price('strong', { freshInput: '2.5', cacheRead: '1.25', output: '10' });
const small = price('small', { freshInput: '0.15', cacheRead: '0.075', output: '0.6', cacheWriteShort: '0.1875' });
const usage = { ...emptyUsage, freshInputTokens: 400, cacheReadTokens: 600, outputTokens: 100 };

const sumOf = ({ savings }: AttributedSavings) => savings.cache + savings.routing + savings.prefix + savings.batching;

describe('attributeSavings', () => {
  it('takes the region for given, with and without the cache: it is nobody’s saving', () => {
    const regional: ModelPrice = {
      provider: 'anthropic',
      model: 'm',
      serviceTier: 'standard',
      validFrom: null,
      validTo: null,
      priceVersion: 'v',
      perMillion: { freshInput: '5', cacheRead: '0.5', output: '25' },
      regions: { us: { multiplier: '1.1' } },
    };
    const usage = { ...emptyUsage, freshInputTokens: 100, cacheReadTokens: 900, outputTokens: 10, region: 'us' };
    expect(attributeSavings({ usage, usedPrice: regional })).toMatchObject({
      baselineNanoUsd: 1_000 * 5_500 + 10 * 27_500,
      paidNanoUsd: 100 * 5_500 + 900 * 550 + 10 * 27_500,
      savings: { cache: 0, routing: 0, prefix: 900 * 4_950, batching: 0 },
      assumptions: [],
    });
  });

  it('walks from the baseline at list price to what was paid, cause by cause', () => {
    const result = attributeSavings({ usage, baselinePrice: strong, usedPrice: small });
    expect(result).toMatchObject({
      baselineNanoUsd: 3_500_000, // 1,000 × 2,500 + 100 × 10,000
      paidNanoUsd: 165_000, // 400 × 150 + 600 × 75 + 100 × 600
      savings: { routing: 3_290_000, prefix: 45_000, batching: 0, cache: 0 },
    });
  });

  it('gives a cache hit the rest of the price', () => {
    const result = attributeSavings({ usage, baselinePrice: strong, usedPrice: small, isCacheHit: true });
    expect(result).toMatchObject({
      paidNanoUsd: 0,
      savings: { routing: 3_290_000, prefix: 45_000, batching: 0, cache: 165_000 },
    });
    expect(result.providerCost.totalNanoUsd).toBe(165_000);
  });

  it('counts a request that shared a call in flight as saved by the cache', () => {
    expect(attributeSavings({ usage, usedPrice: small, isCoalesced: true })).toMatchObject({
      paidNanoUsd: 0,
      savings: { cache: 165_000, routing: 0 },
    });
  });

  it('gives the batch discount to batching', () => {
    expect(attributeSavings({ usage, usedPrice: small, isBatchDiscounted: true })).toMatchObject({
      paidNanoUsd: 82_500,
      savings: { batching: 82_500 },
    });
  });

  it('claims nothing for a tier that the caller asked for, and shows a dearer one as a negative saving', () => {
    const asked = attributeSavings({ usage, usedPrice: small, requestedServiceTier: 'flex', serviceTier: 'flex' });
    expect(asked).toMatchObject({ baselineNanoUsd: 105_000, paidNanoUsd: 82_500, savings: { batching: 0 } });
    const dearer = attributeSavings({ usage, usedPrice: small, serviceTier: 'priority' });
    expect(dearer).toMatchObject({ paidNanoUsd: 330_000, savings: { batching: -165_000 } });
  });

  it('shows a cache write that was not read as a negative saving', () => {
    const written = { ...emptyUsage, cacheWriteShortTokens: 1_000 };
    expect(attributeSavings({ usage: written, usedPrice: small }).savings.prefix).toBe(-37_500);
  });

  it('shows routing to a dearer model as a negative saving', () => {
    expect(attributeSavings({ usage, baselinePrice: small, usedPrice: strong }).savings.routing).toBe(-3_290_000);
  });

  it('carries the assumptions of both prices', () => {
    const result = attributeSavings({ usage, usedPrice: small, baselinePrice: strong, serviceTier: 'turbo' });
    expect(result.assumptions).toEqual(['service_tier_unpriced']);
  });

  it('balances to the nano-dollar for any usage, prices, tier and cause', () => {
    const tier = fc.constantFrom(undefined, null, 'default', 'flex', 'priority', 'turbo');
    fc.assert(
      fc.property(
        fc.record({
          usage: anyUsage,
          usedPrice: anyFullPrice,
          baselinePrice: fc.option(anyFullPrice, { nil: undefined }),
          requestedServiceTier: tier,
          serviceTier: tier,
          isBatchDiscounted: fc.boolean(),
          isCacheHit: fc.boolean(),
          isCoalesced: fc.boolean(),
        }),
        (input) => {
          const result = attributeSavings(input);
          expect(result.baselineNanoUsd - result.paidNanoUsd).toBe(sumOf(result));
          expect(result.paidNanoUsd).toBe(input.isCacheHit || input.isCoalesced ? 0 : result.providerCost.totalNanoUsd);
        },
      ),
    );
  });

  it('pays exactly what the usage costs when nothing was saved', () => {
    fc.assert(
      fc.property(anyUsage, anyFullPrice, (tokens, modelPrice) => {
        const paid = attributeSavings({ usage: tokens, usedPrice: modelPrice }).paidNanoUsd;
        expect(paid).toBe(costOfUsage(tokens, modelPrice).totalNanoUsd);
      }),
    );
  });
});
