import fc from 'fast-check';
import { modelTiers } from './model-tier';
import { maxFallbacks, orderFallbacks } from './order-fallbacks';
import type { PolicyModel } from './routing-policy';
import { compareTiers } from './target-tier';
import { testModel } from './testing/test-policy';

const model = (name: string, fields: Partial<PolicyModel> = {}): PolicyModel =>
  testModel({ name, provider: name.split('/')[0] as string, tier: 'economy', ...fields });
const names = (models: readonly PolicyModel[]): string[] => models.map(({ name }) => name);

const [a1, a2, a3] = ['a/1', 'a/2', 'a/3'].map((name) => model(name)) as [PolicyModel, PolicyModel, PolicyModel];
const [b1, b2] = [model('b/1'), model('b/2')];
const c1 = model('c/1');
const open = (of: PolicyModel): PolicyModel => ({ ...of, isBreakerOpen: true });

describe('what follows a model that fails', () => {
  it('is the best of every other provider, before the second best of any', () => {
    expect(names(orderFallbacks([a1, b1, b2, a2, c1], a1))).toEqual(['b/1', 'c/1', 'b/2']);
  });

  it('is a provider in trouble before another model of the same, and behind those that are well', () => {
    expect(names(orderFallbacks([a1, open(b1), a2, c1], a1))).toEqual(['c/1', 'b/1', 'a/2']);
    expect(names(orderFallbacks([a1, a2, open(b1), open(c1), a3], a1))).toEqual(['b/1', 'c/1', 'a/2']);
  });

  it('is a model that is well of a provider, not a better one of it that is not', () => {
    expect(names(orderFallbacks([a1, open(b1), b2], a1))).toEqual(['b/2', 'b/1']);
  });

  it('has a stronger one among it, and one that is well rather than one that is not', () => {
    const strong = [open(model('b/strong', { tier: 'premium' })), model('a/strong', { tier: 'premium' })];
    const found = orderFallbacks([a1, b1, c1, b2, ...strong], a1);
    expect(names(found)).toEqual(['b/1', 'c/1', 'a/strong']);
  });

  it('never is weaker, never the same, and reaches as many providers as it can', () => {
    const any = fc.record({
      provider: fc.constantFrom('a', 'b', 'c', 'd'),
      tier: fc.constantFrom(...modelTiers),
      isBreakerOpen: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), fc.nat(), (fields, at) => {
        const ranked = fields.map((each, i) => model(`${each.provider}/${i}`, each));
        const first = ranked[at % ranked.length] as PolicyModel;
        const found = orderFallbacks(ranked, first);
        const able = ranked.filter((each) => each !== first && compareTiers(each.tier, first.tier) >= 0);
        expect(found).toHaveLength(Math.min(maxFallbacks, able.length));
        expect(new Set(found).size).toBe(found.length);
        expect(found.every((each) => able.includes(each))).toBe(true);
        const others = new Set(able.map(({ provider }) => provider).filter((name) => name !== first.provider));
        const reached = new Set(found.slice(0, 2).map(({ provider }) => provider));
        // The last place may be the stronger one's.
        reached.delete(first.provider);
        expect(reached.size).toBe(Math.min(2, others.size));
      }),
    );
  });
});
