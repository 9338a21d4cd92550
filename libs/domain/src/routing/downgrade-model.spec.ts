import type { ModelPrice } from '../money/model-price';
import { chooseModel } from './choose-model';
import { readContent } from './read-content';
import type { RouteFeatures } from './route-content';
import { testModel, testPolicy } from './testing/test-policy';

const price = (freshInput: string): ModelPrice => ({
  provider: 'mock',
  model: 'm',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion: { freshInput, output: freshInput },
});
const small = testModel({ name: 'small', tier: 'economy', price: price('0.1') });
const smaller = testModel({ name: 'smaller', tier: 'economy', price: price('0.05'), contextTokens: 100 });
const large = testModel({ name: 'large', tier: 'premium', price: price('20') });
const embeds = testModel({ name: 'embeds', tier: 'standard', kind: 'embedding', price: price('5') });
const policy = testPolicy({ models: [small, smaller, large, embeds], defaultModel: 'large' });

const ask = (modelAsked: string, content = 'Prove it step by step.', more: Partial<RouteFeatures> = {}) => {
  const body = { messages: [{ role: 'user', content }] };
  const scales = { predictGain: () => 1, expectOutputTokens: () => 100 };
  const features: RouteFeatures = { modelAsked, maxTier: 'economy', content: () => readContent(body, scales), ...more };
  return chooseModel(policy, features);
};
const chosen = (...args: Parameters<typeof ask>) => {
  const result = ask(...args);
  if (!result.ok) throw result.error;
  return result.value;
};

describe('a request whose budget leaves it cheap models only', () => {
  it('is given the cheapest that is able in the place of a dearer one that it names', () => {
    expect(chosen('large')).toMatchObject({ model: smaller, reason: 'downgrade', baseline: large });
    expect(chosen('large', 'long '.repeat(1_000)).model).toBe(small);
  });

  it('keeps its answers apart from those of the model that it named', () => {
    expect(chosen('large').cacheModel).toBe('smaller');
    expect(chosen('auto').cacheModel).toBe('auto:economy');
    expect(chosen('auto', 'Hi.', { maxTier: undefined }).cacheModel).toBe('auto');
  });

  it('goes no higher by fallbacks, by doubts about an answer or as one of the holdout', () => {
    for (const decision of [chosen('auto'), chosen('large'), chosen('auto', 'Hi.', { isHeldOut: true })]) {
      expect([decision.model, ...decision.fallbacks].every(({ tier }) => tier === 'economy')).toBe(true);
      expect(decision.isConfidenceChecked).toBe(false);
      expect(decision.isHoldout).toBeUndefined();
    }
  });

  it('gets a cheap model that it names', () => {
    expect(chosen('small')).toMatchObject({ model: small, reason: 'requested' });
  });

  it('is refused where no cheap model is able, saying why', () => {
    const refused = ask('embeds');
    expect(refused).toMatchObject({ ok: false, error: { code: 'budget_exceeded', field: 'model' } });
    const secure = ask('large', 'Hi.', { mustBeSecure: true });
    expect(secure).toMatchObject({ ok: false, error: { code: 'budget_exceeded' } });
  });
});
