import { emptyUsage, type TokenUsage } from '@costlane/domain';
import type { JsonObject } from './refuse-field';

/** A usage in Anthropic's words: reads of caches and writes come on top of the input, thinking is part of the output. */
export function messageUsage(usage: TokenUsage = emptyUsage): JsonObject {
  const { cacheWriteShortTokens: short, cacheWriteLongTokens: long, reasoningTokens } = usage;
  return {
    input_tokens: usage.freshInputTokens,
    cache_creation_input_tokens: short + long,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    output_tokens: usage.outputTokens + reasoningTokens,
    ...(reasoningTokens > 0 ? { output_tokens_details: { thinking_tokens: reasoningTokens } } : {}),
  };
}
