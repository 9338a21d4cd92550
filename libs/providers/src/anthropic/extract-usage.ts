import { usageFromAnthropic, usageTotals, type TokenUsage } from '@costlane/domain';
import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';

/** What an answer used, for us and for the client. */
export interface ExtractedUsage {
  readonly usage: TokenUsage;
  /** In OpenAI's words, where what caches had to do with is part of the prompt. */
  readonly openAi: JsonObject;
  readonly serviceTier?: string;
}

/** Reads the usage of a message, or what the events of a stream have come to (`mergeAnthropicUsage`). */
export function extractUsage(usageJson: unknown): ExtractedUsage | undefined {
  const usage = usageFromAnthropic(usageJson)?.usage;
  if (!usage || !isObject(usageJson)) return undefined;
  return { usage, openAi: openAiUsage(usage), serviceTier: serviceTierOf(usageJson) };
}

function openAiUsage(usage: TokenUsage): JsonObject {
  const { promptTokens, completionTokens, totalTokens } = usageTotals(usage);
  const written = usage.cacheWriteShortTokens + usage.cacheWriteLongTokens;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: totalTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      ...(written > 0 ? { cache_write_tokens: written } : {}),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

/** What is `standard` at Anthropic is `default` at OpenAI; `priority` and `batch` have one name. */
function serviceTierOf(usageJson: JsonObject): string | undefined {
  const tier = textOf(usageJson['service_tier']);
  return tier === 'standard' ? 'default' : tier;
}
