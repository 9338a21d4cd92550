import type { ModalitySplit, TokenUsage } from './token-usage';
import { tokenCount, type NormalisedUsage, type UsageFlag } from './usage-from-openai';

type JsonObject = Readonly<Record<string, unknown>>;

const noFlags: readonly UsageFlag[] = Object.freeze([]);

/**
 * Turns the `usageMetadata` of Gemini's generateContent into disjoint axes (ai.google.dev, "UsageMetadata", read November 2026).
 *
 * Cached tokens are part of `promptTokenCount`, as at OpenAI; thoughts are not part of `candidatesTokenCount`, unlike there;
 * what built-in tools put into the prompt (`toolUsePromptTokenCount`) comes on top of it. Counts of zero are left out.
 * Nonsense is clamped and flagged, never thrown at.
 *
 * In a stream each event reports totals so far: merge them ({@link mergeGeminiUsage}) and call this with the result.
 *
 * @returns undefined when there is no usage object at all (a stream cut short): estimate then, do not bill zero.
 */
export function usageFromGemini(usageJson: unknown): NormalisedUsage | undefined {
  if (!isObject(usageJson)) return undefined;
  const flags: UsageFlag[] = [];
  const prompt = tokenCount(usageJson['promptTokenCount'], flags);
  const output = tokenCount(usageJson['candidatesTokenCount'], flags) ?? 0;
  const thoughts = tokenCount(usageJson['thoughtsTokenCount'], flags) ?? 0;
  const total = tokenCount(usageJson['totalTokenCount'], flags);
  if (prompt === undefined && output + thoughts === 0 && total === undefined) return undefined;
  if (prompt === undefined) flags.push('missing_prompt_tokens');
  const toolUse = tokenCount(usageJson['toolUsePromptTokenCount'], flags) ?? 0;
  const input = prompt ?? Math.max(0, (total ?? 0) - output - thoughts - toolUse);
  if (total !== undefined && total !== input + toolUse + output + thoughts) flags.push('total_mismatch');
  const reportedRead = tokenCount(usageJson['cachedContentTokenCount'], flags) ?? 0;
  const read = Math.min(reportedRead, input);
  if (read < reportedRead) flags.push('cached_exceeds_prompt');
  const usage: TokenUsage = {
    freshInputTokens: input - read + toolUse,
    cacheReadTokens: read,
    cacheWriteShortTokens: 0,
    cacheWriteLongTokens: 0,
    outputTokens: output,
    reasoningTokens: thoughts,
  };
  const modality = modalityOf(usageJson, usage, flags);
  return {
    usage: modality ? { ...usage, modality } : usage,
    flags: flags.length > 0 ? [...new Set(flags)] : noFlags,
  };
}

/** What a stream has reported so far with what it reports now: totals replace totals, unless they are left out or null. */
export function mergeGeminiUsage(before: unknown, now: unknown): JsonObject | undefined {
  if (!isObject(now)) return isObject(before) ? before : undefined;
  if (!isObject(before)) return now;
  const told = Object.entries(now).filter(([, value]) => value !== null && value !== undefined);
  return { ...before, ...Object.fromEntries(told) };
}

function modalityOf(usageJson: JsonObject, usage: TokenUsage, flags: UsageFlag[]): ModalitySplit | undefined {
  const inPrompt = (modality: string): number =>
    countOf(usageJson['promptTokensDetails'], modality, flags) +
    countOf(usageJson['toolUsePromptTokensDetails'], modality, flags);
  const audio = inPrompt('AUDIO');
  const image = inPrompt('IMAGE');
  const audioOutput = countOf(usageJson['candidatesTokensDetails'], 'AUDIO', flags);
  if (audio === 0 && image === 0 && audioOutput === 0) return undefined;
  const cached = usageJson['cacheTokensDetails'];
  const audioRead = Math.min(countOf(cached, 'AUDIO', flags), audio, usage.cacheReadTokens);
  const imageRead = Math.min(countOf(cached, 'IMAGE', flags), image);
  const audioInputTokens = Math.min(audio - audioRead, usage.freshInputTokens);
  return {
    audioInputTokens,
    audioCacheReadTokens: audioRead,
    audioOutputTokens: Math.min(audioOutput, usage.outputTokens),
    imageInputTokens: Math.min(image - imageRead, usage.freshInputTokens - audioInputTokens),
  };
}

/** Tokens of one modality in a list of `{modality, tokenCount}`. */
function countOf(details: unknown, modality: string, flags: UsageFlag[]): number {
  if (!Array.isArray(details)) return 0;
  return (details as unknown[]).reduce<number>((sum, each) => {
    if (!isObject(each) || each['modality'] !== modality) return sum;
    return sum + (tokenCount(each['tokenCount'], flags) ?? 0);
  }, 0);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
