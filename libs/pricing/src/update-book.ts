import { createHash } from 'node:crypto';
import type { ModelPrice } from '@costlane/domain';
import { emptyPriceBook, type PriceBook } from './file/convert-price-file';
import type { PricePeriod } from './price-period';
import { listedProviderName } from './provider-names';

/** How the versions of prices begin that were taken over from an open price list. */
export const updateVersionPrefix = 'list.';

/** Prices taken over since the list was compiled in, each with its validity, as a book. */
export function bookOfUpdates(prices: readonly ModelPrice[]): PriceBook {
  if (prices.length === 0) return emptyPriceBook;
  const periods = new Map<string, PricePeriod[]>();
  for (const price of prices) {
    const key = bookKey(listedProviderName(price.provider), price.model.toLowerCase());
    const period = { fromMs: millis(price.validFrom), toMs: millis(price.validTo), price };
    periods.set(key, [...(periods.get(key) ?? []), period]);
  }
  const hash = createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 12);
  return {
    version: `${updateVersionPrefix}${hash}`,
    find: (provider, model) => periods.get(bookKey(provider, model)),
    facts: () => undefined,
    list: () => prices,
    warnings: [],
  };
}

const bookKey = (provider: string, model: string): string => `${provider}\n${model}`;

const millis = (moment: string | null): number | null => (moment === null ? null : Date.parse(moment));
