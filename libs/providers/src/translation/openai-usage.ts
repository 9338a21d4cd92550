import { usageTotals, type TokenUsage } from '@costlane/domain';
import type { JsonObject } from '../openai-compatible/json-object';

/** A usage in OpenAI's words: what caches had to do with is part of the prompt, reasoning part of the completion. */
export function openAiUsage(usage: TokenUsage): JsonObject {
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
