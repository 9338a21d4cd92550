import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPriceCatalog } from './price-catalog';

/** The prices that the providers' recorded answers are reckoned with (`libs/providers/src/golden`). */
const golden = join(__dirname, '../../providers/src/golden');
const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(golden, ...path), 'utf8'));
const prices = readJson('prices.json') as Record<string, object>;
/** Prices as of this day; later ones in the list do not change what is expected here. */
const at = Date.parse('2026-11-01T12:00:00Z');
const catalog = createPriceCatalog();
afterAll(() => catalog.close());

const ownServers = 'vllm';
const listed = Object.keys(prices).filter((name) => !name.startsWith(`${ownServers}/`));

describe('the prices of the recorded answers', () => {
  it.each(listed)('%s costs what the catalogue says', (name) => {
    const [provider = '', model = ''] = name.split('/');
    const found = catalog.find({ provider, model, at });
    expect(found).toMatchObject({ ok: true, value: { source: 'seed' } });
    if (!found.ok) return;
    const { perMillion, longPromptBands, batchDiscount, serviceTiers, regions } = found.value.price;
    const told = { perMillion, longPromptBands, batchDiscount, serviceTiers, regions };
    expect(JSON.parse(JSON.stringify(told))).toEqual(prices[name]);
  });

  interface Case {
    model: string;
    price: string | null;
  }
  const cases = [...new Set(listed.map((name) => name.split('/')[0] ?? ''))].flatMap((provider) =>
    (readJson(provider, 'cases.json') as Case[]).map((each) => ({ provider, ...each })),
  );

  it('are found under the names that the answers carry', () => {
    for (const { provider, model, price } of cases) {
      const found = catalog.find({ provider, model, at });
      const name = found.ok ? `${found.value.price.provider}/${found.value.price.model}` : null;
      expect([model, name]).toEqual([model, price]);
    }
    expect(cases.filter(({ price }) => price === null)).not.toEqual([]);
  });

  it('are none, and never zero, for a model that is not listed', () => {
    for (const [provider, model] of [
      ['cohere', 'command-a-reasoning-08-2025'],
      ['openai', 'gpt-99'],
      [ownServers, 'qwen3-32b'],
    ] as const) {
      expect(catalog.find({ provider, model, at })).toMatchObject({ ok: false, error: { code: 'unknown_model' } });
    }
  });
});
