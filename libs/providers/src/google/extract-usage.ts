import { usageFromGemini } from '@costlane/domain';
import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { openAiUsage } from '../translation/openai-usage';
import type { ExtractedUsage } from '../translation/translator';

/**
 * Reads the `usageMetadata` of an answer, or what the events of a stream have come to (`mergeGeminiUsage`).
 * @param headerTier `x-gemini-service-tier` of the answer, where the usage names no tier
 */
export function extractUsage(usageJson: unknown, headerTier: string | undefined): ExtractedUsage | undefined {
  const usage = usageFromGemini(usageJson)?.usage;
  if (!usage || !isObject(usageJson)) return undefined;
  return { usage, openAi: openAiUsage(usage), serviceTier: serviceTierOf(usageJson, headerTier) };
}

/** Google's words for its tiers, with a price for each (`libs/pricing`). */
const tiers: Readonly<Record<string, string>> = {
  standard: 'default',
  flex: 'flex',
  priority: 'priority',
  on_demand: 'default',
  on_demand_flex: 'flex',
  on_demand_priority: 'priority',
};

/** The tier that the request was served in: what is paid follows it, and not the one that was asked for. */
function serviceTierOf(usageJson: JsonObject, headerTier: string | undefined): string | undefined {
  const named = textOf(usageJson['serviceTier']) ?? headerTier ?? textOf(usageJson['trafficType']);
  const word = named?.toLowerCase().replace(/^service_tier_/, '');
  if (word === undefined || word.endsWith('_unspecified')) return undefined;
  return Object.hasOwn(tiers, word) ? tiers[word] : word;
}
