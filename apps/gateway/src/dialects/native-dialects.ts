import type { Dialect } from '@costlane/contracts';

/** Dialects that a provider takes as they are, beside chat completions, which every one takes. */
const nativeDialects: Readonly<Record<string, readonly Dialect[]>> = {
  anthropic: ['anthropic.messages'],
  openai: ['openai.responses', 'openai.embeddings'],
  vllm: ['openai.embeddings'],
  mock: ['openai.responses', 'openai.embeddings'],
};

/** Whether a provider takes requests of a dialect without translation. */
export function speaks(provider: string, dialect: Dialect): boolean {
  if (dialect === 'openai.chat') return true;
  return Object.hasOwn(nativeDialects, provider) && (nativeDialects[provider] ?? []).includes(dialect);
}
