import { multiplyDecimalStrings, pricesForPromptLength, type ModelPrice } from '@costlane/domain';
import fc from 'fast-check';
import { createPriceCatalog } from '../price-catalog';
import { diffPriceList, type PriceProposal } from './diff-price-list';
import type { ListedModel } from './listed-model';

const catalog = createPriceCatalog({ now: () => Date.parse('2026-11-27T00:00:00Z') });
afterAll(() => catalog.close());

const current = (model: string, provider = 'openai'): ModelPrice => {
  const found = catalog.find({ provider, model });
  if (!found.ok) throw new Error(found.error.message);
  return found.value.price;
};

/** A list that says what the catalog says. */
const same = (price: ModelPrice): ListedModel => ({
  provider: price.provider,
  model: price.model,
  perMillion: price.perMillion,
  ...(price.longPromptBands ? { longPromptBands: price.longPromptBands } : {}),
});

const times = (listed: ListedModel, factor: string): ListedModel => ({
  ...listed,
  perMillion: Object.fromEntries(
    Object.entries(listed.perMillion).map(([name, price]) => [name, multiplyDecimalStrings(price, factor)]),
  ) as unknown as ListedModel['perMillion'],
});

const diff = (...listed: ListedModel[]) => diffPriceList(listed, catalog, ['openai']);
const only = (proposals: readonly PriceProposal[]): PriceProposal => {
  expect(proposals).toHaveLength(1);
  return proposals[0] as PriceProposal;
};

const mini = same(current('gpt-4o-mini'));

describe('diffPriceList', () => {
  it('finds nothing in a list that says the same, of any model', () => {
    for (const provider of ['openai', 'anthropic', 'google']) {
      const listed = catalog
        .list(provider)
        .filter(({ model }) => !model.startsWith('ft:'))
        .map(same);
      const { proposals, vanished, unchanged } = diffPriceList(listed, catalog, [provider]);
      expect([provider, proposals, vanished]).toEqual([provider, [], []]);
      expect(unchanged).toBeGreaterThan(10);
    }
  });

  it('takes over a change of up to a quarter, and lets a larger one wait', () => {
    expect(only(diff(times(mini, '1.25')).proposals)).toMatchObject({ isAutomatic: true, kind: 'changed' });
    expect(only(diff(times(mini, '0.75')).proposals)).toMatchObject({ isAutomatic: true });
    expect(only(diff(times(mini, '1.26')).proposals)).toMatchObject({ isAutomatic: false });
    expect(only(diff(times(mini, '0.7')).proposals).largestChange).toBeCloseTo(0.3);
  });

  it('goes by the price that changes most', () => {
    const listed = { ...mini, perMillion: { ...mini.perMillion, output: '0.9' } };
    const proposal = only(diff(listed).proposals);
    expect(proposal).toMatchObject({ isAutomatic: false, current: current('gpt-4o-mini') });
    expect(proposal.largestChange).toBeCloseTo(0.5);
    expect(proposal.proposed.perMillion).toEqual({ ...mini.perMillion, output: '0.9' });
  });

  it('never takes over a mistaken unit, whichever it is', () => {
    for (const factor of ['1000', '1000000', '0.001', '0.000001', '100', '0.01']) {
      const proposal = only(diff(times(mini, factor)).proposals);
      expect(proposal.isAutomatic).toBe(false);
      expect(proposal.notes.join()).toMatch(
        /PRICE LOOKS WRONG: freshInput becomes .* per token, per 1,000 or per million/,
      );
    }
  });

  it('lets a new model wait, with the tiers that our rules give it', () => {
    const listed = { provider: 'openai', model: 'gpt-9', perMillion: { freshInput: '1', output: '4' } };
    expect(only(diff(listed).proposals)).toMatchObject({
      kind: 'new',
      isAutomatic: false,
      largestChange: null,
      current: null,
      proposed: { perMillion: listed.perMillion, batchDiscount: '0.5', validFrom: null, serviceTier: 'standard' },
    });
  });

  it('proposes a new model once, not for each of its dated names', () => {
    const perMillion = { freshInput: '1', output: '4' };
    const names = ['gpt-9', 'gpt-9-2026-11-01', 'gpt-8-2026-11-01'];
    const { proposals } = diff(...names.map((model) => ({ provider: 'openai', model, perMillion })));
    expect(proposals.map(({ model }) => model)).toEqual(['gpt-9', 'gpt-8-2026-11-01']);
  });

  it('compares a dated name that costs what its model costs under the name of the model only', () => {
    const dearer = times(mini, '1.2');
    const { proposals } = diff(dearer, { ...dearer, model: 'gpt-4o-mini-2024-07-18' });
    expect(proposals.map(({ model }) => model)).toEqual(['gpt-4o-mini']);
  });

  it('proposes a price of its own for a name that the catalog takes for another model', () => {
    const newer = { ...times(mini, '1.1'), model: 'gpt-4o-mini-2026-11-01' };
    const proposal = only(diff(mini, newer).proposals);
    expect(proposal).toMatchObject({ model: 'gpt-4o-mini-2026-11-01', kind: 'new', isAutomatic: false });
    expect(proposal.notes[0]).toBe('The catalog takes it for gpt-4o-mini; approved, it has a price of its own.');
  });

  it('notes which models the list no longer has, and proposes nothing for them', () => {
    const { vanished, proposals } = diff(mini);
    expect(vanished).toContain('openai/gpt-4o');
    expect(vanished).not.toContain('openai/gpt-4o-mini');
    expect(proposals).toEqual([]);
  });

  it('keeps a class that the list leaves out: alone that is no change, with one it waits', () => {
    const { cacheRead: _left, ...perMillion } = mini.perMillion;
    expect(diff({ ...mini, perMillion })).toMatchObject({ proposals: [], unchanged: 1 });
    const proposal = only(diff(times({ ...mini, perMillion }, '1.1')).proposals);
    expect(proposal).toMatchObject({ isAutomatic: false, proposed: { perMillion: { cacheRead: '0.075' } } });
    expect(proposal.notes).toEqual(['The list has no cacheRead; it stays at $0.075 per million.']);
  });

  it('sets a class that only the list has against what was charged for it before', () => {
    const listed = { ...mini, perMillion: { ...mini.perMillion, cacheWriteShort: '0.1875' } };
    expect(only(diff(listed).proposals).largestChange).toBeCloseTo(0.25);
    const reasoning = { ...mini, perMillion: { ...mini.perMillion, reasoning: mini.perMillion.output ?? '' } };
    expect(diff(reasoning).proposals).toEqual([]);
  });

  it('sees what changes for long prompts only, and keeps their prices where the list has none', () => {
    const long = same(current('gpt-5.4'));
    const [band] = long.longPromptBands ?? [];
    if (!band || !('perMillion' in band)) throw new Error('gpt-5.4 has a band with prices of its own');
    const dearer = { ...band, perMillion: { ...band.perMillion, freshInput: '50' } };
    expect(only(diff({ ...long, longPromptBands: [dearer] }).proposals).largestChange).toBe(9);
    const { longPromptBands: _none, ...short } = long;
    expect(diff(short)).toMatchObject({ proposals: [], unchanged: 1 });
    const proposal = only(diff(times(short, '1.1')).proposals);
    expect(proposal).toMatchObject({ isAutomatic: false, proposed: { longPromptBands: [band] } });
    expect(pricesForPromptLength(proposal.proposed, 300_000)).toEqual(band.perMillion);
  });

  it('does not take a step that is written a token further for another one', () => {
    const long = same(current('gpt-5.4'));
    const bands = (long.longPromptBands ?? []).map((band) => ({ ...band, thresholdTokens: band.thresholdTokens + 1 }));
    expect(diff({ ...long, longPromptBands: bands }).proposals).toEqual([]);
  });

  it('takes none over when many change a little at once: then the list has changed, not the prices', () => {
    const listed = catalog.list('openai').map(same);
    const { proposals } = diff(...listed.map((model) => times(model, '1.1')));
    expect(proposals.length).toBeGreaterThan(30);
    expect(proposals.filter(({ isAutomatic }) => isAutomatic)).toEqual([]);
    expect(proposals[0]?.notes.join()).toMatch(/prices changed a little at once/);
    const few = diff(...listed.map((model, index) => (index < 3 ? times(model, '1.1') : model))).proposals;
    expect(few.filter(({ isAutomatic }) => isAutomatic).length).toBeGreaterThan(0);
  });

  it('leaves prices of the operator alone', () => {
    const own = { ...current('gpt-4o-mini'), priceVersion: 'file.abc' };
    const withFile = {
      find: () => ({
        ok: true as const,
        value: { price: own, source: 'file' as const, matchedBy: 'exact' as const, isServiceTierUnpriced: false },
      }),
      list: () => [own],
    };
    const answer = diffPriceList([times(mini, '2')], withFile, ['openai']);
    expect(answer).toEqual({ unchanged: 0, proposals: [], vanished: [], notCompared: ['openai/gpt-4o-mini'] });
  });

  it('gives the same prices the same id, in whatever order they come', () => {
    const reversed = Object.fromEntries(
      Object.entries(mini.perMillion).reverse(),
    ) as unknown as ListedModel['perMillion'];
    const [a, b] = [times(mini, '2'), times({ ...mini, perMillion: reversed }, '2')].map(
      (one) => only(diff(one).proposals).id,
    );
    expect(a).toBe(b);
    expect(only(diff(times(mini, '3')).proposals).id).not.toBe(a);
  });

  it('takes over only what is within a quarter, whatever the list says', () => {
    const price = fc.integer({ min: 1, max: 10_000_000 }).map((micros) => String(micros / 10_000));
    fc.assert(
      fc.property(price, price, fc.option(price), (freshInput, output, cacheRead) => {
        const perMillion = { freshInput, output, ...(cacheRead === null ? {} : { cacheRead }) };
        const [proposal] = diff({ provider: 'openai', model: 'gpt-4o-mini', perMillion }).proposals;
        if (!proposal?.isAutomatic) return;
        expect(Math.abs(Number(freshInput) / 0.15 - 1)).toBeLessThanOrEqual(0.2500001);
        expect(Math.abs(Number(output) / 0.6 - 1)).toBeLessThanOrEqual(0.2500001);
        expect(cacheRead).not.toBeNull();
        expect(Math.abs(Number(cacheRead) / 0.075 - 1)).toBeLessThanOrEqual(0.2500001);
      }),
    );
  });
});
