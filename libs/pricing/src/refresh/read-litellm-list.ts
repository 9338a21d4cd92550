import type { LongPromptBand, TokenPrices } from '@costlane/domain';
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

/** LiteLLM's names of providers, where they are not ours. */
const providerNames: Readonly<Record<string, string>> = {
  gemini: 'google',
  cohere_chat: 'cohere',
  xai: 'x-ai',
};

/** Prices per token; fields of the long prompt's price have `_above_<n>k_tokens` behind them. */
const fields: readonly (readonly [keyof TokenPrices, readonly string[]])[] = [
  ['freshInput', ['input_cost_per_token']],
  ['output', ['output_cost_per_token']],
  ['cacheRead', ['cache_read_input_token_cost']],
  ['cacheWriteShort', ['cache_creation_input_token_cost']],
  ['cacheWriteLong', ['cache_creation_input_token_cost_above_1hr', 'cache_creation_input_token_cost_above_12hr']],
  ['reasoning', ['output_cost_per_reasoning_token']],
  ['audioInput', ['input_cost_per_audio_token']],
  ['audioOutput', ['output_cost_per_audio_token']],
];
const bandField = /^input_cost_per_token_above_(\d+)k_tokens$/;
const chatModes: readonly unknown[] = ['chat', 'responses'];
const perToken = 6;

/**
 * LiteLLM's `model_prices_and_context_window.json`: an object of entries by model, prices in dollars per token. Only chat models of the
 * providers asked for are read, and of these the standard prices; those of service tiers follow rules of our own.
 */
export function readLiteLlmList(
  list: Entry,
  providers: readonly string[],
): { readonly models: readonly ListedModel[]; readonly refused: readonly RefusedEntry[] } {
  const models = new Map<string, ListedModel>();
  const refused: RefusedEntry[] = [];
  for (const [key, entry] of Object.entries(list)) {
    if (key === 'sample_spec' || !isObject(entry) || !chatModes.includes(entry['mode'])) continue;
    const listedProvider = String(entry['litellm_provider']);
    const provider = providerNames[listedProvider] ?? listedProvider;
    if (!providers.includes(provider)) continue;
    const model = key.startsWith(`${listedProvider}/`) ? key.slice(listedProvider.length + 1) : key;
    // Fine-tuned models are families there; a slash that is left is another server's name for it.
    if (model.startsWith('ft:') || model.includes('/') || models.has(`${provider}/${model}`)) continue;
    try {
      models.set(`${provider}/${model}`, { provider, model, ...convertEntry(entry) });
    } catch (error) {
      if (!(error instanceof RefusedPrice)) throw error;
      refused.push({ entry: `${provider}/${model}`, reason: error.message });
    }
  }
  return { models: [...models.values()], refused };
}

function convertEntry(entry: Entry): Pick<ListedModel, 'perMillion' | 'longPromptBands'> {
  const perMillion = convertGivenPrices(pricesOf(entry, ''), perToken);
  const bands = Object.keys(entry).flatMap((field): LongPromptBand[] => {
    const thousands = bandField.exec(field)?.[1];
    if (thousands === undefined) return [];
    const above = pricesOf(entry, `_above_${thousands}k_tokens`);
    const prices = convertBandPrices(perMillion, above, perToken);
    return [{ thresholdTokens: Number(thousands) * 1_000, perMillion: prices }];
  });
  return bands.length > 0 ? { perMillion, longPromptBands: bands } : { perMillion };
}

function pricesOf(entry: Entry, suffix: string): GivenPrices {
  return Object.fromEntries(
    fields.map(([name, names]) => [
      name,
      names.map((field) => entry[`${field}${suffix}`]).find((value) => value !== undefined),
    ]),
  );
}
