import type { ModalitySplit, TokenUsage } from './token-usage';

/** What was wrong or unusual about a reported usage; each is worth a counter. */
export type UsageFlag =
  | 'invalid_count'
  | 'missing_prompt_tokens'
  | 'missing_completion_tokens'
  | 'cached_exceeds_prompt'
  | 'cache_write_exceeds_prompt'
  | 'reasoning_exceeds_completion'
  | 'reasoning_outside_completion'
  | 'total_mismatch'
  /** The provider bills by units of its own, and named none. */
  | 'missing_billed_units'
  /** Something is on the bill that is not counted in tokens. */
  | 'billed_beside_tokens';

export interface NormalisedUsage {
  readonly usage: TokenUsage;
  readonly flags: readonly UsageFlag[];
}

export interface UsageFromOpenAiOptions {
  /** Lifetime of cache writes, known from the request only: `long` where it asked for hours. Default `short`. */
  readonly cacheWriteLifetime?: 'short' | 'long';
}

type JsonObject = Record<string, unknown>;

/** A hundred times the largest context window there is; more is a broken counter and would only overflow sums. */
const maxPlausibleTokens = 1_000_000_000;

const noFlags: readonly UsageFlag[] = Object.freeze([]);

/**
 * Turns the `usage` of a chat completion, completion, embedding or response in OpenAI's dialect into disjoint axes.
 *
 * In that dialect cached and cache-write tokens are part of the prompt count and reasoning is part of the completion
 * count, so they are taken out of it. Servers that only resemble OpenAI are met half way: `prompt_cache_hit_tokens`
 * and a top-level `cached_tokens` count as cached, and reasoning that `total_tokens` shows to lie outside the
 * completion is added rather than lost. Nonsense is clamped and flagged, never thrown at.
 *
 * @returns undefined when there is no usage object at all (a stream cut short): estimate then, do not bill zero.
 */
export function usageFromOpenAi(usageJson: unknown, options: UsageFromOpenAiOptions = {}): NormalisedUsage | undefined {
  if (!isObject(usageJson)) return undefined;
  const flags: UsageFlag[] = [];
  const reportedPrompt = tokenCount(usageJson['prompt_tokens'] ?? usageJson['input_tokens'], flags);
  const reportedCompletion = tokenCount(usageJson['completion_tokens'] ?? usageJson['output_tokens'], flags);
  if (reportedPrompt === undefined && reportedCompletion === undefined) return undefined;
  const total = tokenCount(usageJson['total_tokens'], flags);
  if (reportedPrompt === undefined) flags.push('missing_prompt_tokens');
  // An embedding has no completion, and its total says so; anything else without one is incomplete.
  if (reportedCompletion === undefined && total !== reportedPrompt) flags.push('missing_completion_tokens');
  const prompt = reportedPrompt ?? rest(total, reportedCompletion);
  const completion = reportedCompletion ?? rest(total, reportedPrompt);
  const input = splitPrompt(usageJson, prompt, options.cacheWriteLifetime ?? 'short', flags);
  const output = splitCompletion(usageJson, prompt, completion, total, flags);
  const modality = modalityOf(usageJson, input, output.outputTokens, flags);
  return {
    usage: { ...input, ...output, ...(modality ? { modality } : {}) },
    flags: flags.length > 0 ? [...new Set(flags)] : noFlags,
  };
}

type InputAxes = Pick<
  TokenUsage,
  'freshInputTokens' | 'cacheReadTokens' | 'cacheWriteShortTokens' | 'cacheWriteLongTokens'
>;

function splitPrompt(usage: JsonObject, prompt: number, lifetime: 'short' | 'long', flags: UsageFlag[]): InputAxes {
  const details = promptDetails(usage);
  const reportedRead =
    tokenCount(details['cached_tokens'] ?? usage['prompt_cache_hit_tokens'] ?? usage['cached_tokens'], flags) ?? 0;
  const reportedWrite = tokenCount(details['cache_write_tokens'], flags) ?? 0;
  const read = Math.min(reportedRead, prompt);
  if (read < reportedRead) flags.push('cached_exceeds_prompt');
  const write = Math.min(reportedWrite, prompt - read);
  if (write < reportedWrite) flags.push('cache_write_exceeds_prompt');
  return {
    freshInputTokens: prompt - read - write,
    cacheReadTokens: read,
    cacheWriteShortTokens: lifetime === 'short' ? write : 0,
    cacheWriteLongTokens: lifetime === 'long' ? write : 0,
  };
}

function splitCompletion(
  usage: JsonObject,
  prompt: number,
  completion: number,
  total: number | undefined,
  flags: UsageFlag[],
): Pick<TokenUsage, 'outputTokens' | 'reasoningTokens'> {
  const reported = tokenCount(completionDetails(usage)['reasoning_tokens'], flags) ?? 0;
  if (reported > 0 && total === prompt + completion + reported) {
    flags.push('reasoning_outside_completion');
    return { outputTokens: completion, reasoningTokens: reported };
  }
  if (total !== undefined && total !== prompt + completion) flags.push('total_mismatch');
  const reasoning = Math.min(reported, completion);
  if (reasoning < reported) flags.push('reasoning_exceeds_completion');
  return { outputTokens: completion - reasoning, reasoningTokens: reasoning };
}

function modalityOf(
  usage: JsonObject,
  input: InputAxes,
  outputTokens: number,
  flags: UsageFlag[],
): ModalitySplit | undefined {
  const details = promptDetails(usage);
  const audio = tokenCount(details['audio_tokens'], flags) ?? 0;
  const image = tokenCount(details['image_tokens'], flags) ?? 0;
  const audioOutput = tokenCount(completionDetails(usage)['audio_tokens'], flags) ?? 0;
  if (audio === 0 && image === 0 && audioOutput === 0) return undefined;
  const cachedDetails = isObject(details['cached_tokens_details']) ? details['cached_tokens_details'] : {};
  const reportedCachedAudio = Math.min(tokenCount(cachedDetails['audio_tokens'], flags) ?? 0, audio);
  // Where the provider does not say which tokens were cached, audio is taken as fresh (the dearer reading) as far as it fits.
  const audioInputTokens = Math.min(audio - reportedCachedAudio, input.freshInputTokens);
  return {
    audioInputTokens,
    audioCacheReadTokens: Math.min(audio - audioInputTokens, input.cacheReadTokens),
    audioOutputTokens: Math.min(audioOutput, outputTokens),
    imageInputTokens: Math.min(image, input.freshInputTokens - audioInputTokens),
  };
}

function promptDetails(usage: JsonObject): JsonObject {
  const details = usage['prompt_tokens_details'] ?? usage['input_tokens_details'];
  return isObject(details) ? details : {};
}

function completionDetails(usage: JsonObject): JsonObject {
  const details = usage['completion_tokens_details'] ?? usage['output_tokens_details'];
  return isObject(details) ? details : {};
}

/** What a total leaves for the half that was not reported. */
function rest(total: number | undefined, other: number | undefined): number {
  return Math.max(0, (total ?? 0) - (other ?? 0));
}

/** A token count; undefined where none is given, made a plausible non-negative integer and flagged where it is none. */
export function tokenCount(value: unknown, flags: UsageFlag[]): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxPlausibleTokens) return value;
  flags.push('invalid_count');
  if (typeof value !== 'number' || Number.isNaN(value) || value <= 0) return 0;
  return Math.min(Math.ceil(value), maxPlausibleTokens);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
