import { complementOfDecimal, formatDecimal, multiplyDecimalStrings, parseDecimal } from './decimal';
import { MoneyError } from './money-error';

/**
 * US dollars per million tokens of each class, as decimal strings.
 *
 * A class without a price is never free. It falls back:
 * `output` → `freshInput` (models without output); `cacheRead`, `cacheWriteShort` → `freshInput`;
 * `cacheWriteLong` → `cacheWriteShort` → `freshInput`; `reasoning` → `output`; `audioInput`, `imageInput` → `freshInput`;
 * `audioCacheRead` → `audioInput` where that is priced, else `cacheRead`; `audioOutput` → `output`.
 */
export interface TokenPrices {
  readonly freshInput: string;
  readonly output?: string;
  readonly cacheRead?: string;
  readonly cacheWriteShort?: string;
  readonly cacheWriteLong?: string;
  readonly reasoning?: string;
  readonly audioInput?: string;
  readonly audioCacheRead?: string;
  readonly audioOutput?: string;
  readonly imageInput?: string;
}

export type TokenClass = keyof TokenPrices;

export const tokenClasses: readonly TokenClass[] = [
  'freshInput',
  'output',
  'cacheRead',
  'cacheWriteShort',
  'cacheWriteLong',
  'reasoning',
  'audioInput',
  'audioCacheRead',
  'audioOutput',
  'imageInput',
];

const outputClasses: readonly TokenClass[] = ['output', 'reasoning', 'audioOutput'];

/**
 * Prices of the whole request once its prompt (fresh, read and written together) has more than `thresholdTokens`:
 * absolute, or multiples of the base price for all input and all output classes. The highest threshold passed holds.
 */
export type LongPromptBand =
  | { readonly thresholdTokens: number; readonly perMillion: TokenPrices }
  | { readonly thresholdTokens: number; readonly inputMultiplier: string; readonly outputMultiplier: string };

/** What another service tier costs: a multiple of every price, or prices of its own. */
export type ServiceTierPrice =
  | { readonly multiplier: string; readonly isAssumed?: boolean }
  | {
      readonly perMillion: TokenPrices;
      readonly longPromptBands?: readonly LongPromptBand[];
      readonly isAssumed?: boolean;
    };

export interface ModelPrice {
  readonly provider: string;
  readonly model: string;
  /** The tier that `perMillion` is for. */
  readonly serviceTier: string;
  /** ISO 8601, inclusive; null: since always. */
  readonly validFrom: string | null;
  /** ISO 8601, exclusive; null: until further notice. */
  readonly validTo: string | null;
  /** Names the list and edition that this price is from; goes into every cost record. */
  readonly priceVersion: string;
  readonly perMillion: TokenPrices;
  readonly longPromptBands?: readonly LongPromptBand[];
  /** Fraction off every price in the provider's Batch API, `"0.5"` for half price. */
  readonly batchDiscount?: string;
  /** Prices of other tiers, on a price of the standard tier only. */
  readonly serviceTiers?: Readonly<Record<string, ServiceTierPrice>>;
  /** Factors on every price for requests that were bound to a region, on any tier. */
  readonly regions?: Readonly<Record<string, { readonly multiplier: string }>>;
  /** The tier has no published price; this one is a guess that errs to the dear side. */
  readonly isServiceTierAssumed?: boolean;
}

export const standardServiceTier = 'standard';
export const batchServiceTier = 'batch';

const serviceTierPattern = /^[a-z][a-z0-9_-]{0,31}$/;

/**
 * The tier a request or response names, in our words: nothing, `auto`, `default` and `on_demand` are `standard`; other
 * names stay as they are (`flex`, `priority`, `fast`, `scale`, `batch`); what cannot be a name becomes `unrecognised`.
 */
export function normaliseServiceTier(tier: string | null | undefined): string {
  switch (tier) {
    case undefined:
    case null:
    case '':
    case 'auto':
    case 'default':
    case 'on_demand':
    case 'standard':
      return standardServiceTier;
    case 'flex':
    case 'priority':
    case 'batch':
      return tier;
    default:
      return normaliseUnusualTier(tier);
  }
}

function normaliseUnusualTier(tier: string): string {
  const lower = tier.slice(0, 64).trim().toLowerCase();
  if (lower === 'auto' || lower === 'default' || lower === 'on_demand') return standardServiceTier;
  return serviceTierPattern.test(lower) ? lower : 'unrecognised';
}

/**
 * The price of one service tier, from a price of the standard tier. A price that is already of that tier is returned
 * as it is, so that no discount is ever taken twice.
 *
 * @returns undefined when the tier has no price: the caller decides, and flags it.
 * @throws MoneyError `service_tier_mismatch` when `price` is already of a different tier than standard.
 */
export function priceForServiceTier(price: ModelPrice, tier: string): ModelPrice | undefined {
  if (price.serviceTier === tier) return price;
  if (price.serviceTier !== standardServiceTier) {
    throw new MoneyError(
      'service_tier_mismatch',
      `Price of ${price.provider}/${price.model} is of tier ${price.serviceTier}, the usage of tier ${tier}`,
    );
  }
  const listed = Object.hasOwn(price.serviceTiers ?? {}, tier) ? price.serviceTiers?.[tier] : undefined;
  if (listed && 'perMillion' in listed) {
    return tierPrice(price, tier, listed.perMillion, listed.longPromptBands ?? price.longPromptBands, listed.isAssumed);
  }
  if (listed) return multipliedPrice(price, tier, listed.multiplier, listed.isAssumed);
  if (tier === batchServiceTier && price.batchDiscount !== undefined) {
    return multipliedPrice(price, tier, formatDecimal(complementOfDecimal(parseDecimal(price.batchDiscount))));
  }
  return undefined;
}

/**
 * The price of requests that were bound to a region, from the price of any tier.
 * @returns undefined when the region has no price of its own: the caller decides, and flags it.
 */
export function priceForRegion(price: ModelPrice, region: string): ModelPrice | undefined {
  const listed = Object.hasOwn(price.regions ?? {}, region) ? price.regions?.[region] : undefined;
  return listed && multipliedPrice(price, price.serviceTier, listed.multiplier, price.isServiceTierAssumed);
}

function multipliedPrice(price: ModelPrice, tier: string, multiplier: string, isAssumed?: boolean): ModelPrice {
  const bands = price.longPromptBands?.map((band) =>
    'perMillion' in band
      ? { thresholdTokens: band.thresholdTokens, perMillion: multiplyPrices(band.perMillion, multiplier, multiplier) }
      : band,
  );
  return tierPrice(price, tier, multiplyPrices(price.perMillion, multiplier, multiplier), bands, isAssumed);
}

function tierPrice(
  price: ModelPrice,
  serviceTier: string,
  perMillion: TokenPrices,
  longPromptBands: readonly LongPromptBand[] | undefined,
  isAssumed: boolean | undefined,
): ModelPrice {
  const { provider, model, validFrom, validTo, priceVersion, regions } = price;
  return {
    provider,
    model,
    serviceTier,
    validFrom,
    validTo,
    priceVersion,
    perMillion,
    ...(longPromptBands ? { longPromptBands } : {}),
    ...(regions ? { regions } : {}),
    ...(isAssumed ? { isServiceTierAssumed: true } : {}),
  };
}

/** Every priced class times its factor, exactly. */
export function multiplyPrices(prices: TokenPrices, inputMultiplier: string, outputMultiplier: string): TokenPrices {
  const product: { -readonly [K in TokenClass]?: string } = {};
  for (const tokenClass of tokenClasses) {
    const price = prices[tokenClass];
    if (price === undefined) continue;
    const factor = outputClasses.includes(tokenClass) ? outputMultiplier : inputMultiplier;
    product[tokenClass] = multiplyDecimalStrings(price, factor);
  }
  return { ...product, freshInput: product.freshInput ?? prices.freshInput };
}

/** The prices that hold for a prompt of this size. */
export function pricesForPromptLength(price: ModelPrice, promptTokens: number): TokenPrices {
  let highest: LongPromptBand | undefined;
  for (const band of price.longPromptBands ?? []) {
    const isPassed = promptTokens > band.thresholdTokens;
    if (isPassed && (!highest || band.thresholdTokens > highest.thresholdTokens)) highest = band;
  }
  if (!highest) return price.perMillion;
  return 'perMillion' in highest
    ? highest.perMillion
    : multiplyPrices(price.perMillion, highest.inputMultiplier, highest.outputMultiplier);
}
