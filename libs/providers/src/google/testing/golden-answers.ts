import type { TokenUsage } from '@costlane/domain';

type Json = Readonly<Record<string, unknown>>;

/** What Google reports of an answer, and what it comes to. */
export interface GoldenAnswer {
  readonly name: string;
  /** Of a whole answer one; of a stream what its events report, in their order. */
  readonly usages: readonly Json[];
  readonly isStream: boolean;
  readonly expected: Partial<TokenUsage>;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly serviceTier?: string;
}

/** Usages in the shapes of Google's documentation ("UsageMetadata", "Thinking", "Context caching", November 2026). */
export const goldenAnswers: readonly GoldenAnswer[] = [
  {
    name: 'plain',
    isStream: false,
    usages: [
      {
        promptTokenCount: 11,
        candidatesTokenCount: 73,
        totalTokenCount: 84,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 11 }],
      },
    ],
    expected: { freshInputTokens: 11, outputTokens: 73 },
    promptTokens: 11,
    completionTokens: 73,
  },
  {
    name: 'with thoughts, and served as flex',
    isStream: false,
    usages: [
      {
        promptTokenCount: 10,
        candidatesTokenCount: 28,
        thoughtsTokenCount: 1_140,
        totalTokenCount: 1_178,
        trafficType: 'ON_DEMAND_FLEX',
      },
    ],
    expected: { freshInputTokens: 10, outputTokens: 28, reasoningTokens: 1_140 },
    promptTokens: 10,
    completionTokens: 1_168,
    serviceTier: 'flex',
  },
  {
    name: 'read from the cache',
    isStream: false,
    usages: [
      {
        promptTokenCount: 696_219,
        cachedContentTokenCount: 696_190,
        candidatesTokenCount: 214,
        totalTokenCount: 696_433,
      },
    ],
    expected: { freshInputTokens: 29, cacheReadTokens: 696_190, outputTokens: 214 },
    promptTokens: 696_219,
    completionTokens: 214,
  },
  {
    name: 'with what a tool put into the prompt',
    isStream: false,
    usages: [
      { promptTokenCount: 20, toolUsePromptTokenCount: 10_309, candidatesTokenCount: 459, totalTokenCount: 10_788 },
    ],
    expected: { freshInputTokens: 10_329, outputTokens: 459 },
    promptTokens: 10_329,
    completionTokens: 459,
  },
  {
    name: 'streamed',
    isStream: true,
    usages: [
      { promptTokenCount: 25, candidatesTokenCount: 4, totalTokenCount: 29 },
      { promptTokenCount: 25, candidatesTokenCount: 15, totalTokenCount: 40 },
    ],
    expected: { freshInputTokens: 25, outputTokens: 15 },
    promptTokens: 25,
    completionTokens: 15,
  },
  {
    name: 'streamed, with thoughts before the first word and a cache',
    isStream: true,
    usages: [
      { promptTokenCount: 5_000, cachedContentTokenCount: 4_096, thoughtsTokenCount: 96, totalTokenCount: 5_096 },
      {
        promptTokenCount: 5_000,
        cachedContentTokenCount: 4_096,
        candidatesTokenCount: 31,
        thoughtsTokenCount: 96,
        totalTokenCount: 5_127,
      },
    ],
    expected: { freshInputTokens: 904, cacheReadTokens: 4_096, outputTokens: 31, reasoningTokens: 96 },
    promptTokens: 5_000,
    completionTokens: 127,
  },
  {
    name: 'streamed, of whose cache the last event says nothing, served with priority',
    isStream: true,
    usages: [
      { promptTokenCount: 3_000, cachedContentTokenCount: 2_048, totalTokenCount: 3_000, serviceTier: 'priority' },
      { promptTokenCount: 3_000, candidatesTokenCount: 9, totalTokenCount: 3_009, serviceTier: 'priority' },
    ],
    expected: { freshInputTokens: 952, cacheReadTokens: 2_048, outputTokens: 9 },
    promptTokens: 3_000,
    completionTokens: 9,
    serviceTier: 'priority',
  },
];

/** An answer of Google's; in a stream one event of several. */
export const answerOf = (parts: readonly object[], usageMetadata: Json, finishReason?: string): Json => ({
  candidates: [
    { content: { role: 'model', parts }, ...(finishReason === undefined ? {} : { finishReason }), index: 0 },
  ],
  usageMetadata,
  modelVersion: 'gemini-2.5-flash',
  responseId: 'resp_1',
});

export const event = (json: object): string => `data: ${JSON.stringify(json)}\r\n\r\n`;

/** The events of a streamed answer of two words: as many as there are usages, the last with the reason to end. */
export function eventsOf(usages: readonly Json[], finishReason = 'STOP'): string[] {
  return usages.map((usage, i) => {
    const isLast = i === usages.length - 1;
    return event(answerOf([{ text: isLast ? ' there.' : 'Hello' }], usage, isLast ? finishReason : undefined));
  });
}
