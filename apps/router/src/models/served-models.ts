import { tierOfPrice, type PolicyModel } from '@costlane/domain';
import { autoChoiceOf, type PriceCatalog } from '@costlane/pricing';
import {
  chatModelAliases,
  commandModelNames,
  isChatModel,
  isClaudeModel,
  isCommandModel,
  isEmbeddingModel,
  isGeminiModel,
  openAiEmbeddingModels,
} from './chat-models';
import type { ListedModel } from './fetch-model-list';
import type { ProviderPlan } from './plan-providers';

/** A model that some provider serves, before the switches. */
export type ServedModel = Omit<PolicyModel, 'isEnabled' | 'isBreakerOpen'>;

export type DiscoveredModels = (provider: string) => readonly ListedModel[] | undefined;

type Prices = Pick<PriceCatalog, 'find' | 'list' | 'facts'>;

/** Every model that the providers serve now, by name; where two serve the same name, the earlier one has it. */
export function servedModels(
  plans: readonly ProviderPlan[],
  prices: Prices,
  discovered: DiscoveredModels,
): Map<string, ServedModel> {
  const served = new Map<string, ServedModel>();
  for (const plan of plans) {
    for (const { name, contextTokens } of modelsOf(plan, prices, discovered)) {
      if (served.has(name)) continue;
      const model = describe(plan.provider, name, contextTokens, prices);
      // Another server in OpenAI's place: what it speaks besides chat completions is not known.
      const isChatOnly = plan.provider === 'openai' && plan.models === 'discovered';
      served.set(name, isChatOnly ? { ...model, isChatOnly } : model);
    }
  }
  return served;
}

function modelsOf(plan: ProviderPlan, prices: Prices, discovered: DiscoveredModels): readonly ListedModel[] {
  if (plan.models === 'catalogue') return catalogueModels(plan.provider, prices);
  return discovered(plan.provider) ?? (plan.fallback === 'catalogue' ? catalogueModels(plan.provider, prices) : []);
}

/** Which names of the catalogue are offered, where a provider's are not those of OpenAI. */
const offeredModels: Readonly<Record<string, (name: string) => boolean>> = {
  anthropic: isClaudeModel,
  google: isGeminiModel,
  cohere: isCommandModel,
};

/** Names that a provider takes and the catalogue knows as those of other models: offered where they have a price. */
const namedModels: Readonly<Record<string, readonly string[]>> = { cohere: commandModelNames };

/** The mock answers to OpenAI's names and to its own. */
function catalogueModels(provider: string, prices: Prices): ListedModel[] {
  const isOffered = Object.hasOwn(offeredModels, provider) ? offeredModels[provider] : undefined;
  if (isOffered) {
    const own = prices.list(provider).map(({ model }) => model);
    const named = Object.hasOwn(namedModels, provider) ? (namedModels[provider] ?? []) : [];
    const priced = named.filter((name) => prices.find({ provider, model: name }).ok);
    return listed([...new Set([...own.filter(isOffered), ...priced])]);
  }
  const names = prices.list('openai').map(({ model }) => model);
  const aliases = [...chatModelAliases, ...openAiEmbeddingModels].filter(
    (name) => prices.find({ provider: 'openai', model: name }).ok,
  );
  const own = provider === 'openai' ? [] : prices.list(provider).map(({ model }) => model);
  return listed([...own, ...names.filter(isChatModel), ...aliases]);
}

const listed = (names: readonly string[]): ListedModel[] => names.map((name) => ({ name, contextTokens: 0 }));

function describe(provider: string, name: string, listedContextTokens: number, prices: Prices): ServedModel {
  const found = prices.find({ provider, model: name });
  const price = found.ok ? found.value.price : undefined;
  const facts = prices.facts(provider, name);
  const choice = autoChoiceOf(provider, name, facts);
  // A server knows best how much it was set up for, which may be less than the model could hold.
  const contextTokens = listedContextTokens || (facts?.contextTokens ?? 0);
  return {
    name,
    provider,
    upstreamModel: name,
    ...(isEmbeddingModel(name) ? { kind: 'embedding' } : {}),
    ...(price ? { price } : {}),
    tier: facts?.tier ?? choice?.tier ?? tierOfPrice(price),
    ...(choice ? { isAutoChoice: true } : {}),
    contextTokens,
    maxOutputTokens: atMost(facts?.maxOutputTokens ?? 0, contextTokens),
    ...(facts?.capabilities ? { capabilities: facts.capabilities } : {}),
    ...(facts?.quality ? { quality: facts.quality.value } : {}),
  };
}

/** Of two sizes of which either may be 0 for unknown. */
const atMost = (tokens: number, limitTokens: number): number =>
  limitTokens === 0 ? tokens : Math.min(tokens, limitTokens);
