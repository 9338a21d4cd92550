import type { Dialect } from '@costlane/contracts';
import type { PolicyModel, RouteDecision } from '@costlane/domain';

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

/**
 * Whether a request goes out in its own dialect: the model takes it, and was named, or all that may have to step in for it take it, too. Who leaves the
 * choice to us is better served by a translation that any of them can answer than by an original that ends with its first provider.
 */
export const goesNative = ({ model, route, fallbacks }: RouteDecision, dialect: Dialect): boolean =>
  speaks(model, dialect) && (route === 'explicit' || fallbacks.every((fallback) => speaks(fallback, dialect)));
