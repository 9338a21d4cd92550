import { costOfUsage, emptyUsage } from '@costlane/domain';
import { createPriceCatalog, type PriceMatch, type PriceQuery } from './price-catalog';

const catalog = createPriceCatalog();
afterAll(() => catalog.close());

const at = Date.parse('2026-11-01T12:00:00Z');
function priceOf(query: Omit<PriceQuery, 'provider'> & { provider?: string }): PriceMatch {
  const found = catalog.find({ provider: 'openai', at, ...query });
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

describe('finding a price', () => {
  it('knows a model by its exact name', () => {
    expect(priceOf({ model: 'gpt-4o-mini' })).toMatchObject({
      source: 'seed',
      matchedBy: 'exact',
      isServiceTierUnpriced: false,
      price: {
        provider: 'openai',
        model: 'gpt-4o-mini',
        serviceTier: 'standard',
        perMillion: { freshInput: '0.15', cacheRead: '0.075', output: '0.6' },
      },
    });
  });

  it('knows dated names, listed and not, and says how it knew them', () => {
    expect(priceOf({ model: 'gpt-4o-mini-2024-07-18' })).toMatchObject({ matchedBy: 'alias' });
    expect(priceOf({ model: 'gpt-4o-mini-2027-01-31' })).toMatchObject({
      matchedBy: 'dated-alias',
      price: { model: 'gpt-4o-mini' },
    });
  });

  it('keeps a dated model that has a price of its own apart from its family', () => {
    expect(priceOf({ model: 'gpt-4o-2024-05-13' }).price.perMillion.freshInput).toBe('5');
    expect(priceOf({ model: 'gpt-4o' }).price.perMillion.freshInput).toBe('2.5');
  });

  it('understands the prefix of the same provider, and of any where none is named', () => {
    expect(priceOf({ model: 'openai/gpt-4o' }).price.model).toBe('gpt-4o');
    expect(priceOf({ provider: '', model: 'anthropic/claude-3-haiku' }).price.provider).toBe('anthropic');
    expect(priceOf({ provider: 'openrouter', model: 'openai/gpt-4o-mini' }).price.provider).toBe('openrouter');
  });

  it.each([
    ['openai', 'no-such-model'],
    ['vllm', 'openai/gpt-4o'],
    ['vllm', 'gpt-4o'],
    ['openai-compatible', 'gpt-4o'],
    ['', 'gpt-4o'],
    ['constructor', '__proto__'],
    ['openai', ''],
    ['openai', 'x'.repeat(10_000)],
  ])('has no price for %s/%.20s, which is not the same as a price of zero', (provider, model) => {
    const found = catalog.find({ provider, model });
    expect(found).toMatchObject({ ok: false, error: { code: 'unknown_model', provider } });
    expect(JSON.stringify(found).length).toBeLessThan(800);
  });

  it('says so when a model is listed without a price per token', () => {
    expect(catalog.find({ provider: 'openai', model: 'whisper-1' })).toMatchObject({
      ok: false,
      error: { code: 'no_token_price', message: expect.stringContaining('openai/whisper-1') },
    });
  });

  it('gives the price of the moment asked for', () => {
    const o3 = (when: string) => priceOf({ model: 'o3', at: new Date(when) }).price;
    expect(o3('2025-06-09T23:59:59Z')).toMatchObject({ validFrom: null, validTo: '2025-06-10T00:00:00.000Z' });
    expect(o3('2025-06-09T23:59:59Z').perMillion.freshInput).toBe('10');
    expect(o3('2025-06-10T00:00:00Z').perMillion.freshInput).toBe('2');
    expect(o3('2025-06-10T00:00:00Z')).toMatchObject({ validFrom: '2025-06-10T00:00:00.000Z', validTo: null });
  });

  it('gives the off-peak price by the hour of the day', () => {
    const flash = (when: string) =>
      priceOf({ provider: 'deepseek', model: 'deepseek-v4-flash', at: new Date(when) }).price;
    expect(flash('2026-11-01T00:59:59Z').perMillion.freshInput).toBe('0.22');
    expect(flash('2026-11-01T01:00:00Z').perMillion.freshInput).toBe('0.44');
    expect(flash('2026-11-01T04:00:00Z').perMillion.freshInput).toBe('0.22');
    expect(flash('2026-11-01T01:00:00Z').priceVersion).not.toBe(flash('2026-11-01T04:00:00Z').priceVersion);
  });

  it('gives the price of a service tier, once discounted', () => {
    const flex = priceOf({ model: 'gpt-5-mini', serviceTier: 'flex' }).price;
    expect(flex).toMatchObject({ serviceTier: 'flex', perMillion: { freshInput: '0.125', output: '1' } });
    const usage = { ...emptyUsage, outputTokens: 1_000 };
    expect(costOfUsage(usage, flex, { serviceTier: 'flex' }).totalNanoUsd).toBe(1_000_000);
    expect(priceOf({ model: 'gpt-5-mini', serviceTier: 'default' }).price.serviceTier).toBe('standard');
  });

  it('assumes twice the price for a priority tier that is not listed, and marks it', () => {
    expect(priceOf({ model: 'gpt-6-sol', serviceTier: 'priority' }).price).toMatchObject({
      isServiceTierAssumed: true,
      perMillion: { freshInput: '4' },
    });
  });

  it('gives the standard price for a tier without one and says that it did', () => {
    expect(priceOf({ provider: 'cohere', model: 'command-r', serviceTier: 'priority' })).toMatchObject({
      isServiceTierUnpriced: true,
      price: { serviceTier: 'standard' },
    });
  });

  it('answers the same object again, so that its compiled form is kept', () => {
    expect(priceOf({ model: 'gpt-4o' })).toBe(priceOf({ model: 'gpt-4o' }));
  });
});

describe('prices of the mock provider', () => {
  it.each([
    ['mock-economy', '1.5'],
    ['mock-standard', '10'],
    ['mock-premium', '30'],
  ])('%s costs $%s per million both ways', (model, usd) => {
    expect(priceOf({ provider: 'mock', model })).toMatchObject({
      source: 'mock',
      price: { provider: 'mock', perMillion: { freshInput: usd, output: usd } },
    });
  });

  it('charges a model of OpenAI as OpenAI would', () => {
    for (const model of ['gpt-4o-mini', 'openai/gpt-4o-mini', 'gpt-4o-mini-2024-07-18']) {
      const mocked = priceOf({ provider: 'mock', model }).price;
      expect(mocked.provider).toBe('mock');
      expect(mocked.perMillion).toEqual(priceOf({ model: 'gpt-4o-mini' }).price.perMillion);
    }
  });

  it('does not know models of nobody', () => {
    expect(catalog.find({ provider: 'mock', model: 'llama-local' }).ok).toBe(false);
  });
});

describe('the list of prices', () => {
  it('holds one price for each model of a provider', () => {
    const prices = catalog.list('openai');
    const models = prices.map((price) => price.model);
    expect(models).toEqual(expect.arrayContaining(['gpt-4o', 'gpt-4o-mini', 'o3', 'text-embedding-3-small']));
    expect(new Set(models).size).toBe(models.length);
  });

  it('holds every provider and the mock', () => {
    const providers = new Set(catalog.list().map((price) => price.provider));
    expect([...providers]).toEqual(expect.arrayContaining(['openai', 'anthropic', 'google', 'mock']));
  });
});
