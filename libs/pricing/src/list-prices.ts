import type { ModelPrice } from '@costlane/domain';
import { mockPrices } from './mock-prices';
import { periodAt } from './price-period';
import { listedProviderName } from './provider-names';
import { basePeriods, type PriceSources } from './resolve-price';
import { seedProviders } from './seed/genai-seed';

/** Standard prices in force at a moment, of one provider or of all: the file's before updates', updates' and the mock's before the list's. */
export function listPrices(sources: PriceSources, atMs: number, provider: string | undefined): readonly ModelPrice[] {
  const prices = new Map<string, ModelPrice>();
  const wanted = provider === undefined ? undefined : listedProviderName(provider);
  const take = (price: ModelPrice): void => void prices.set(`${price.provider}/${price.model}`, price);
  for (const listedProvider of wanted === undefined ? seedProviders : [wanted]) {
    for (const { canonicalModel, periods } of sources.seed.list(listedProvider)) {
      const all = basePeriods(sources, listedProvider, canonicalModel, periods);
      const price = all[periodAt(all, atMs)]?.price;
      if (price) take(price);
    }
  }
  const inForce = (price: ModelPrice): boolean =>
    isValidAt(price, atMs) && (wanted === undefined || price.provider === wanted);
  for (const price of sources.updates.list()) {
    const name = price.model.toLowerCase();
    const isListed = sources.seed.find(price.provider, name)?.canonicalModel === name;
    if (!isListed && inForce(price)) take(price);
  }
  for (const price of [...mockPrices, ...sources.file.list()]) if (inForce(price)) take(price);
  return [...prices.values()];
}

function isValidAt({ validFrom, validTo }: ModelPrice, atMs: number): boolean {
  return (validFrom === null || Date.parse(validFrom) <= atMs) && (validTo === null || atMs < Date.parse(validTo));
}
