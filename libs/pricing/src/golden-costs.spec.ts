import { costOfUsage, formatUsd, usageFromOpenAi } from '@costlane/domain';
import { createPriceCatalog } from './price-catalog';

/** Prices as of this day; later ones in the list do not change what is expected here. */
const at = Date.parse('2026-11-01T12:00:00Z');
const catalog = createPriceCatalog();
afterAll(() => catalog.close());

function costOf(model: string, usageJson: unknown, serviceTier?: string, cacheWriteLifetime?: 'short' | 'long') {
  const found = catalog.find({ provider: 'openai', model, at });
  const normalised = usageFromOpenAi(usageJson, { cacheWriteLifetime });
  if (!found.ok || !normalised) throw new Error(`No price or no usage for ${model}`);
  expect(normalised.flags).toEqual([]);
  return costOfUsage(normalised.usage, found.value.price, { serviceTier });
}

/** Replies of OpenAI's API, costs reckoned by hand. Nano-dollars a token are dollars per million × 1,000. */
describe('what OpenAI charges', () => {
  it('for a plain chat completion', () => {
    const usage = {
      prompt_tokens: 19,
      completion_tokens: 10,
      total_tokens: 29,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 0,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    };
    // gpt-4o-mini: $0.15 in, $0.60 out. 19 × 150 + 10 × 600 = 2,850 + 6,000
    const cost = costOf('gpt-4o-mini-2024-07-18', usage, 'default');
    expect(cost.totalNanoUsd).toBe(8_850);
    expect(formatUsd(cost.totalNanoUsd)).toBe('0.000008850');
  });

  it('for a prompt that was mostly cached', () => {
    const usage = {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920 },
      completion_tokens_details: { reasoning_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    };
    // gpt-4o: $2.50 in, $1.25 cached, $10 out. 86 × 2,500 + 1,920 × 1,250 + 300 × 10,000 = 215,000 + 2,400,000 + 3,000,000
    expect(costOf('gpt-4o-2024-08-06', usage).totalNanoUsd).toBe(5_615_000);
  });

  it('for reasoning, at the output price and once', () => {
    const usage = {
      input_tokens: 75,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 1186,
      output_tokens_details: { reasoning_tokens: 1024 },
      total_tokens: 1261,
    };
    // o4-mini: $1.10 in, $4.40 out. 75 × 1,100 = 82,500; 162 × 4,400 = 712,800; 1,024 × 4,400 = 4,505,600
    const cost = costOf('o4-mini-2025-04-16', usage);
    expect(cost.byAxis).toMatchObject({ freshInputTokens: 82_500, outputTokens: 712_800, reasoningTokens: 4_505_600 });
    expect(cost.totalNanoUsd).toBe(5_300_900);
  });

  it('for flex processing, half of everything once', () => {
    const usage = {
      prompt_tokens: 1200,
      completion_tokens: 500,
      total_tokens: 1700,
      prompt_tokens_details: { cached_tokens: 1024, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 320, audio_tokens: 0 },
    };
    // gpt-5-mini: $0.25, $0.025, $2; half of it: 176 × 125 + 1,024 × 12.5 + 500 × 1,000 = 22,000 + 12,800 + 500,000
    expect(costOf('gpt-5-mini-2025-08-07', usage, 'flex').totalNanoUsd).toBe(534_800);
  });

  it('for priority processing, by its own list', () => {
    const usage = { prompt_tokens: 1117, completion_tokens: 46, total_tokens: 1163 };
    // gpt-4.1 at priority: $3.50 in, $14 out. 1,117 × 3,500 + 46 × 14,000 = 3,909,500 + 644,000
    expect(costOf('gpt-4.1-2025-04-14', usage, 'priority')).toMatchObject({ totalNanoUsd: 4_553_500, assumptions: [] });
  });

  it('for a line of a batch, half price', () => {
    const usage = { prompt_tokens: 22, completion_tokens: 2, total_tokens: 24 };
    // gpt-4o-mini halved: 22 × 75 + 2 × 300 = 1,650 + 600
    expect(costOf('gpt-4o-mini', usage, 'batch').totalNanoUsd).toBe(2_250);
  });

  it('for a prompt above 272K tokens, twice the input and half as much again for the output', () => {
    const usage = (input: number) => ({
      input_tokens: input,
      input_tokens_details: { cached_tokens: 250_000, cache_write_tokens: 0 },
      output_tokens: 1_000,
      output_tokens_details: { reasoning_tokens: 600 },
      total_tokens: input + 1_000,
    });
    // gpt-6-sol: $2, $0.20, $10. 22,000 × 2,000 + 250,000 × 200 + 1,000 × 10,000 = 44,000,000 + 50,000,000 + 10,000,000
    expect(costOf('gpt-6-sol', usage(272_000)).totalNanoUsd).toBe(104_000_000);
    // above: $4, $0.40, $15. 22,001 × 4,000 + 250,000 × 400 + 1,000 × 15,000 = 88,004,000 + 100,000,000 + 15,000,000
    expect(costOf('gpt-6-sol', usage(272_001)).totalNanoUsd).toBe(203_004_000);
    // and halved as flex: 22,001 × 2,000 + 250,000 × 200 + 1,000 × 7,500
    expect(costOf('gpt-6-sol', usage(272_001), 'flex').totalNanoUsd).toBe(101_502_000);
  });

  it('for writing a prompt into its cache, by how long it is kept', () => {
    const usage = {
      input_tokens: 5_000,
      input_tokens_details: { cached_tokens: 1_024, cache_write_tokens: 3_072 },
      output_tokens: 40,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 5_040,
    };
    // gpt-6-luna: $0.10, read $0.01, write $0.125 (minutes) or $0.25 (hours), out $0.50.
    // 904 × 100 + 1,024 × 10 + 3,072 × 125 + 40 × 500 = 90,400 + 10,240 + 384,000 + 20,000
    expect(costOf('gpt-6-luna', usage).totalNanoUsd).toBe(504_640);
    // 90,400 + 10,240 + 3,072 × 250 + 20,000
    expect(costOf('gpt-6-luna', usage, undefined, 'long').totalNanoUsd).toBe(888_640);
  });

  it('for a stream, from the usage of its last chunk', () => {
    const lastChunk =
      'data: {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,' +
      '"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[],' +
      '"usage":{"prompt_tokens":8,"completion_tokens":806,"total_tokens":814,"prompt_tokens_details":' +
      '{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,' +
      '"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}';
    const chunk = JSON.parse(lastChunk.slice('data: '.length)) as {
      model: string;
      service_tier: string;
      usage: unknown;
    };
    // 8 × 150 + 806 × 600 = 1,200 + 483,600
    expect(costOf(chunk.model, chunk.usage, chunk.service_tier).totalNanoUsd).toBe(484_800);
  });

  it('for an embedding', () => {
    // text-embedding-3-small: $0.02. 8 × 20
    expect(costOf('text-embedding-3-small', { prompt_tokens: 8, total_tokens: 8 }).totalNanoUsd).toBe(160);
  });

  it('for spoken answers, text and audio apart', () => {
    const usage = {
      prompt_tokens: 17,
      completion_tokens: 142,
      total_tokens: 159,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 110 },
    };
    // gpt-audio: $2.50 in, $10 out, $64 audio out. 17 × 2,500 + 32 × 10,000 + 110 × 64,000 = 42,500 + 320,000 + 7,040,000
    expect(costOf('gpt-audio', usage).totalNanoUsd).toBe(7_402_500);
  });
});
