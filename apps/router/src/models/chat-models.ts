/**
 * Which of OpenAI's models answer chat completions: the price list does not say. Left out: other media, completions-only, search and research
 * models, the pro and codex models that only the Responses API serves, previews, retired names and names that stand for a family
 * (platform.openai.com/docs/models and /docs/deprecations, read November 2026).
 */
const familyPattern = /^(?:gpt-\d|chatgpt-|o\d|ft:gpt-\d)/;
const otherKinds =
  /audio|realtime|transcribe|tts|image|instruct|preview|search|research|codex|vision|embedding|moderation|:extended|\.ft-|-pro(?:-|$)|-32k|-16k|-0301|-$/;
/** A fine-tuned model has base, organisation, suffix and id; with fewer parts it is a family in the price list. */
const fineTunedPattern = /^ft:[^:]+:[^:]*:[^:]*:[^:]+$/;

/**
 * Which of Anthropic's models are offered. Left out: Claude 3 and older, whose names have the version in front, and Claude 4.0, which the API
 * no longer has (Anthropic's release notes of 15 June 2026).
 */
export const isClaudeModel = (name: string): boolean => /^claude-[a-z]+-(?!4-0$)\d/.test(name);

/**
 * Which of Google's models are offered: Gemini for text. Left out: other media and other makers' models in Google's list, what was shut down
 * (Gemini 2.0 and older, Gemini 3 Pro's preview), and Gemini 2.5 Pro and Flash, under whose names other models answer at other prices from
 * 1 December 2026 on (ai.google.dev/gemini-api/docs/deprecations, read November 2026).
 */
export const isGeminiModel = (name: string): boolean =>
  /^gemini-(?:2\.5-flash-lite|(?!3-pro-)[3-9](?:\.\d+)?-(?:pro|flash|flash-lite)(?:-preview)?)$/.test(name);

/**
 * Which of Cohere's models are offered from its list of prices: those with a date in their name. Names without one stand for families there,
 * or for models that were deprecated (docs.cohere.com/docs/deprecations, read November 2026).
 */
export const isCommandModel = (name: string): boolean => /^(?:command|c4ai-aya)-[a-z0-9-]*\d{2}-\d{4}$/.test(name);

/** Cohere's chat models under the names that its API takes, where the catalogue has a price per token for them (docs.cohere.com/docs/models). */
export const commandModelNames: readonly string[] = [
  'command-a-03-2025',
  'command-r-plus-08-2024',
  'command-r-08-2024',
  'command-r7b-12-2024',
  'c4ai-aya-expanse-32b',
];

export function isChatModel(name: string): boolean {
  if (!familyPattern.test(name) || otherKinds.test(name)) return false;
  return !name.startsWith('ft:') || fineTunedPattern.test(name);
}

/** Other names of OpenAI's chat models without a date in the usual form; offered where the catalogue has a price for them. */
export const chatModelAliases: readonly string[] = [
  'gpt-3.5-turbo-0125',
  'gpt-4-0613',
  'gpt-5-chat-latest',
  'gpt-5.1-chat-latest',
  'gpt-5.2-chat-latest',
  'gpt-5.3-chat-latest',
  'gpt-5.5-chat-latest',
];

/** OpenAI's embedding models (platform.openai.com/docs/models, read November 2026). */
export const openAiEmbeddingModels: readonly string[] = [
  'text-embedding-3-small',
  'text-embedding-3-large',
  'text-embedding-ada-002',
];

/**
 * Whether a model embeds, by its name: a list of models does not say. Families whose names do not have the word in them: E5, BGE and GTE.
 */
export const isEmbeddingModel = (name: string): boolean => /embed|(?:^|[/_-])(?:e5|bge|gte)(?:[-_.]|$)/i.test(name);
