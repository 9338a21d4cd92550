import fc from 'fast-check';
import { promptTokensOf, type TokenUsage } from './token-usage';
import { mergeGeminiUsage, usageFromGemini } from './usage-from-gemini';

const axes = (usage: Partial<TokenUsage>): TokenUsage => ({
  freshInputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteShortTokens: 0,
  cacheWriteLongTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  ...usage,
});

/** Usages in the shapes that Google documents ("UsageMetadata", "Context caching", "Thinking", "Token counting"). */
const golden: readonly (readonly [name: string, reported: object[], usage: TokenUsage])[] = [
  [
    'a plain answer',
    [
      {
        promptTokenCount: 11,
        candidatesTokenCount: 73,
        totalTokenCount: 84,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: 11 }],
        candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 73 }],
      },
    ],
    axes({ freshInputTokens: 11, outputTokens: 73 }),
  ],
  [
    'thoughts, which the candidates do not contain',
    [{ promptTokenCount: 10, candidatesTokenCount: 28, thoughtsTokenCount: 1_140, totalTokenCount: 1_178 }],
    axes({ freshInputTokens: 10, outputTokens: 28, reasoningTokens: 1_140 }),
  ],
  [
    'a read from the cache, which the prompt contains',
    [
      {
        promptTokenCount: 696_219,
        cachedContentTokenCount: 696_190,
        candidatesTokenCount: 214,
        totalTokenCount: 696_433,
        cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 696_190 }],
      },
    ],
    axes({ freshInputTokens: 29, cacheReadTokens: 696_190, outputTokens: 214 }),
  ],
  [
    'what a tool put into the prompt, which the prompt does not contain',
    [
      {
        promptTokenCount: 20,
        toolUsePromptTokenCount: 10_309,
        candidatesTokenCount: 459,
        thoughtsTokenCount: 1_012,
        totalTokenCount: 11_800,
      },
    ],
    axes({ freshInputTokens: 10_329, outputTokens: 459, reasoningTokens: 1_012 }),
  ],
  [
    'sound and an image, partly cached',
    [
      {
        promptTokenCount: 2_000,
        cachedContentTokenCount: 900,
        candidatesTokenCount: 5,
        totalTokenCount: 2_005,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 42 },
          { modality: 'AUDIO', tokenCount: 1_700 },
          { modality: 'IMAGE', tokenCount: 258 },
        ],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 900 }],
      },
    ],
    axes({
      freshInputTokens: 1_100,
      cacheReadTokens: 900,
      outputTokens: 5,
      modality: { audioInputTokens: 800, audioCacheReadTokens: 900, audioOutputTokens: 0, imageInputTokens: 258 },
    }),
  ],
  [
    'a prompt that was blocked',
    [{ promptTokenCount: 12_559, totalTokenCount: 12_559 }],
    axes({ freshInputTokens: 12_559 }),
  ],
  [
    'a stream, where the last totals hold and are not added up',
    [
      { promptTokenCount: 25, totalTokenCount: 25 },
      { promptTokenCount: 25, candidatesTokenCount: 7, thoughtsTokenCount: 40, totalTokenCount: 72 },
      { promptTokenCount: 25, candidatesTokenCount: 15, thoughtsTokenCount: 40, totalTokenCount: 80 },
    ],
    axes({ freshInputTokens: 25, outputTokens: 15, reasoningTokens: 40 }),
  ],
  [
    'a stream whose last event leaves the cache out',
    [
      { promptTokenCount: 5_000, cachedContentTokenCount: 4_096, totalTokenCount: 5_000 },
      { promptTokenCount: 5_000, cachedContentTokenCount: null, candidatesTokenCount: 9, totalTokenCount: 5_009 },
    ],
    axes({ freshInputTokens: 904, cacheReadTokens: 4_096, outputTokens: 9 }),
  ],
];

describe('usageFromGemini', () => {
  it.each(golden)('reads %s', (_name, reported, usage) => {
    const merged = reported.reduce<unknown>(mergeGeminiUsage, undefined);
    expect(usageFromGemini(merged)).toEqual({ usage, flags: [] });
  });

  it.each([undefined, null, 'usage', 7, [], {}, { trafficType: 'ON_DEMAND' }])(
    'says that there is no usage for %p',
    (value) => expect(usageFromGemini(value)).toBeUndefined(),
  );

  it('clamps what does not fit, and says so', () => {
    const usage = { promptTokenCount: 10, cachedContentTokenCount: 50, candidatesTokenCount: -1, totalTokenCount: 3 };
    expect(usageFromGemini(usage)).toEqual({
      usage: axes({ cacheReadTokens: 10 }),
      flags: ['invalid_count', 'total_mismatch', 'cached_exceeds_prompt'],
    });
    expect(usageFromGemini({ candidatesTokenCount: 4, totalTokenCount: 10 })).toEqual({
      usage: axes({ freshInputTokens: 6, outputTokens: 4 }),
      flags: ['missing_prompt_tokens'],
    });
  });

  it('counts every reported token on exactly one axis', () => {
    const tokens = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, (prompt, cached, output, thoughts, toolUse) => {
        const usage = usageFromGemini({
          promptTokenCount: prompt,
          cachedContentTokenCount: cached,
          candidatesTokenCount: output,
          thoughtsTokenCount: thoughts,
          toolUsePromptTokenCount: toolUse,
        })?.usage;
        expect(usage && promptTokensOf(usage)).toBe(prompt + toolUse);
        expect(usage && usage.outputTokens + usage.reasoningTokens).toBe(output + thoughts);
      }),
    );
  });

  it('never throws, and never gives a negative count, whatever a server sends', () => {
    const fields = ['promptTokenCount', 'cachedContentTokenCount', 'candidatesTokenCount', 'promptTokensDetails'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()), (json) => {
        const { modality, ...counts } = usageFromGemini(json)?.usage ?? {};
        for (const value of [...Object.values(counts), ...Object.values(modality ?? {})]) {
          expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
