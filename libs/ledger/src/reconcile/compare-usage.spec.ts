import type { UsageAxis } from '@costlane/domain';
import { compareUsage, type OwnUsage } from './compare-usage';

const none: Record<UsageAxis, bigint> = {
  freshInputTokens: 0n,
  cacheReadTokens: 0n,
  cacheWriteShortTokens: 0n,
  cacheWriteLongTokens: 0n,
  outputTokens: 0n,
  reasoningTokens: 0n,
};
const day = '2026-11-20';
const own = (model: string, tokens: Partial<OwnUsage['tokens']>, paidNanoUsd = 0n, of = day): OwnUsage => ({
  day: of,
  model,
  tokens: { ...none, ...tokens },
  paidNanoUsd,
  duplicatePaidNanoUsd: 0n,
});

describe('our books against a provider’s', () => {
  it('match where every figure that they give is within the tolerance', () => {
    const ours = [
      own('m', { freshInputTokens: 900n, cacheWriteLongTokens: 100n, outputTokens: 60n, reasoningTokens: 40n }),
    ];
    const theirs = [
      { day, model: 'm', tokens: { uncached_input: 400n, all_output: 100n } },
      { day, model: 'm', tokens: { uncached_input: 604n } },
    ];
    const within = compareUsage(ours, theirs, 0.5);
    expect(within).toMatchObject({ isMatching: true, totals: { cost: undefined } });
    expect(within.days).toEqual([
      {
        day,
        model: 'm',
        side: 'both',
        tokens: {
          uncached_input: { ours: 1_000n, theirs: 1_004n, drift: 4n, driftPercent: 0.3984, isWithin: true },
          all_output: { ours: 100n, theirs: 100n, drift: 0n, driftPercent: 0, isWithin: true },
        },
        cost: undefined,
        duplicatePaidNanoUsd: 0n,
      },
    ]);
    expect(compareUsage(ours, theirs, 0.39).isMatching).toBe(false);
  });

  it('differ by what only one of them has, though the totals are the same', () => {
    const ours = [own('a', { freshInputTokens: 10n }), own('b', { freshInputTokens: 5n }, 0n, '2026-11-21')];
    const theirs = [
      { day, model: 'a', tokens: { fresh_input: 10n } },
      { day, model: 'c', tokens: { fresh_input: 5n } },
    ];
    const { days, isMatching, totals } = compareUsage(ours, theirs, 1);
    expect(days.map(({ model, side }) => [model, side])).toEqual([
      ['a', 'both'],
      ['c', 'theirs'],
      ['b', 'ours'],
    ]);
    expect(days.map(({ tokens }) => tokens.fresh_input?.driftPercent)).toEqual([0, 100, undefined]);
    expect([isMatching, totals.tokens.fresh_input?.drift]).toEqual([false, 0n]);
  });

  it('compare costs in nano-dollars where the provider gives costs, beyond what a double holds', () => {
    const much = 2n ** 60n;
    const ours = [own('a', { freshInputTokens: 10n }, much)];
    const { days, isMatching } = compareUsage(ours, [{ day, model: 'a', tokens: {}, costNanoUsd: much + 1n }], 0);
    expect(days[0]?.cost).toEqual({ ours: much, theirs: much + 1n, drift: 1n, driftPercent: 0, isWithin: false });
    expect([days[0]?.tokens, isMatching]).toEqual([{}, false]);
  });

  it('take a dated name and its alias for one, and keep two dated ones apart that both sides have', () => {
    const dated = ['gpt-4o-2024-05-13', 'gpt-4o-2024-08-06'];
    const ours = dated.map((model) => own(model, { freshInputTokens: 5n }));
    const theirs = (models: string[], tokens: bigint) =>
      models.map((model) => ({ day, model, tokens: { fresh_input: tokens } }));
    const alias = compareUsage(ours, theirs(['gpt-4o'], 10n), 0);
    expect([alias.isMatching, alias.matchedNames]).toEqual([true, { 'gpt-4o': ['gpt-4o', ...dated] }]);
    const same = compareUsage(ours, theirs(dated, 5n), 0);
    expect([same.isMatching, same.days.length, same.matchedNames]).toEqual([true, 2, {}]);
  });

  it('do not match where there is nothing to compare', () => {
    expect(compareUsage([], [], 1)).toMatchObject({ isMatching: false, days: [] });
  });
});
