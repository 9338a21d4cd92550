import { createPriceCatalog } from '../price-catalog';

const catalog = createPriceCatalog();
afterAll(() => catalog.close());
const at = Date.parse('2026-11-01T12:00:00Z');

function tierOf(provider: string, model: string, serviceTier: string) {
  const found = catalog.find({ provider, model, serviceTier, at });
  return found.ok ? found.value : undefined;
}

describe('prices of service tiers', () => {
  it.each([
    ['gpt-5.5', '12.5', '75'],
    ['gpt-5.4', '5', '30'],
    ['gpt-5.4-mini', '1.5', '9'],
    ['gpt-5.2', '3.5', '28'],
    ['gpt-5.1', '2.5', '20'],
    ['gpt-5', '2.5', '20'],
    ['gpt-5-mini', '0.45', '3.6'],
    ['gpt-4.1', '3.5', '14'],
    ['gpt-4.1-mini', '0.7', '2.8'],
    ['gpt-4.1-nano', '0.2', '0.8'],
    ['gpt-4o', '4.25', '17'],
    ['gpt-4o-2024-05-13', '8.75', '26.25'],
    ['gpt-4o-mini', '0.25', '1'],
  ])(
    'OpenAI asks of %s what it published for priority, beside the standard price it was published with',
    (model, input, output) => {
      const priority = tierOf('openai', model, 'priority');
      expect(priority?.price.perMillion).toMatchObject({ freshInput: input, output });
      expect(priority?.price.isServiceTierAssumed).toBeUndefined();
      expect(tierOf('openai', model, 'fast')?.price.perMillion).toEqual(priority?.price.perMillion);
    },
  );

  it('are marked where their source was not read', () => {
    for (const model of ['o3', 'o4-mini']) {
      expect(tierOf('openai', model, 'priority')?.price.isServiceTierAssumed).toBe(true);
    }
  });

  it('are not used beside a standard price that they were not published with', () => {
    const before = Date.parse('2025-06-01');
    const found = catalog.find({ provider: 'openai', model: 'o3', serviceTier: 'priority', at: before });
    expect(found).toMatchObject({
      value: { price: { isServiceTierAssumed: true, perMillion: { freshInput: '20', output: '80' } } },
    });
  });

  it('are half for flex and batch where the provider says so', () => {
    for (const tier of ['flex', 'batch']) {
      expect(tierOf('openai', 'gpt-5', tier)?.price.perMillion.output).toBe('5');
      expect(tierOf('google', 'gemini-2.5-pro', tier)?.price.perMillion.freshInput).toBe('0.625');
    }
    expect(tierOf('anthropic', 'claude-3-haiku', 'batch')?.price.perMillion.freshInput).toBe('0.125');
    expect(tierOf('anthropic', 'claude-3-haiku', 'flex')?.isServiceTierUnpriced).toBe(true);
  });
});
