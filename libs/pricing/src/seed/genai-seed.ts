import { calcPrice, findProvider, type ModelInfo } from '@pydantic/genai-prices';
import type { PricePeriod } from '../price-period';
import { convertGenaiModel } from './convert-genai-price';
import { serviceTierRulesVersion } from './service-tier-rules';

/** The edition of the list that is compiled in; a test holds it to the dependency's version. */
export const seedVersion = `genai-prices@0.1.8+${serviceTierRulesVersion}`;

/** Every provider of the list: its package finds providers by name but does not enumerate them. A test holds it true. */
export const seedProviders: readonly string[] =
  'anthropic arcee avian aws azure baseten cerebras cloudflare cohere cursor deepseek doubleword fireworks github-copilot google groq huggingface_cerebras huggingface_fireworks-ai huggingface_groq huggingface_hyperbolic huggingface_nebius huggingface_novita huggingface_nscale huggingface_ovhcloud huggingface_publicai huggingface_sambanova huggingface_together minimax mistral modal moonshotai novita openai openrouter ovhcloud perplexity quicksilverpro together typesafe voyageai x-ai zai zhipuai'.split(
    ' ',
  );

export interface SeedModel {
  /** The list's own id of the model, to which dated names and aliases lead. */
  readonly canonicalModel: string;
  /** Empty when the list knows the model but has no price per token (speech by the hour, pages, free offers). */
  readonly periods: readonly PricePeriod[];
  /** As the list has it; 0 when it does not say. */
  readonly contextTokens: number;
}

export interface SeedCatalog {
  find(provider: string, model: string): SeedModel | undefined;
  list(provider: string): readonly SeedModel[];
}

/** The compiled-in price list as our prices. Converts a model when it is first asked for; bounded by the list's size. */
export function createSeedCatalog(): SeedCatalog {
  const converted = new Map<string, SeedModel>();
  const convert = (provider: string, info: ModelInfo): SeedModel => {
    const key = `${provider}/${info.id}`;
    const known = converted.get(key);
    if (known) return known;
    const periods = convertGenaiModel(info, { provider, priceVersion: seedVersion });
    const model = { canonicalModel: info.id, periods, contextTokens: info.context_window ?? 0 };
    converted.set(key, model);
    return model;
  };
  return {
    find(provider, model) {
      // The list would also take a provider whose name merely contains a known one.
      if (!seedProviders.includes(provider)) return undefined;
      const match = calcPrice({}, model, { providerId: provider });
      return match ? convert(provider, match.model) : undefined;
    },
    list(provider) {
      const listed = seedProviders.includes(provider) ? findProvider({ providerId: provider }) : undefined;
      return (listed?.models ?? []).map((info) => convert(provider, info));
    },
  };
}
