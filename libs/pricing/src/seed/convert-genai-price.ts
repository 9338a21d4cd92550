import { multiplyDecimalStrings, type LongPromptBand, type ModelPrice, type TokenPrices } from '@costlane/domain';
import type { ConditionalPrice, ModelInfo, ModelPrice as GenaiPrice } from '@pydantic/genai-prices';
import type { PricePeriod } from '../price-period';
import { serviceTierRules } from './service-tier-rules';

/** The list's names of the token classes that we price; others (searches, pages, hours) are not tokens. */
const listedNames: readonly (readonly [keyof TokenPrices, string])[] = [
  ['freshInput', 'input_mtok'],
  ['output', 'output_mtok'],
  ['cacheRead', 'cache_read_mtok'],
  ['cacheWriteShort', 'cache_write_mtok'],
  ['cacheWriteLong', 'cache_write_1h_mtok'],
  ['reasoning', 'output_reasoning_mtok'],
  ['audioInput', 'input_audio_mtok'],
  ['audioCacheRead', 'cache_audio_read_mtok'],
  ['audioOutput', 'output_audio_mtok'],
  ['imageInput', 'input_image_mtok'],
];

/**
 * OpenAI charges cache writes that live twelve hours 2.5 times the input price (pricing page, GPT-6.1 Terra, November
 * 2026); the list has no class for them.
 */
const openAiLongCacheWriteFactor = '2.5';

/** Below a millionth of a millionth of a dollar per million, digits of the list are binary noise (`0.18000000000000002`). */
const listedDecimals = 12;

interface ConversionContext {
  readonly provider: string;
  readonly priceVersion: string;
}

/** A listed model as periods with our prices; empty when the list gives no price per token for it. */
export function convertGenaiModel(model: ModelInfo, context: ConversionContext): readonly PricePeriod[] {
  const conditional: readonly ConditionalPrice[] = Array.isArray(model.prices)
    ? model.prices
    : [{ prices: model.prices }];
  const starts = conditional.map(({ constraint }) =>
    constraint?.type === 'start_date' ? Date.parse(`${constraint.start_date}T00:00:00Z`) : null,
  );
  return conditional.flatMap((entry, index) => {
    const fromMs = starts[index] ?? null;
    const toMs = starts.find((start) => start !== null && start > (fromMs ?? Number.NEGATIVE_INFINITY)) ?? null;
    const daily = dailyWindow(entry);
    const validity = daily ? { fromMs: null, toMs: null, daily } : { fromMs, toMs };
    const price = convertPrice(model.id, entry.prices, context, validity);
    return price ? [{ ...validity, price }] : [];
  });
}

function convertPrice(
  model: string,
  listed: GenaiPrice,
  { provider, priceVersion }: ConversionContext,
  { fromMs, toMs, daily }: Omit<PricePeriod, 'price'>,
): ModelPrice | undefined {
  const perMillion = pricesAt(provider, listed, null);
  if (!perMillion) return undefined;
  const longPromptBands = thresholdsOf(listed).flatMap((thresholdTokens): LongPromptBand[] => {
    const prices = pricesAt(provider, listed, thresholdTokens);
    return prices ? [{ thresholdTokens, perMillion: prices }] : [];
  });
  return {
    provider,
    model,
    serviceTier: 'standard',
    validFrom: fromMs === null ? null : new Date(fromMs).toISOString(),
    validTo: toMs === null ? null : new Date(toMs).toISOString(),
    priceVersion: daily ? `${priceVersion};daily=${daily.startSecond}-${daily.endSecond}` : priceVersion,
    perMillion,
    ...(longPromptBands.length > 0 ? { longPromptBands } : {}),
    ...serviceTierRules(provider, model, perMillion),
  };
}

/** The prices just above a threshold (null: below all), as decimal strings. */
function pricesAt(provider: string, listed: GenaiPrice, thresholdTokens: number | null): TokenPrices | undefined {
  const prices: { -readonly [K in keyof TokenPrices]?: string } = {};
  for (const [tokenClass, listedName] of listedNames) {
    const price = listed[listedName];
    if (price === undefined) continue;
    prices[tokenClass] = toDecimalString(typeof price === 'number' ? price : tierPrice(price, thresholdTokens));
  }
  const { freshInput } = prices;
  if (freshInput === undefined) return undefined;
  if (provider === 'openai' && prices.cacheWriteShort !== undefined && prices.cacheWriteLong === undefined) {
    prices.cacheWriteLong = multiplyDecimalStrings(freshInput, openAiLongCacheWriteFactor);
  }
  // Cohere's bill counts input in one sum, whatever of it was found in a cache ("How Does Cohere's Pricing Work?", November 2026).
  if (provider === 'cohere' && prices.output !== undefined) prices.cacheRead ??= freshInput;
  return { ...prices, freshInput };
}

function tierPrice(tiered: Exclude<GenaiPrice[string], number | undefined>, thresholdTokens: number | null): number {
  let price = tiered.base;
  let highestStart = -1;
  for (const tier of tiered.tiers) {
    if (thresholdTokens === null || tier.start > thresholdTokens || tier.start <= highestStart) continue;
    highestStart = tier.start;
    price = tier.price;
  }
  return price;
}

function thresholdsOf(listed: GenaiPrice): readonly number[] {
  const starts = listedNames.flatMap(([, name]) => {
    const price = listed[name];
    return typeof price === 'object' ? price.tiers.map((tier) => tier.start) : [];
  });
  return [...new Set(starts)].sort((a, b) => a - b);
}

function toDecimalString(value: number): string {
  return value.toFixed(listedDecimals).replace(/\.?0+$/, '');
}

function dailyWindow({ constraint }: ConditionalPrice): PricePeriod['daily'] {
  if (constraint?.type !== 'time_of_date') return undefined;
  return { startSecond: utcSecond(constraint.start_time), endSecond: utcSecond(constraint.end_time) };
}

/** `16:30:00Z` or `00:30:00+08:00` as seconds since midnight UTC. */
function utcSecond(time: string): number {
  return (Date.parse(`1970-01-02T${time}`) / 1000) % 86_400;
}
