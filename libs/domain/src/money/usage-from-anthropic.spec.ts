import fc from 'fast-check';
import { promptTokensOf, type TokenUsage } from './token-usage';
import { mergeAnthropicUsage, usageFromAnthropic } from './usage-from-anthropic';

const axes = (usage: Partial<TokenUsage>): TokenUsage => ({
  freshInputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteShortTokens: 0,
  cacheWriteLongTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  ...usage,
});

/** Usages in the shapes that Anthropic documents ("Messages", "Prompt caching", "Streaming", "Extended thinking"). */
const golden: readonly (readonly [name: string, reported: object[], usage: TokenUsage])[] = [
  [
    'a plain answer',
    [{ input_tokens: 2_095, output_tokens: 503 }],
    axes({ freshInputTokens: 2_095, outputTokens: 503 }),
  ],
  [
    'a write to both caches and a read, which the input does not contain',
    [
      {
        input_tokens: 2_048,
        cache_read_input_tokens: 1_800,
        cache_creation_input_tokens: 248,
        cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
        output_tokens: 503,
        service_tier: 'standard',
      },
    ],
    axes({
      freshInputTokens: 2_048,
      cacheReadTokens: 1_800,
      cacheWriteShortTokens: 148,
      cacheWriteLongTokens: 100,
      outputTokens: 503,
    }),
  ],
  [
    'a first write whose lifetime is not told, in the older shape',
    [{ input_tokens: 21, cache_creation_input_tokens: 188_086, cache_read_input_tokens: 0, output_tokens: 393 }],
    axes({ freshInputTokens: 21, cacheWriteShortTokens: 188_086, outputTokens: 393 }),
  ],
  [
    'thinking, which the output contains',
    [{ input_tokens: 64, output_tokens: 1_270, output_tokens_details: { thinking_tokens: 1_024 } }],
    axes({ freshInputTokens: 64, outputTokens: 246, reasoningTokens: 1_024 }),
  ],
  [
    'a stream, where the last total holds and is not added to the first',
    [{ input_tokens: 25, output_tokens: 1 }, { output_tokens: 15 }],
    axes({ freshInputTokens: 25, outputTokens: 15 }),
  ],
  [
    'a stream with caches, whose last event tells sums only',
    [
      {
        input_tokens: 10,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 5_000,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 300 },
        output_tokens: 4,
        service_tier: 'standard',
      },
      { input_tokens: 10, cache_creation_input_tokens: 300, cache_read_input_tokens: 5_000, output_tokens: 89 },
    ],
    axes({ freshInputTokens: 10, cacheReadTokens: 5_000, cacheWriteLongTokens: 300, outputTokens: 89 }),
  ],
  [
    'a stream of several message deltas with thinking',
    [
      { input_tokens: 472, output_tokens: 2 },
      { output_tokens: 40, output_tokens_details: { thinking_tokens: 30 } },
      { input_tokens: 480, output_tokens: 95, output_tokens_details: { thinking_tokens: 60 }, cache_creation: null },
    ],
    axes({ freshInputTokens: 480, outputTokens: 35, reasoningTokens: 60 }),
  ],
];

describe('usageFromAnthropic', () => {
  it.each(golden)('reads %s', (_name, reported, usage) => {
    const merged = reported.reduce<unknown>(mergeAnthropicUsage, undefined);
    expect(usageFromAnthropic(merged)).toEqual({ usage, flags: [] });
  });

  it.each([undefined, null, 'usage', 7, [], {}, { service_tier: 'standard' }])(
    'says that there is no usage for %p',
    (value) => expect(usageFromAnthropic(value)).toBeUndefined(),
  );

  it('keeps to the larger of the sum and the lifetimes where they differ, and says so', () => {
    const usage = { input_tokens: 1, output_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 100 } };
    expect(usageFromAnthropic({ ...usage, cache_creation_input_tokens: 150 })).toMatchObject({
      usage: { cacheWriteLongTokens: 100, cacheWriteShortTokens: 50 },
      flags: ['total_mismatch'],
    });
    expect(usageFromAnthropic({ ...usage, cache_creation_input_tokens: 40 })).toMatchObject({
      usage: { cacheWriteLongTokens: 100, cacheWriteShortTokens: 0 },
      flags: ['total_mismatch'],
    });
  });

  it('clamps thinking to the output and flags what is no count', () => {
    expect(
      usageFromAnthropic({ input_tokens: -3, output_tokens: 5, output_tokens_details: { thinking_tokens: 9 } }),
    ).toMatchObject({
      usage: { freshInputTokens: 0, outputTokens: 0, reasoningTokens: 5 },
      flags: ['invalid_count', 'reasoning_exceeds_completion'],
    });
    expect(usageFromAnthropic({ input_tokens: 4 })).toMatchObject({ flags: ['missing_completion_tokens'] });
    expect(usageFromAnthropic({ output_tokens: 4 })).toMatchObject({ flags: ['missing_prompt_tokens'] });
  });

  it('counts every reported token on exactly one axis', () => {
    const tokens = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, tokens, (input, read, short, long, output, thinking) => {
        const usage = usageFromAnthropic({
          input_tokens: input,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: short + long,
          cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
          output_tokens: output,
          output_tokens_details: { thinking_tokens: thinking },
        })?.usage;
        expect(usage && promptTokensOf(usage)).toBe(input + read + short + long);
        expect(usage && usage.outputTokens + usage.reasoningTokens).toBe(output);
      }),
    );
  });

  it('names the region that a request was bound to, and none for what may run anywhere', () => {
    const regionOf = (geo: unknown) => usageFromAnthropic({ input_tokens: 1, inference_geo: geo })?.usage.region;
    expect(regionOf('us')).toBe('us');
    for (const geo of ['global', 'not_available', undefined, null, '', 'U S', 5]) expect(regionOf(geo)).toBeUndefined();
  });

  it('says when tools of Anthropic’s own are on the bill, which is not counted in tokens', () => {
    const flagsOf = (counts: unknown) =>
      usageFromAnthropic({ input_tokens: 1, output_tokens: 1, server_tool_use: counts })?.flags;
    expect(flagsOf({ web_search_requests: 2 })).toEqual(['billed_beside_tokens']);
    expect(flagsOf({ web_search_requests: 0 })).toEqual([]);
    expect(flagsOf(null)).toEqual([]);
  });

  it('never throws, and never gives a negative count, whatever a server sends', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('input_tokens', 'output_tokens', 'cache_creation'), fc.jsonValue()),
        (json) => {
          const usage = usageFromAnthropic(json)?.usage;
          for (const value of Object.values(usage ?? {})) expect(value).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
