import fc from 'fast-check';
import { costOfUsage } from './cost-of-usage';
import type { ModelPrice } from './model-price';
import { emptyUsage, promptTokensOf } from './token-usage';
import { usageFromCohere } from './usage-from-cohere';

const units = (input: unknown, output: unknown, more: object = {}) => ({
  input_tokens: input,
  output_tokens: output,
  ...more,
});

describe('usageFromCohere', () => {
  it.each([
    [
      'bills what is billed, and not what the model saw',
      { billed_units: units(17, 12), tokens: units(215, 12) },
      { freshInputTokens: 17, outputTokens: 12 },
    ],
    [
      'takes nothing for a read that was only Cohere’s own preamble',
      { billed_units: units(8, 50), tokens: units(1_394, 54), cached_tokens: 1_360 },
      { freshInputTokens: 8, outputTokens: 50 },
    ],
    [
      'takes what was cached beyond the preamble for a read, within what is billed',
      { billed_units: units(4_000, 20), tokens: units(4_500, 24), cached_tokens: 3_584 },
      { freshInputTokens: 916, cacheReadTokens: 3_084, outputTokens: 20 },
    ],
    [
      'takes everything for a read when everything was cached',
      { billed_units: units(2_000, 9), tokens: units(2_100, 9), cached_tokens: 2_100 },
      { cacheReadTokens: 2_000, outputTokens: 9 },
    ],
  ])('%s', (_name, json, expected) => {
    expect(usageFromCohere(json)).toEqual({ usage: { ...emptyUsage, ...expected }, flags: [] });
  });

  it('takes the tokens where no units are named, the dearer reading, and says so', () => {
    expect(usageFromCohere({ tokens: units(215, 12), cached_tokens: 64 })).toEqual({
      usage: { ...emptyUsage, freshInputTokens: 151, cacheReadTokens: 64, outputTokens: 12 },
      flags: ['missing_billed_units'],
    });
    expect(usageFromCohere({ billed_units: units(17, undefined), tokens: units(215, 12) })).toMatchObject({
      usage: { freshInputTokens: 17, outputTokens: 12 },
      flags: ['missing_billed_units'],
    });
  });

  it('says when something is billed that is not counted in tokens', () => {
    const search = { billed_units: units(17, 12, { search_units: 1 }) };
    expect(usageFromCohere(search)?.flags).toEqual(['billed_beside_tokens']);
    const none = { billed_units: units(17, 12, { search_units: 0, classifications: 0, images: null }) };
    expect(usageFromCohere(none)?.flags).toEqual([]);
  });

  it.each([undefined, null, 'x', [], {}, { billed_units: {} }, { cached_tokens: 5 }])('knows none in %j', (json) => {
    expect(usageFromCohere(json)).toBeUndefined();
  });

  it('clamps nonsense and says so', () => {
    expect(usageFromCohere({ billed_units: units(-5, 1.5) })).toEqual({
      usage: { ...emptyUsage, outputTokens: 2 },
      flags: ['invalid_count'],
    });
    expect(usageFromCohere({ billed_units: units(10, 1), tokens: units(20, 1), cached_tokens: 90 })).toEqual({
      usage: { ...emptyUsage, cacheReadTokens: 10, outputTokens: 1 },
      flags: ['cached_exceeds_prompt'],
    });
  });

  it('never bills another input than the billed one, whatever was cached, and never throws', () => {
    const price: ModelPrice = {
      provider: 'cohere',
      model: 'm',
      serviceTier: 'standard',
      validFrom: null,
      validTo: null,
      priceVersion: 'v',
      perMillion: { freshInput: '2.5', cacheRead: '2.5', output: '10' },
    };
    const count = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(count, count, count, count, (input, output, preamble, cached) => {
        const json = {
          billed_units: units(input, output),
          tokens: units(input + preamble, output),
          cached_tokens: cached,
        };
        const usage = usageFromCohere(json)?.usage ?? emptyUsage;
        expect(promptTokensOf(usage)).toBe(input);
        expect(costOfUsage(usage, price).totalNanoUsd).toBe(input * 2_500 + output * 10_000);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        usageFromCohere(json);
        const usage = usageFromCohere({ billed_units: json, tokens: json, cached_tokens: json })?.usage;
        for (const value of Object.values(usage ?? {})) expect(Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });
});
