import { chooseModel, type RouteDecision } from '../routing/choose-model';
import type { RouteContent, RouteFeatures } from '../routing/route-content';
import { mockPrice } from '../routing/testing/mock-price';
import { testModel, testPolicy } from '../routing/testing/test-policy';

const capabilities = {
  tools: true,
  vision: true,
  audio: true,
  jsonMode: true,
  jsonSchema: true,
  reasoning: true,
  logprobs: true,
};
const model = (name: string, tier: 'economy' | 'standard' | 'premium', usd: string, more = {}) =>
  testModel({ name, tier, price: mockPrice(name, usd), capabilities, ...more });
const small = model('small', 'economy', '1');
const medium = model('medium', 'standard', '5', { provider: 'second' });
const large = model('large', 'premium', '30', { provider: 'third' });
const content: RouteContent = {
  text: 'What is the capital of France?',
  complexity: 0.1,
  factors: {},
  promptTokens: 100,
  expectedOutputTokens: 100,
  needs: [],
};

function choose(features: RouteFeatures, own: Partial<Parameters<typeof testPolicy>[0]> = {}): RouteDecision {
  const policy = testPolicy({ models: [small, medium, large], ...own });
  const chosen = chooseModel(policy, { tenantId: 'acme', subject: 'u', content: () => content, ...features });
  if (!chosen.ok) throw chosen.error;
  return chosen.value;
}

describe('a request of the holdout', () => {
  it('that leaves the choice goes to the model that savings are counted from, and others to a cheaper one', () => {
    const [held, other] = [choose({ isHeldOut: true }), choose({})];
    expect(held).toMatchObject({ model: large, reason: 'holdout', route: 'holdout', isHoldout: true, baseline: large });
    expect(held.isConfidenceChecked).toBe(false);
    expect(other).toMatchObject({ model: small, baseline: large });
    expect(other.isHoldout).toBeUndefined();
    // One question, one hash.
    expect(held.cacheModel).toBe(other.cacheModel);
  });

  it('goes to the baseline that the deployment names, though it is none that could be chosen', () => {
    const settings = { autoModels: ['small', 'medium'], baselineModel: 'large' };
    expect(choose({ isHeldOut: true }, { settings }).model).toBe(large);
  });

  it('goes on with other models when that one fails, and past it while it is known to fail', () => {
    expect(choose({ isHeldOut: true }).fallbacks.length).toBeGreaterThan(0);
    const down = { ...large, isBreakerOpen: true };
    expect(choose({ isHeldOut: true }, { models: [small, medium, down] }).model).toBe(medium);
  });

  it('keeps to the bounds that its tenant has set, and to secure models where it has to', () => {
    const bounded = { tenants: [{ tenantId: 'acme', maxTier: 'standard' as const }] };
    expect(choose({ isHeldOut: true }, bounded)).toMatchObject({ model: medium, baseline: large });
    const secure = { models: [{ ...small, isSecure: true }, medium, large] };
    expect(choose({ isHeldOut: true, mustBeSecure: true }, secure).model.name).toBe('small');
    const policy = testPolicy({ models: [small, medium, large] });
    const none = chooseModel(policy, { content: () => content, isHeldOut: true, mustBeSecure: true });
    expect(none).toMatchObject({ ok: false, error: { code: 'model_not_found' } });
  });

  it('keeps the model that it names where others are given a cheaper one, which stands by', () => {
    const substituting = { tenants: [{ tenantId: 'acme', allowSubstitution: true }] };
    const cheap = model('cheap', 'premium', '10', { provider: 'fourth' });
    const own = { ...substituting, models: [small, cheap, large] };
    expect(choose({ modelAsked: 'large' }, own)).toMatchObject({ model: cheap, baseline: large });
    const held = choose({ modelAsked: 'large', isHeldOut: true }, own);
    expect(held).toMatchObject({ model: large, reason: 'requested', isHoldout: true });
    expect([held.fallbacks, held.baseline]).toEqual([[cheap], undefined]);
    const down = { ...own, models: [small, cheap, { ...large, isBreakerOpen: true }] };
    expect(choose({ modelAsked: 'large', isHeldOut: true }, down).model).toBe(cheap);
  });

  it('takes no part in experiments', () => {
    const experiments = [{ id: 'e1', share: 1, variants: [{ name: 'a', weight: 1, model: 'medium' }] }];
    expect(choose({}, { experiments }).assigned?.variant.name).toBe('a');
    const held = choose({ isHeldOut: true }, { experiments });
    expect([held.model, held.assigned]).toEqual([large, undefined]);
  });

  it('is refused what others are refused', () => {
    const policy = testPolicy({ models: [small] });
    expect(chooseModel(policy, { modelAsked: 'unknown', isHeldOut: true })).toMatchObject({
      ok: false,
      error: { code: 'model_not_found' },
    });
  });
});
