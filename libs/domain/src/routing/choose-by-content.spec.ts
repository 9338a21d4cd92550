import fc from 'fast-check';
import { mockPrice } from './testing/mock-price';
import { testModel, testPolicy } from './testing/test-policy';
import { chooseModel, type RouteDecision } from './choose-model';
import { modelTiers } from './model-tier';
import type { RouteContent, RouteFeatures } from './route-content';
import type { PolicyModel, RoutingPolicy } from './routing-policy';
import { compareTiers } from './target-tier';

const able = {
  tools: true,
  vision: true,
  audio: false,
  jsonMode: true,
  jsonSchema: true,
  reasoning: false,
  logprobs: true,
};
const routed = (name: string, model: Partial<PolicyModel> & { usd: string }): PolicyModel => {
  const { usd, ...rest } = model;
  return testModel({
    name,
    price: mockPrice(name, usd),
    quality: 0.8,
    capabilities: able,
    isAutoChoice: true,
    ...rest,
  });
};

const small = routed('small', { usd: '1.5', tier: 'economy' });
const middle = routed('middle', { usd: '10', tier: 'standard', provider: 'other' });
const large = routed('large', { usd: '30', tier: 'premium' });
const three = testPolicy({ models: [small, middle, large] });

const content = (more: Partial<RouteContent> = {}): RouteContent => ({
  text: 'hello',
  complexity: 0.1,
  factors: {},
  promptTokens: 100,
  expectedOutputTokens: 200,
  needs: [],
  ...more,
});

const auto = (policy: RoutingPolicy, of: Partial<RouteContent> = {}, features: RouteFeatures = {}): RouteDecision => {
  const chosen = chooseModel(policy, { modelAsked: 'auto', content: () => content(of), ...features });
  if (!chosen.ok) throw chosen.error;
  return chosen.value;
};
const named = (of: { model: PolicyModel }): string => of.model.name;

describe('the choice by what a request holds', () => {
  it.each([
    [0, 'small'],
    [0.29, 'small'],
    [0.3, 'middle'],
    [0.69, 'middle'],
    [0.7, 'large'],
    [1, 'large'],
  ])('complexity %d goes to %s', (complexity, model) => {
    expect(named(auto(three, { complexity }))).toBe(model);
  });

  it.each([
    ['a request that names none', undefined],
    ['one that says auto', 'auto'],
  ])('%s is routed', (_what, modelAsked) => {
    expect(auto(three, { complexity: 0.8 }, { modelAsked }).route).toBe('complexity');
  });

  it('a request that names none gets the default model where the operator set one', () => {
    const policy = testPolicy({ models: [small, large], defaultModel: 'large', settings: { isUnnamedRouted: false } });
    expect(named(auto(policy, {}, { modelAsked: '' }))).toBe('large');
    expect(named(auto(policy, {}, { modelAsked: 'auto' }))).toBe('small');
  });

  it('moves a tier up or down by what is predicted of the cheaper model, and says so', () => {
    expect(auto(three, { predictedGain: 0.5 })).toMatchObject({ model: middle, reason: 'predictor:standard' });
    expect(auto(three, { complexity: 0.4, predictedGain: 0.02 })).toMatchObject({ model: small, route: 'predictor' });
    expect(named(auto(three, { complexity: 0.4, predictedGain: 0.2 }))).toBe('middle');
  });

  it('moves a tier by the quality asked for and by the user', () => {
    expect(named(auto(three, { complexity: 0.4 }, { quality: 'high' }))).toBe('large');
    expect(named(auto(three, { complexity: 0.4 }, { quality: 'low' }))).toBe('small');
    expect(named(auto(three, { complexity: 0.4 }, { userTier: 'premium' }))).toBe('large');
    expect(named(auto(three, { complexity: 0.4 }, { userTier: 'free' }))).toBe('small');
  });

  it('a rule decides alone, by whole words in any case', () => {
    const rules = [
      { id: 'law', keywords: ['contract law', 'Vertrag'], tier: 'premium' as const },
      { id: 'mine', keywords: ['c++'], model: 'middle' },
    ];
    const policy = testPolicy({ models: [small, middle, large], settings: { rules } });
    expect(auto(policy, { text: 'What does Contract Law say?' })).toMatchObject({ model: large, reason: 'rule:law' });
    expect(named(auto(policy, { text: 'Verträge und contracts' }))).toBe('small');
    expect(auto(policy, { text: 'in C++, please', complexity: 0.9 })).toMatchObject({
      model: middle,
      route: 'rule:mine',
    });
  });

  it('a model must be able to do what the request needs; what is not known of it is not relied on', () => {
    const blind = { ...small, capabilities: { ...able, vision: false } };
    const unknown = { ...small, name: 'unknown', capabilities: undefined };
    const policy = testPolicy({ models: [blind, unknown, middle, large] });
    expect(named(auto(policy, { needs: ['vision'] }))).toBe('middle');
  });

  it('says what is needed where no model can do it, rather than ask one that cannot', () => {
    const blind = { ...small, capabilities: { ...able, vision: false } };
    const chosen = chooseModel(testPolicy({ models: [blind] }), {
      modelAsked: 'auto',
      content: () => content({ needs: ['vision', 'tools'], promptTokens: 70 }),
    });
    expect(chosen.ok ? '' : `${chosen.error.code}: ${chosen.error.message}`).toMatch(
      /^model_not_found: .*images, tools, 70 tokens of prompt.*Name a model/,
    );
  });

  it('a model must have room for prompt and answer', () => {
    const policy = testPolicy({ models: [{ ...small, contextTokens: 8_000, maxOutputTokens: 1_000 }, large] });
    expect(named(auto(policy, { promptTokens: 7_500, maxOutputTokens: 600 }))).toBe('large');
    expect(named(auto(policy, { promptTokens: 100, maxOutputTokens: 1_001 }))).toBe('large');
    expect(named(auto(policy, { promptTokens: 7_000, maxOutputTokens: 1_000 }))).toBe('small');
  });

  it('passes over a model that fails at present, upwards only', () => {
    const policy = testPolicy({ models: [small, { ...middle, isBreakerOpen: true }, large] });
    expect(named(auto(policy, { complexity: 0.5 }))).toBe('large');
  });

  it('takes the strongest there is where none is strong enough, and says so', () => {
    const chosen = auto(testPolicy({ models: [small, middle] }), { complexity: 0.9 });
    expect(chosen).toMatchObject({ model: middle, tier: 'premium' });
    expect(chosen.explanation).toContain('no stronger model');
  });

  it('a warm prompt cache at the dearer model can be the cheaper road', () => {
    const warm = routed('warm', { usd: '2', tier: 'standard' });
    const policy = testPolicy({ models: [small, warm] });
    const long = { promptTokens: 50_000, expectedOutputTokens: 50 };
    expect(named(auto(policy, long))).toBe('small');
    const warmTokens = (model: PolicyModel) => (model.name === 'warm' ? 49_000 : 0);
    expect(named(auto(policy, long, { warmTokens }))).toBe('warm');
  });

  it('the strategy orders by cost, by latency or by both', () => {
    const quick = { ...middle, speed: { firstTokenMs: 50, tokensPerSecond: 500 } };
    const of = (strategy: 'cost_optimal' | 'latency_optimal' | 'balanced', costWeight = 0.7) =>
      named(auto(testPolicy({ models: [small, quick, large], settings: { strategy, costWeight } })));
    expect(of('cost_optimal')).toBe('small');
    expect(of('latency_optimal')).toBe('middle');
    expect(of('balanced', 0.05)).toBe('middle');
    expect(of('balanced', 0.95)).toBe('small');
  });

  it('a tenant has a strategy and models of its own', () => {
    const tenants = [{ tenantId: 'acme', models: ['large'] }];
    const policy = testPolicy({ models: [small, large], tenants });
    expect(named(auto(policy, {}, { tenantId: 'acme' }))).toBe('large');
    // Named, it is refused and not replaced: that would have to be allowed as well.
    const refused = chooseModel(policy, { modelAsked: 'small', tenantId: 'acme', content: () => content() });
    expect(refused.ok ? 'allowed' : refused.error.code).toBe('forbidden');
    const replacing = testPolicy({
      models: [small, large],
      tenants: [{ ...tenants[0], tenantId: 'acme', allowSubstitution: true }],
    });
    expect(named(auto(replacing, {}, { modelAsked: 'small', tenantId: 'acme' }))).toBe('large');
  });

  it('a tenant may bound what its requests cost by a tier', () => {
    const policy = testPolicy({ models: [small, middle, large], tenants: [{ tenantId: 'acme', maxTier: 'standard' }] });
    const chosen = auto(policy, { complexity: 0.9 }, { tenantId: 'acme' });
    expect(chosen).toMatchObject({ model: middle, tier: 'premium', fallbacks: [] });
    expect(named(auto(policy, {}, { modelAsked: 'large', tenantId: 'acme' }))).toBe('large');
  });

  it('personal data goes to secure models only, whatever was asked for', () => {
    const policy = testPolicy({ models: [small, { ...middle, isSecure: true }, large] });
    expect(named(auto(policy, {}, { mustBeSecure: true }))).toBe('middle');
    const refused = chooseModel(policy, { modelAsked: 'small', mustBeSecure: true });
    expect(refused.ok ? '' : refused.error.message).toContain('personal data');
  });

  it('goes on with other providers first, never with a weaker model, and with a stronger one at the end', () => {
    const models = [
      small,
      routed('small2', { usd: '1.6', tier: 'economy' }),
      routed('small3', { usd: '1.7', tier: 'economy', provider: 'third' }),
      routed('small4', { usd: '1.8', tier: 'economy', provider: 'fourth' }),
      routed('small5', { usd: '1.9', tier: 'economy', provider: 'fifth' }),
      large,
    ];
    const chosen = auto(testPolicy({ models }));
    expect(chosen.fallbacks.map(({ name }) => name)).toEqual(['small3', 'small4', 'large']);
    expect(chosen.isConfidenceChecked).toBe(true);
    expect(auto(three, { complexity: 0.9 })).toMatchObject({ fallbacks: [], isConfidenceChecked: false });
  });

  it('savings are counted from the cheapest of the strongest tier, or from the model that is set', () => {
    const models = [small, large, routed('huge', { usd: '90', tier: 'premium' })];
    expect(auto(testPolicy({ models })).baseline?.name).toBe('large');
    expect(auto(testPolicy({ models, settings: { baselineModel: 'huge' } })).baseline?.name).toBe('huge');
  });

  it('does not take a dear model for a strong one that a cheaper tier is known to outdo', () => {
    const old = routed('old', { usd: '37', tier: 'premium', quality: 0.6 });
    const good = routed('good', { usd: '4', tier: 'standard', quality: 0.87 });
    expect(named(auto(testPolicy({ models: [old, good] }), { complexity: 0.9 }))).toBe('good');
    const settings = { autoModels: ['old', 'good'] };
    expect(named(auto(testPolicy({ models: [old, good], settings }), { complexity: 0.9 }))).toBe('old');
    expect(named(auto(testPolicy({ models: [{ ...old, quality: undefined }, good] }), { complexity: 0.9 }))).toBe(
      'old',
    );
  });

  it('takes only what is there to be chosen, or what the operator names for it', () => {
    const other = routed('other', { usd: '0.1', tier: 'economy', isAutoChoice: false });
    expect(named(auto(testPolicy({ models: [small, other] })))).toBe('small');
    expect(named(auto(testPolicy({ models: [small, other], settings: { autoModels: ['other'] } })))).toBe('other');
  });

  it('answers are shared by all that leave the choice and want the same quality', () => {
    expect(auto(three, { complexity: 0.1 }).cacheModel).toBe(auto(three, { complexity: 0.9 }).cacheModel);
    expect(auto(three, {}, { quality: 'high' }).cacheModel).not.toBe(auto(three).cacheModel);
  });

  it('a named model is honoured unless its tenant allows another that is as good and cheaper', () => {
    const dear = routed('dear', { usd: '40', tier: 'premium', quality: 0.9 });
    const asGood = routed('as-good', { usd: '30', tier: 'premium', quality: 0.9 });
    const worse = routed('worse', { usd: '20', tier: 'premium', quality: 0.85 });
    const models = [small, dear, asGood, worse];
    const policy = testPolicy({ models, tenants: [{ tenantId: 'acme', allowSubstitution: true }] });
    expect(named(auto(policy, {}, { modelAsked: 'dear' }))).toBe('dear');
    expect(auto(policy, {}, { modelAsked: 'dear', tenantId: 'acme' })).toMatchObject({
      model: asGood,
      route: 'substitution',
      baseline: dear,
      cacheModel: 'dear',
      fallbacks: [dear],
    });
  });

  it('a named model is not replaced because little is known of it', () => {
    const unknown = testModel({ name: 'own', tier: 'economy', price: mockPrice('own', '0.1'), isAutoChoice: false });
    const unpriced = testModel({ name: 'unpriced', tier: 'economy', capabilities: able });
    const tenants = [{ tenantId: 'acme', allowSubstitution: true }];
    const policy = testPolicy({ models: [unknown, unpriced, small, large], tenants });
    const features = { tenantId: 'acme' };
    const needs = ['tools'] as const;
    expect(named(auto(policy, { needs }, { ...features, modelAsked: 'own' }))).toBe('own');
    const chosen = auto(policy, {}, { ...features, modelAsked: 'unpriced' });
    expect(chosen).toMatchObject({ model: unpriced, route: 'explicit', fallbacks: [{ name: 'small' }, large] });
  });

  it('never chooses what cannot serve, is disabled, unpriced or weaker than needed while a stronger one could', () => {
    const tier = fc.constantFrom(...modelTiers);
    const model = fc.record({
      tier,
      usd: fc.integer({ min: 1, max: 100 }),
      isEnabled: fc.boolean(),
      isBreakerOpen: fc.boolean(),
      isPriced: fc.boolean(),
      contextTokens: fc.constantFrom(0, 1_000, 100_000),
      vision: fc.boolean(),
    });
    const asked = fc.record({
      complexity: fc.double({ min: 0, max: 1, noNaN: true }),
      promptTokens: fc.integer({ min: 1, max: 50_000 }),
      seesImages: fc.boolean(),
      strategy: fc.constantFrom('cost_optimal' as const, 'latency_optimal' as const, 'balanced' as const),
    });
    fc.assert(
      fc.property(fc.array(model, { minLength: 1, maxLength: 12 }), asked, (drawn, of) => {
        const models = drawn.map((each, at) => ({
          ...routed(`m${at}`, { usd: String(each.usd), tier: each.tier }),
          ...(each.isPriced ? {} : { price: undefined }),
          isEnabled: each.isEnabled,
          isBreakerOpen: each.isBreakerOpen,
          contextTokens: each.contextTokens,
          capabilities: { ...able, vision: each.vision },
        }));
        const policy = testPolicy({ models, defaultModel: '', settings: { strategy: of.strategy } });
        const needs = of.seesImages ? (['vision'] as const) : [];
        const chosen = chooseModel(policy, {
          modelAsked: 'auto',
          content: () => content({ complexity: of.complexity, promptTokens: of.promptTokens, needs }),
        });
        const serving = models.filter(
          (each) =>
            each.isEnabled &&
            each.price &&
            (each.contextTokens === 0 || of.promptTokens <= each.contextTokens) &&
            (!of.seesImages || each.capabilities.vision),
        );
        if (serving.length === 0) return !chosen.ok;
        if (!chosen.ok) return false;
        const { model: first, fallbacks, tier: wanted } = chosen.value;
        const healthy = serving.filter(({ isBreakerOpen }) => !isBreakerOpen);
        const considered = healthy.length > 0 ? healthy : serving;
        const isStrongEnough = compareTiers(first.tier, wanted) >= 0;
        return (
          considered.some(({ name }) => name === first.name) &&
          (isStrongEnough || considered.every((each) => compareTiers(each.tier, wanted) < 0)) &&
          fallbacks.every((each) => compareTiers(each.tier, first.tier) >= 0 && each.name !== first.name)
        );
      }),
    );
  });
});

describe('experiments', () => {
  const variants = [
    { name: 'control', weight: 1 },
    { name: 'big', weight: 1, model: 'large' },
  ];
  const policy = testPolicy({ models: [small, middle, large], experiments: [{ id: 'x', share: 1, variants }] });
  const variantOfUser = (subject: string, more: RouteFeatures = {}) =>
    auto(policy, {}, { subject, tenantId: 't', ...more }).assigned?.variant.name;

  it('a user meets the same variant every time, and the shares come out as weighted', () => {
    const met = Array.from({ length: 2_000 }, (_, user) => variantOfUser(`u${user}`));
    expect(met).toEqual(Array.from({ length: 2_000 }, (_, user) => variantOfUser(`u${user}`)));
    const big = met.filter((name) => name === 'big').length;
    // Four standard deviations of a fair coin's 2,000 throws.
    expect(Math.abs(big - 1_000)).toBeLessThan(90);
  });

  it('a variant names the model, and its answers are kept apart', () => {
    const user = Array.from({ length: 50 }, (_, at) => `u${at}`).find((each) => variantOfUser(each) === 'big') ?? '';
    const chosen = auto(policy, {}, { subject: user, tenantId: 't' });
    expect(chosen).toMatchObject({ model: large, route: 'experiment', reason: 'experiment:big' });
    expect(chosen.cacheModel).toBe('large#x/big');
  });

  it.each([
    ['another tenant', { tenantId: 'a' }, { tenantId: 'b' }],
    ['another feature', { featureName: 'a' }, { featureName: 'b' }],
    ['another model', { modelAsked: 'small' }, { modelAsked: 'middle' }],
  ])('does not concern %s', (_what, scope, asked) => {
    const scoped = testPolicy({
      models: [small, middle, large],
      experiments: [{ id: 'x', share: 1, variants, ...scope }],
    });
    expect(auto(scoped, {}, { subject: 'u', tenantId: 't', ...scope }).assigned).toBeDefined();
    expect(auto(scoped, {}, { subject: 'u', tenantId: 't', ...asked }).assigned).toBeUndefined();
  });

  it.each([
    ['is disabled', { models: [small, middle, { ...large, isEnabled: false }] }, {}],
    ['is gone', { models: [small, middle] }, {}],
    ['is none of the tenant’s', { tenants: [{ tenantId: 't', models: ['small', 'middle'] }] }, {}],
    ['may not see the data', { models: [{ ...small, isSecure: true }, middle, large] }, { mustBeSecure: true }],
    ['cannot be asked in this dialect', {}, { canServe: ({ name }: PolicyModel) => name !== 'large' }],
  ])('a variant whose model %s leaves the request as it would be without the experiment', (_why, changes, features) => {
    const big = [{ name: 'big', weight: 1, model: 'large' }];
    const policy = testPolicy({
      models: [small, middle, large],
      experiments: [{ id: 'x', share: 1, variants: big }],
      ...changes,
    });
    const chosen = auto(policy, {}, { tenantId: 't', subject: 'u', ...features });
    expect(chosen).toMatchObject({ model: { name: 'small' }, route: 'complexity', cacheModel: 'auto' });
    expect(chosen.assigned).toBeUndefined();
  });

  it('only the share that it names takes part', () => {
    const tenth = testPolicy({ models: [small, large], experiments: [{ id: 'x', share: 0.1, variants }] });
    const parts = Array.from({ length: 5_000 }, (_, user) => auto(tenth, {}, { subject: `u${user}` }).assigned);
    const share = parts.filter((part) => part !== undefined).length / parts.length;
    expect(share).toBeGreaterThan(0.083);
    expect(share).toBeLessThan(0.117);
  });
});
