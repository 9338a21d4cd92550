import { usageFromAnthropic } from '@costlane/domain';
import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { openAiUsage } from '../translation/openai-usage';
import type { ExtractedUsage } from '../translation/translator';

/** Reads the usage of a message, or what the events of a stream have come to (`mergeAnthropicUsage`). */
export function extractUsage(usageJson: unknown): ExtractedUsage | undefined {
  const usage = usageFromAnthropic(usageJson)?.usage;
  if (!usage || !isObject(usageJson)) return undefined;
  return { usage, openAi: openAiUsage(usage), serviceTier: serviceTierOf(usageJson) };
}

/** What is `standard` at Anthropic is `default` at OpenAI; `priority` and `batch` have one name. */
function serviceTierOf(usageJson: JsonObject): string | undefined {
  const tier = textOf(usageJson['service_tier']);
  return tier === 'standard' ? 'default' : tier;
}
