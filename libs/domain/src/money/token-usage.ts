/** The disjoint axes of a request's tokens: every token is counted on exactly one. */
export const usageAxes = [
  'freshInputTokens',
  'cacheReadTokens',
  'cacheWriteShortTokens',
  'cacheWriteLongTokens',
  'outputTokens',
  'reasoningTokens',
] as const;

export type UsageAxis = (typeof usageAxes)[number];

/**
 * What of the axes was not text. These tokens are already counted on their axis, so that whoever ignores this still
 * counts right; only pricing looks here.
 */
export interface ModalitySplit {
  /** Part of `freshInputTokens`. */
  readonly audioInputTokens: number;
  /** Part of `cacheReadTokens`. */
  readonly audioCacheReadTokens: number;
  /** Part of `outputTokens`. */
  readonly audioOutputTokens: number;
  /** Part of `freshInputTokens`. */
  readonly imageInputTokens: number;
}

export interface TokenUsage {
  /** Prompt tokens billed at the plain input price. */
  readonly freshInputTokens: number;
  readonly cacheReadTokens: number;
  /** Written to a provider cache that lives minutes (5 or 30). */
  readonly cacheWriteShortTokens: number;
  /** Written to a provider cache that lives hours (1 or 12). */
  readonly cacheWriteLongTokens: number;
  /** Visible output, without reasoning. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly modality?: ModalitySplit;
  /** Where the provider says that it was served, when it was bound to that place (`us`): such requests may have a price of their own. */
  readonly region?: string;
}

export interface UsageTotals {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
}

export const emptyUsage: TokenUsage = Object.freeze({
  freshInputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteShortTokens: 0,
  cacheWriteLongTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

/** Sums over the axes in the words of the OpenAI dialect. */
export function usageTotals(usage: TokenUsage): UsageTotals {
  const promptTokens = promptTokensOf(usage);
  const completionTokens = usage.outputTokens + usage.reasoningTokens;
  return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens };
}

/** All input tokens however they were billed: what a long-prompt price band looks at. */
export function promptTokensOf(usage: TokenUsage): number {
  return usage.freshInputTokens + usage.cacheReadTokens + usage.cacheWriteShortTokens + usage.cacheWriteLongTokens;
}

/** The axis-wise sum, for example over the items of a batch; of a region where both are of it. */
export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const modality = a.modality && b.modality ? addModality(a.modality, b.modality) : (a.modality ?? b.modality);
  return {
    freshInputTokens: a.freshInputTokens + b.freshInputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteShortTokens: a.cacheWriteShortTokens + b.cacheWriteShortTokens,
    cacheWriteLongTokens: a.cacheWriteLongTokens + b.cacheWriteLongTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    ...(modality ? { modality } : {}),
    ...(a.region !== undefined && a.region === b.region ? { region: a.region } : {}),
  };
}

function addModality(a: ModalitySplit, b: ModalitySplit): ModalitySplit {
  return {
    audioInputTokens: a.audioInputTokens + b.audioInputTokens,
    audioCacheReadTokens: a.audioCacheReadTokens + b.audioCacheReadTokens,
    audioOutputTokens: a.audioOutputTokens + b.audioOutputTokens,
    imageInputTokens: a.imageInputTokens + b.imageInputTokens,
  };
}

/** The same tokens as they would have been without any provider cache: all input fresh. */
export function withoutProviderCache(usage: TokenUsage): TokenUsage {
  const { modality, region } = usage;
  return {
    ...emptyUsage,
    freshInputTokens: promptTokensOf(usage),
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    ...(region === undefined ? {} : { region }),
    ...(modality
      ? {
          modality: {
            ...modality,
            audioInputTokens: modality.audioInputTokens + modality.audioCacheReadTokens,
            audioCacheReadTokens: 0,
          },
        }
      : {}),
  };
}
