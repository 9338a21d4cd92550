import { addUsage, emptyUsage, usageAxes } from '@costlane/domain';
import fc from 'fast-check';
import { shareOut, shareUsage } from './share-usage';

const weights = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 50 });
const axis = fc.integer({ min: 0, max: 300_000 });

describe('usage that is shared out', () => {
  it('adds up to the token, on every axis', () => {
    fc.assert(
      fc.property(weights, axis, axis, axis, (each, freshInputTokens, cacheReadTokens, outputTokens) => {
        const usage = { ...emptyUsage, freshInputTokens, cacheReadTokens, outputTokens };
        const shares = shareUsage(usage, each);
        expect(shares.reduce((sum, share) => addUsage(sum, share))).toEqual(usage);
        for (const share of shares)
          for (const name of usageAxes) expect(Number.isInteger(share[name]) && share[name] >= 0).toBe(true);
      }),
    );
  });

  it('is less than a token away from each one’s exact share', () => {
    fc.assert(
      fc.property(weights, axis, (each, whole) => {
        const sum = each.reduce((total, weight) => total + weight, 0);
        for (const [index, share] of shareOut(whole, each).entries())
          expect(Math.abs(share - (whole * (each[index] ?? 0)) / sum)).toBeLessThan(1 + 1e-6);
      }),
    );
    expect(shareOut(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(shareOut(100, [3, 1])).toEqual([75, 25]);
  });

  it('stays whole where it says that not all of it was text', () => {
    const modality = { audioInputTokens: 1, audioCacheReadTokens: 0, audioOutputTokens: 0, imageInputTokens: 0 };
    const usage = { ...emptyUsage, freshInputTokens: 9, modality };
    expect(shareUsage(usage, [1, 1])).toEqual([usage, emptyUsage]);
  });
});
