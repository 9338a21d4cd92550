import type { LongPromptBand } from '@costlane/domain';
import {
  convertBandPrices,
  convertGivenPrices,
  isObject,
  RefusedPrice,
  type GivenPrices,
  type ListedModel,
  type RefusedEntry,
} from './listed-model';

type Entry = Readonly<Record<string, unknown>>;

/** The name there, where it is not ours. */
const providerNames: Readonly<Record<string, string>> = { xai: 'x-ai' };
const perMillionTokens = 0;
const olderBandTokens = 200_000;

/**
 * models.dev's `api.json`: `{provider: {models: {model: {cost}}}}`, prices in dollars per million tokens. Read are the standard prices of
 * models that answer in text, of the providers asked for.
 */
export function readModelsDevList(
  list: Entry,
  providers: readonly string[],
): { readonly models: readonly ListedModel[]; readonly refused: readonly RefusedEntry[] } {
  const models: ListedModel[] = [];
  const refused: RefusedEntry[] = [];
  for (const [name, listed] of Object.entries(list)) {
    const provider = providerNames[name] ?? name;
    if (!providers.includes(provider) || !isObject(listed) || !isObject(listed['models'])) continue;
    for (const [model, entry] of Object.entries(listed['models'])) {
      if (!isObject(entry) || !isObject(entry['cost']) || !answersInText(entry)) continue;
      try {
        models.push({ provider, model, ...convertCost(entry['cost']) });
      } catch (error) {
        if (!(error instanceof RefusedPrice)) throw error;
        refused.push({ entry: `${provider}/${model}`, reason: error.message });
      }
    }
  }
  return { models, refused };
}

function answersInText({ modalities }: Entry): boolean {
  const output = isObject(modalities) ? modalities['output'] : undefined;
  return Array.isArray(output) && output.length === 1 && output[0] === 'text';
}

function convertCost(cost: Entry): Pick<ListedModel, 'perMillion' | 'longPromptBands'> {
  const perMillion = convertGivenPrices(pricesOf(cost), perMillionTokens);
  const bands = bandsOf(cost).map(([thresholdTokens, prices]): LongPromptBand => ({
    thresholdTokens,
    perMillion: convertBandPrices(perMillion, pricesOf(prices), perMillionTokens),
  }));
  return bands.length > 0 ? { perMillion, longPromptBands: bands } : { perMillion };
}

/** `tiers: [{context: {min}, …}]` (also written `tier: {size}`), before that `context_over_200k`. */
function bandsOf(cost: Entry): readonly (readonly [thresholdTokens: number, prices: Entry])[] {
  const tiers: readonly unknown[] = Array.isArray(cost['tiers']) ? cost['tiers'] : [];
  const newer = tiers.flatMap((tier): (readonly [number, Entry])[] => {
    if (!isObject(tier)) return [];
    const { context, tier: size } = tier;
    const threshold = isObject(context) ? context['min'] : isObject(size) ? size['size'] : undefined;
    return typeof threshold === 'number' && threshold > 0 ? [[threshold, tier] as const] : [];
  });
  if (newer.length > 0) return newer;
  const older = cost['context_over_200k'];
  return isObject(older) ? [[olderBandTokens, older]] : [];
}

function pricesOf(cost: Entry): GivenPrices {
  return {
    freshInput: cost['input'],
    output: cost['output'],
    cacheRead: cost['cache_read'],
    cacheWriteShort: cost['cache_write'],
    reasoning: cost['reasoning'],
    audioInput: cost['input_audio'],
    audioOutput: cost['output_audio'],
  };
}
