import type { Usage } from './answer';

/** The `usage` object. Cached and written tokens are part of the prompt, reasoning tokens part of the completion. */
export function renderUsage(usage: Usage): string {
  const { promptTokens, cachedTokens, cacheWriteTokens, completionTokens, reasoningTokens } = usage;
  const writes = cacheWriteTokens > 0 ? `,"cache_write_tokens":${cacheWriteTokens}` : '';
  return (
    `{"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},` +
    `"total_tokens":${promptTokens + completionTokens},` +
    `"prompt_tokens_details":{"cached_tokens":${cachedTokens},"audio_tokens":0${writes}},` +
    `"completion_tokens_details":{"reasoning_tokens":${reasoningTokens},"audio_tokens":0,` +
    `"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
  );
}
