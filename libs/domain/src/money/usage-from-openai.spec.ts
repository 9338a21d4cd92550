import fc from 'fast-check';
import { usageTotals } from './token-usage';
import { usageFromOpenAi } from './usage-from-openai';

describe('usageFromOpenAi', () => {
  it('takes cached tokens out of the prompt and reasoning out of the completion (chat)', () => {
    const normalised = usageFromOpenAi({
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 192, audio_tokens: 0, accepted_prediction_tokens: 0 },
    });
    expect(normalised).toEqual({
      usage: {
        freshInputTokens: 86,
        cacheReadTokens: 1920,
        cacheWriteShortTokens: 0,
        cacheWriteLongTokens: 0,
        outputTokens: 108,
        reasoningTokens: 192,
      },
      flags: [],
    });
  });

  it('reads the words of the responses API, cache writes included', () => {
    const usage = {
      input_tokens: 5000,
      input_tokens_details: { cached_tokens: 1024, cache_write_tokens: 3072 },
      output_tokens: 40,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 5040,
    };
    expect(usageFromOpenAi(usage)?.usage).toMatchObject({
      freshInputTokens: 904,
      cacheReadTokens: 1024,
      cacheWriteShortTokens: 3072,
      cacheWriteLongTokens: 0,
      outputTokens: 40,
    });
    expect(usageFromOpenAi(usage, { cacheWriteLifetime: 'long' })?.usage).toMatchObject({
      cacheWriteShortTokens: 0,
      cacheWriteLongTokens: 3072,
    });
  });

  it('takes null details as none', () => {
    const normalised = usageFromOpenAi({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: null,
      completion_tokens_details: null,
    });
    expect(normalised).toMatchObject({ usage: { freshInputTokens: 10, outputTokens: 5 }, flags: [] });
  });

  it('reads an embedding, which has no completion, without a flag', () => {
    expect(usageFromOpenAi({ prompt_tokens: 8, total_tokens: 8 })).toMatchObject({
      usage: { freshInputTokens: 8, outputTokens: 0 },
      flags: [],
    });
  });

  it.each([undefined, null, 'usage', 7, [], {}])('says that there is no usage for %p', (value) => {
    expect(usageFromOpenAi(value)).toBeUndefined();
  });

  it('clamps cached tokens to the prompt and says so', () => {
    expect(
      usageFromOpenAi({ prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 99 } }),
    ).toMatchObject({ usage: { freshInputTokens: 0, cacheReadTokens: 10 }, flags: ['cached_exceeds_prompt'] });
  });

  it('clamps cache writes to what of the prompt was not read', () => {
    expect(
      usageFromOpenAi({
        prompt_tokens: 10,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens: 6, cache_write_tokens: 6 },
      }),
    ).toMatchObject({
      usage: { freshInputTokens: 0, cacheReadTokens: 6, cacheWriteShortTokens: 4 },
      flags: ['cache_write_exceeds_prompt'],
    });
  });

  it('clamps reasoning to the completion, unless the total shows that it came on top', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 50 } };
    expect(usageFromOpenAi({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, ...details })).toMatchObject({
      usage: { outputTokens: 0, reasoningTokens: 5 },
      flags: ['reasoning_exceeds_completion'],
    });
    expect(usageFromOpenAi({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 65, ...details })).toMatchObject({
      usage: { outputTokens: 5, reasoningTokens: 50 },
      flags: ['reasoning_outside_completion'],
    });
  });

  it('infers a missing half from the total, flagged', () => {
    expect(usageFromOpenAi({ prompt_tokens: 10, total_tokens: 25 })).toMatchObject({
      usage: { freshInputTokens: 10, outputTokens: 15 },
      flags: ['missing_completion_tokens'],
    });
    expect(usageFromOpenAi({ completion_tokens: 10, total_tokens: 25 })).toMatchObject({
      usage: { freshInputTokens: 15, outputTokens: 10 },
      flags: ['missing_prompt_tokens'],
    });
  });

  it('makes odd counts plausible and flags them', () => {
    const normalised = usageFromOpenAi({ prompt_tokens: -4, completion_tokens: 1e300 });
    expect(normalised).toMatchObject({
      usage: { freshInputTokens: 0, outputTokens: 1_000_000_000 },
      flags: ['invalid_count'],
    });
  });

  it('understands servers that count cache hits elsewhere', () => {
    const hits = {
      prompt_tokens: 100,
      completion_tokens: 1,
      prompt_cache_hit_tokens: 64,
      prompt_cache_miss_tokens: 36,
    };
    expect(usageFromOpenAi(hits)?.usage.cacheReadTokens).toBe(64);
    expect(
      usageFromOpenAi({ prompt_tokens: 100, completion_tokens: 1, cached_tokens: 32 })?.usage.cacheReadTokens,
    ).toBe(32);
  });

  it('splits audio and image tokens within their axes', () => {
    const normalised = usageFromOpenAi({
      prompt_tokens: 100,
      completion_tokens: 60,
      total_tokens: 160,
      prompt_tokens_details: { cached_tokens: 30, audio_tokens: 80, image_tokens: 5 },
      completion_tokens_details: { audio_tokens: 45, reasoning_tokens: 10 },
    });
    expect(normalised?.usage).toMatchObject({
      freshInputTokens: 70,
      cacheReadTokens: 30,
      outputTokens: 50,
      reasoningTokens: 10,
      modality: { audioInputTokens: 70, audioCacheReadTokens: 10, audioOutputTokens: 45, imageInputTokens: 0 },
    });
  });

  it('keeps the prompt and completion counts whatever the details claim', () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(count, count, count, count, count, (prompt, completion, cached, written, reasoning) => {
        const normalised = usageFromOpenAi({
          prompt_tokens: prompt,
          completion_tokens: completion,
          prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
          completion_tokens_details: { reasoning_tokens: reasoning },
        });
        const totals = normalised && usageTotals(normalised.usage);
        expect(totals).toEqual({
          promptTokens: prompt,
          completionTokens: completion,
          totalTokens: prompt + completion,
        });
        expect(Object.values(normalised?.usage ?? {}).every((tokens) => tokens >= 0)).toBe(true);
      }),
    );
  });

  it('never throws and never gives a negative or fractional count, whatever the JSON', () => {
    fc.assert(
      fc.property(
        fc.object({
          key: fc.constantFrom(
            'prompt_tokens',
            'completion_tokens',
            'total_tokens',
            'prompt_tokens_details',
            'cached_tokens',
            'audio_tokens',
            'reasoning_tokens',
            'completion_tokens_details',
          ),
        }),
        (json) => {
          const usage = usageFromOpenAi(json)?.usage;
          const { modality, ...axes } = usage ?? {};
          for (const tokens of [...Object.values(axes), ...Object.values(modality ?? {})]) {
            expect(Number.isSafeInteger(tokens) && tokens >= 0).toBe(true);
          }
        },
      ),
    );
  });
});
