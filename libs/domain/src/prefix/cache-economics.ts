import { pricesForPromptLength, type ModelPrice } from '../money/model-price';
import type { CacheLifetime } from './prefix-tracker';

/** What cached prompt tokens cost, as multiples of a fresh one. Ratios decide; amounts are never computed from them. */
export interface CacheRates {
  readonly read: number;
  readonly write: Readonly<Record<CacheLifetime, number>>;
}

/** The rates of a model for a prompt of this size; undefined where its prompt tokens cost nothing, so that nothing is to be saved. */
export function cacheRatesOf(price: ModelPrice, promptTokens: number): CacheRates | undefined {
  const { freshInput, cacheRead, cacheWriteShort, cacheWriteLong } = pricesForPromptLength(price, promptTokens);
  const fresh = Number(freshInput);
  if (!(fresh > 0)) return undefined;
  // The fall-backs of `TokenPrices`: a class without a price is never free.
  const short = Number(cacheWriteShort ?? freshInput) / fresh;
  return {
    read: Number(cacheRead ?? freshInput) / fresh,
    write: { short, long: cacheWriteLong === undefined ? short : Number(cacheWriteLong) / fresh },
  };
}

/** Expected reuses that a write has to exceed to pay: (write − 1) / (1 − read). Infinity where reading is no cheaper. */
export function breakEvenReuses({ read, write }: CacheRates, lifetime: CacheLifetime): number {
  if (read >= 1) return Infinity;
  return Math.max(0, write[lifetime] - 1) / (1 - read);
}

/**
 * What marking a prefix saves per token and request, as a share of the fresh price, when a request finds it cached with
 * this chance and writes it otherwise. Positive exactly where chance / (1 − chance) exceeds the break-even.
 */
export function savingPerToken({ read, write }: CacheRates, lifetime: CacheLifetime, chance: number): number {
  return 1 - chance * read - (1 - chance) * write[lifetime];
}

/** Anthropic's shortest cacheable prefixes, by parts of the model's name; shorter ones are not cached, without an error. */
const minimumTokens: readonly (readonly [name: RegExp, tokens: number])[] = [
  // As given by third parties in November 2026, not checked against Anthropic’s own page; for Sonnet 4.6 what users measured (anthropic-sdk-python #1194).
  [/haiku-4-5|opus-4-[5-9]/, 4_096],
  [/haiku|sonnet-4-6/, 2_048],
];
const usualMinimumTokens = 1_024;

/** Tokens from which on a provider caches a prefix of this model. */
export function minimumPrefixTokens(model: string): number {
  return minimumTokens.find(([name]) => name.test(model))?.[1] ?? usualMinimumTokens;
}
