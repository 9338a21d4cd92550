import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { costOfUsage, emptyUsage } from '@costlane/domain';
import { calcPrice, waitForUpdate } from '@pydantic/genai-prices';
import { periodAt } from '../price-period';
import { createSeedCatalog, seedProviders, seedVersion } from './genai-seed';

const seed = createSeedCatalog();
const at = new Date('2026-11-01T12:00:00Z');

describe('the compiled-in price list', () => {
  it('names the version of the dependency it is from', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../../../../package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(seedVersion).toContain(`genai-prices@${manifest.dependencies['@pydantic/genai-prices']}+`);
  });

  it('knows every provider of the list', async () => {
    const listed = (await waitForUpdate())?.map((provider) => provider.id) ?? [];
    expect([...seedProviders].sort()).toEqual(listed.sort());
  });

  it('charges what the list itself calculates, for every model, below and above its long-prompt bands', () => {
    const compared = seedProviders.flatMap((provider) => seed.list(provider).map((model) => ({ provider, ...model })));
    let checked = 0;
    for (const { provider, canonicalModel, periods } of compared) {
      const price = periods[periodAt(periods, at.getTime())]?.price;
      const listed = calcPrice({}, canonicalModel, { providerId: provider });
      // Some listed ids are families that only their members' names match.
      if (!price || listed?.model.id !== canonicalModel) continue;
      for (const promptTokens of [1_000, 128_001, 200_001, 272_001, 600_000]) {
        const usage = { ...emptyUsage, freshInputTokens: promptTokens, outputTokens: 1_000 };
        const expected = calcPrice({ input_tokens: promptTokens, output_tokens: 1_000 }, canonicalModel, {
          providerId: provider,
          timestamp: at,
        });
        const requestFee = Number(expected?.model_price['requests_kcount'] ?? 0) / 1_000;
        const hasOutputPrice = price.perMillion.output !== undefined;
        const ours = costOfUsage(hasOutputPrice ? usage : { ...usage, outputTokens: 0 }, price).totalNanoUsd;
        expect([canonicalModel, ours / 1e9]).toEqual([
          canonicalModel,
          expect.closeTo((expected?.total_price ?? 0) - requestFee, 8),
        ]);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(5_000);
  });
});
