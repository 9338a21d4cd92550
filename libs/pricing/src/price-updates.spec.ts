import type { ModelPrice } from '@costlane/domain';
import { createPriceCatalog, type PriceCatalog } from './price-catalog';

let catalog: PriceCatalog | undefined;
afterEach(() => catalog?.close());

const now = Date.parse('2026-12-01T00:00:00Z');

function open(): PriceCatalog {
  catalog = createPriceCatalog({ now: () => now });
  return catalog;
}

const update = (model: string, input: string, validFrom: string, provider = 'openai'): ModelPrice => ({
  provider,
  model,
  serviceTier: 'standard',
  validFrom,
  validTo: null,
  priceVersion: `list.${input}`,
  perMillion: { freshInput: input, output: '9' },
});

const priceOf = (of: PriceCatalog, at: string, model = 'gpt-4o-mini', provider = 'openai') => {
  const found = of.find({ provider, model, at: Date.parse(at) });
  return found.ok ? [found.value.source, found.value.price.perMillion.freshInput] : found.error.code;
};

describe('updates', () => {
  it('hold from their beginning on, and never before', () => {
    const opened = open();
    opened.setUpdates([
      update('gpt-4o-mini', '0.2', '2026-11-01T00:00:00Z'),
      update('gpt-4o-mini', '0.3', '2027-01-01T00:00:00Z'),
    ]);
    expect(priceOf(opened, '2026-10-31')).toEqual(['seed', '0.15']);
    expect(priceOf(opened, '2026-11-01')).toEqual(['update', '0.2']);
    expect(priceOf(opened, '2027-01-01')).toEqual(['update', '0.3']);
    expect(opened.list('openai').find(({ model }) => model === 'gpt-4o-mini')?.perMillion.freshInput).toBe('0.2');
  });

  it('hold for dated names, and for the mock that plays the model', () => {
    const opened = open();
    opened.setUpdates([update('gpt-4o-mini', '0.2', '2026-11-01T00:00:00Z')]);
    expect(priceOf(opened, '2026-12-01', 'gpt-4o-mini-2024-07-18')).toEqual(['update', '0.2']);
    expect(priceOf(opened, '2026-12-01', 'gpt-4o-mini', 'mock')).toEqual(['update', '0.2']);
  });

  it('give a name that the list takes for another model a price of its own', () => {
    const opened = open();
    expect(priceOf(opened, '2026-12-01', 'gpt-5.2-codex')).toEqual(['seed', '1.75']);
    opened.setUpdates([update('gpt-5.2-codex', '3', '2026-11-01T00:00:00Z')]);
    expect(priceOf(opened, '2026-12-01', 'gpt-5.2-codex')).toEqual(['update', '3']);
    expect(opened.list('openai').map(({ model }) => model)).toContain('gpt-5.2-codex');
    expect(priceOf(opened, '2026-10-01', 'gpt-5.2-codex')).toEqual(['seed', '1.75']);
    expect(priceOf(opened, '2026-12-01', 'gpt-5.2')).toEqual(['seed', '1.75']);
  });

  it('bring models that the list does not know', () => {
    const opened = open();
    expect(priceOf(opened, '2026-12-01', 'gpt-9')).toBe('unknown_model');
    opened.setUpdates([update('gpt-9', '7', '2026-11-01T00:00:00Z')]);
    expect(priceOf(opened, '2026-12-01', 'gpt-9')).toEqual(['update', '7']);
    expect(priceOf(opened, '2026-10-01', 'gpt-9')).toBe('no_price_at_that_time');
    expect(opened.list('openai').map(({ model }) => model)).toContain('gpt-9');
  });

  it('are told to whoever listens, once for each change', () => {
    const opened = open();
    const versions: string[] = [];
    opened.onChange(({ version }) => versions.push(version));
    const prices = [update('gpt-4o-mini', '0.2', '2026-11-01T00:00:00Z')];
    opened.setUpdates(prices);
    opened.setUpdates(prices);
    opened.setUpdates([]);
    expect(versions).toEqual([expect.stringMatching(/\+list\.[0-9a-f]{12}$/), expect.not.stringContaining('list.')]);
    expect(priceOf(opened, '2026-12-01')).toEqual(['seed', '0.15']);
  });
});
