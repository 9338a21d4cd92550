import fc from 'fast-check';
import { costOfUsage } from './cost-of-usage';
import { normaliseServiceTier, type ModelPrice, type TokenPrices } from './model-price';
import { emptyUsage, usageAxes, type TokenUsage } from './token-usage';
import { anyPrice, anyUsage } from './money-arbitraries';

const price = (perMillion: TokenPrices, rest: Partial<ModelPrice> = {}): ModelPrice => ({
  provider: 'openai',
  model: 'm',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion,
  ...rest,
});
const usage = (rest: Partial<TokenUsage>): TokenUsage => ({ ...emptyUsage, ...rest });

describe('costOfUsage', () => {
  it('multiplies each axis with its own price', () => {
    const cost = costOfUsage(
      {
        freshInputTokens: 1,
        cacheReadTokens: 2,
        cacheWriteShortTokens: 3,
        cacheWriteLongTokens: 4,
        outputTokens: 5,
        reasoningTokens: 6,
      },
      price({
        freshInput: '1',
        cacheRead: '0.1',
        cacheWriteShort: '1.25',
        cacheWriteLong: '2',
        output: '5',
        reasoning: '6',
      }),
    );
    expect(cost.byAxis).toEqual({
      freshInputTokens: 1_000,
      cacheReadTokens: 200,
      cacheWriteShortTokens: 3_750,
      cacheWriteLongTokens: 8_000,
      outputTokens: 25_000,
      reasoningTokens: 36_000,
    });
    expect(cost.totalNanoUsd).toBe(73_950);
    expect(cost.assumptions).toEqual([]);
  });

  it('rounds half up, once an axis', () => {
    const half = price({ freshInput: '0.0005', output: '0.0004' });
    expect(costOfUsage(usage({ freshInputTokens: 1 }), half).totalNanoUsd).toBe(1);
    expect(costOfUsage(usage({ outputTokens: 1 }), half).totalNanoUsd).toBe(0);
    expect(costOfUsage(usage({ outputTokens: 10 }), half).totalNanoUsd).toBe(4);
  });

  it('never takes an unpriced class as free, and says what it assumed', () => {
    const bare = price({ freshInput: '2', output: '8' });
    expect(costOfUsage(usage({ cacheReadTokens: 10 }), bare)).toMatchObject({
      totalNanoUsd: 20_000,
      assumptions: ['cacheRead_unpriced'],
    });
    expect(costOfUsage(usage({ cacheWriteLongTokens: 10 }), bare).totalNanoUsd).toBe(20_000);
    expect(costOfUsage(usage({ reasoningTokens: 10 }), bare)).toMatchObject({ totalNanoUsd: 80_000, assumptions: [] });
    const withWrite = price({ freshInput: '2', output: '8', cacheWriteShort: '2.5' });
    expect(costOfUsage(usage({ cacheWriteLongTokens: 10 }), withWrite).totalNanoUsd).toBe(25_000);
    expect(costOfUsage(usage({ outputTokens: 10 }), price({ freshInput: '2' })).totalNanoUsd).toBe(20_000);
  });

  it('prices audio and image parts of an axis apart', () => {
    const cost = costOfUsage(
      usage({
        freshInputTokens: 100,
        outputTokens: 50,
        modality: { audioInputTokens: 40, audioCacheReadTokens: 0, audioOutputTokens: 30, imageInputTokens: 10 },
      }),
      price({ freshInput: '2.5', output: '10', audioInput: '32', audioOutput: '64' }),
    );
    // 50 text × 2,500 + 40 audio × 32,000 + 10 image × 2,500 (unpriced: as text); 20 × 10,000 + 30 × 64,000
    expect(cost.byAxis.freshInputTokens).toBe(1_430_000);
    expect(cost.byAxis.outputTokens).toBe(2_120_000);
  });

  it('charges the whole request at the band its prompt has reached, cached tokens counted', () => {
    const banded = price(
      { freshInput: '1', cacheRead: '0.1', output: '5' },
      { longPromptBands: [{ thresholdTokens: 272_000, inputMultiplier: '2', outputMultiplier: '1.5' }] },
    );
    const at = (freshInputTokens: number) =>
      costOfUsage(usage({ freshInputTokens, cacheReadTokens: 72_000, outputTokens: 10 }), banded).byAxis;
    expect(at(200_000)).toMatchObject({
      freshInputTokens: 200_000_000,
      cacheReadTokens: 7_200_000,
      outputTokens: 50_000,
    });
    expect(at(200_001)).toMatchObject({
      freshInputTokens: 400_002_000,
      cacheReadTokens: 14_400_000,
      outputTokens: 75_000,
    });
  });

  it('takes the highest of several bands, in whatever order they are listed', () => {
    const banded = price(
      { freshInput: '1', output: '1' },
      {
        longPromptBands: [
          { thresholdTokens: 200, perMillion: { freshInput: '3', output: '3' } },
          { thresholdTokens: 100, perMillion: { freshInput: '2', output: '2' } },
        ],
      },
    );
    const cost = (tokens: number) => costOfUsage(usage({ freshInputTokens: tokens }), banded).totalNanoUsd;
    expect([cost(100), cost(101), cost(201)]).toEqual([100_000, 202_000, 603_000]);
  });

  it('halves a batch once, however the batch is named', () => {
    const halved = price({ freshInput: '2', output: '8' }, { batchDiscount: '0.5' });
    const tokens = usage({ freshInputTokens: 1_000 });
    expect(costOfUsage(tokens, halved, { serviceTier: 'batch' }).totalNanoUsd).toBe(1_000_000);
    expect(costOfUsage(tokens, halved, { serviceTier: 'default' }).totalNanoUsd).toBe(2_000_000);
    expect(costOfUsage(tokens, halved).totalNanoUsd).toBe(2_000_000);
  });

  it('prices another tier by multiple or by its own list', () => {
    const tiered = price(
      { freshInput: '2', output: '8' },
      {
        serviceTiers: {
          flex: { multiplier: '0.5' },
          priority: { perMillion: { freshInput: '3.5', output: '14' } },
          fast: { multiplier: '2', isAssumed: true },
        },
      },
    );
    const tokens = usage({ freshInputTokens: 1_000, outputTokens: 100 });
    expect(costOfUsage(tokens, tiered, { serviceTier: 'flex' }).totalNanoUsd).toBe(1_400_000);
    expect(costOfUsage(tokens, tiered, { serviceTier: 'priority' }).totalNanoUsd).toBe(4_900_000);
    expect(costOfUsage(tokens, tiered, { serviceTier: 'fast' })).toMatchObject({
      totalNanoUsd: 5_600_000,
      assumptions: ['service_tier_assumed'],
    });
  });

  it('charges an unlisted tier at the listed price and flags it, also for names from the prototype', () => {
    const plain = price({ freshInput: '2', output: '8' }, { serviceTiers: {} });
    for (const serviceTier of ['turbo', 'constructor', 'to_string', '<script>']) {
      expect(costOfUsage(usage({ freshInputTokens: 1 }), plain, { serviceTier })).toMatchObject({
        totalNanoUsd: 2_000,
        assumptions: ['service_tier_unpriced'],
      });
    }
  });

  it('multiplies everything for a request that was bound to a region, on every tier and above every band', () => {
    const listed = price(
      { freshInput: '5', cacheRead: '0.5', output: '25' },
      {
        batchDiscount: '0.5',
        longPromptBands: [{ thresholdTokens: 100, perMillion: { freshInput: '10', output: '50' } }],
        regions: { us: { multiplier: '1.1' } },
      },
    );
    const short = usage({ freshInputTokens: 10, cacheReadTokens: 10, outputTokens: 10, region: 'us' });
    expect(costOfUsage(short, listed)).toMatchObject({
      byAxis: { freshInputTokens: 55_000, cacheReadTokens: 5_500, outputTokens: 275_000 },
      assumptions: [],
    });
    expect(costOfUsage(short, listed, { serviceTier: 'batch' }).totalNanoUsd).toBe(335_500 / 2);
    const long = usage({ freshInputTokens: 101, region: 'us' });
    expect(costOfUsage(long, listed).totalNanoUsd).toBe(101 * 11_000);
    expect(costOfUsage({ ...long, region: undefined }, listed).totalNanoUsd).toBe(101 * 10_000);
  });

  it('charges an unlisted region as any other and flags it, also for names from the prototype', () => {
    const listed = price({ freshInput: '5', output: '25' }, { regions: { us: { multiplier: '1.1' } } });
    for (const region of ['eu', 'constructor']) {
      expect(costOfUsage(usage({ freshInputTokens: 10, region }), listed)).toMatchObject({
        totalNanoUsd: 50_000,
        assumptions: ['region_unpriced'],
      });
    }
  });

  it('refuses to apply a tier to a price that is of another tier already', () => {
    const flex = price({ freshInput: '1', output: '4' }, { serviceTier: 'flex' });
    const tokens = usage({ freshInputTokens: 1_000 });
    expect(costOfUsage(tokens, flex, { serviceTier: 'flex' }).totalNanoUsd).toBe(1_000_000);
    expect(() => costOfUsage(tokens, flex, { serviceTier: 'priority' })).toThrow(
      expect.objectContaining({ code: 'service_tier_mismatch' }),
    );
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses %p tokens', (freshInputTokens) => {
    expect(() => costOfUsage(usage({ freshInputTokens }), price({ freshInput: '1' }))).toThrow(
      expect.objectContaining({ code: 'invalid_usage' }),
    );
  });

  it('stays exact above 2^53 pico-dollars and refuses a cost above 2^53 nano-dollars', () => {
    const dear = price({ freshInput: '600.000001' });
    expect(costOfUsage(usage({ freshInputTokens: 1_000_000_001 }), dear).totalNanoUsd).toBe(600_000_001_600_000);
    expect(() => costOfUsage(usage({ freshInputTokens: 1e15 }), dear)).toThrow(
      expect.objectContaining({ code: 'unsafe_amount' }),
    );
  });

  it('agrees with rational arithmetic for every price and usage, and adds up', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (tokens, modelPrice) => {
        const cost = costOfUsage(tokens, modelPrice);
        expect(usageAxes.reduce((sum, axis) => sum + cost.byAxis[axis], 0)).toBe(cost.totalNanoUsd);
        expect(cost.byAxis.freshInputTokens).toBe(oracle(tokens.freshInputTokens, modelPrice.perMillion.freshInput));
      }),
    );
  });

  /** round-half-up(tokens × price × 1000) with the price as digits / 10^decimals. */
  function oracle(tokens: number, perMillion: string): number {
    const [whole = '0', fraction = ''] = perMillion.split('.');
    const numerator = BigInt(tokens) * BigInt(whole + fraction) * 1000n * 10n;
    const tenths = numerator / 10n ** BigInt(fraction.length);
    return Number((tenths + 5n) / 10n);
  }
});

describe('normaliseServiceTier', () => {
  it.each([
    [undefined, 'standard'],
    [null, 'standard'],
    ['', 'standard'],
    ['auto', 'standard'],
    ['default', 'standard'],
    ['Default', 'standard'],
    ['flex', 'flex'],
    ['PRIORITY', 'priority'],
    ['scale', 'scale'],
    ['a b', 'unrecognised'],
  ])('takes %p as %s', (tier, expected) => {
    expect(normaliseServiceTier(tier)).toBe(expected);
  });
});
