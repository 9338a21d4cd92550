import type { Dialect } from '@costlane/contracts';
import type { PolicyModel } from '@costlane/domain';

/** Dialects that a provider takes as they are, beside chat completions, which every one takes. */
const nativeDialects: Readonly<Record<string, readonly Dialect[]>> = {
  anthropic: ['anthropic.messages'],
  openai: ['openai.responses', 'openai.embeddings'],
  vllm: ['openai.embeddings'],
  mock: ['openai.responses', 'openai.embeddings'],
};

/** Whether a model takes requests of a dialect without translation. */
export function speaks(
  { provider, isChatOnly }: Pick<PolicyModel, 'provider' | 'isChatOnly'>,
  dialect: Dialect,
): boolean {
  if (dialect === 'openai.chat') return true;
  if (dialect === 'openai.responses' && isChatOnly) return false;
  return Object.hasOwn(nativeDialects, provider) && (nativeDialects[provider] ?? []).includes(dialect);
}
