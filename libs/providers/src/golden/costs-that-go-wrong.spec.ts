import {
  costOfUsage,
  emptyUsage,
  usageFromAnthropic,
  usageFromCohere,
  usageFromGemini,
  usageFromOpenAi,
  usageTotals,
  type TokenUsage,
} from '@costlane/domain';
import fc from 'fast-check';
import { openAiUsage } from '../translation/openai-usage';
import { priceOf, readCases } from './read-golden';

/** Ways in which gateways have been known to get a bill wrong, each as what has to hold instead, for any usage. */

const tokens = fc.nat(2_000_000);
const some = fc.integer({ min: 1, max: 2_000_000 });

function goldenPrice(provider: string, name: string) {
  const golden = readCases(provider).find(({ price }) => price === name);
  const price = golden && priceOf(golden);
  if (!price) throw new Error(`no price is called ${name}`);
  return price;
}

const opus = goldenPrice('anthropic', 'anthropic/claude-opus-4-8');
const sol = goldenPrice('openai', 'openai/gpt-6-sol');
const mini = goldenPrice('openai', 'openai/gpt-5-mini');
const cost = (usage: Partial<TokenUsage>, price = opus, serviceTier?: string): number =>
  costOfUsage({ ...emptyUsage, ...usage }, price, serviceTier === undefined ? {} : { serviceTier }).totalNanoUsd;

describe('a bill', () => {
  it('has cached tokens at their own price, below that of fresh ones, and writes at theirs, above it', () => {
    fc.assert(
      fc.property(some, (count) => {
        const fresh = cost({ freshInputTokens: count });
        expect(cost({ cacheReadTokens: count })).toBe(fresh / 10);
        expect(cost({ cacheWriteShortTokens: count })).toBe((fresh * 5) / 4);
        expect(cost({ cacheWriteLongTokens: count })).toBe(fresh * 2);
      }),
    );
  });

  it('has the prompt and the visible answer beside the reasoning, and the reasoning once', () => {
    fc.assert(
      fc.property(some, some, some, (prompt, visible, reasoning) => {
        const reported = {
          prompt_tokens: prompt,
          completion_tokens: visible + reasoning,
          total_tokens: prompt + visible + reasoning,
          completion_tokens_details: { reasoning_tokens: reasoning },
        };
        const usage = usageFromOpenAi(reported)?.usage ?? emptyUsage;
        expect(cost(usage, mini)).toBe(prompt * 250 + (visible + reasoning) * 2_000);
      }),
    );
  });

  it('has flex and batch at half, and not at half of half or at the double, above a band as well', () => {
    fc.assert(
      fc.property(fc.record({ freshInputTokens: tokens, cacheReadTokens: tokens, outputTokens: tokens }), (usage) => {
        for (const tier of ['flex', 'batch']) expect(cost(usage, sol, tier)).toBe(cost(usage, sol) / 2);
      }),
    );
  });

  it('has every token once, whatever the provider counts into what', () => {
    fc.assert(
      fc.property(some, some, tokens, tokens, tokens, (input, output, read, write, thinking) => {
        const cached = Math.min(read, input);
        const written = Math.min(write, input - cached);
        const thought = Math.min(thinking, output);
        const openAi = usageFromOpenAi({
          prompt_tokens: input,
          completion_tokens: output,
          prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
          completion_tokens_details: { reasoning_tokens: thought },
        });
        const anthropic = usageFromAnthropic({
          input_tokens: input - cached - written,
          cache_read_input_tokens: cached,
          cache_creation_input_tokens: written,
          output_tokens: output,
          output_tokens_details: { thinking_tokens: thought },
        });
        const gemini = usageFromGemini({
          promptTokenCount: input,
          cachedContentTokenCount: cached,
          candidatesTokenCount: output - thought,
          thoughtsTokenCount: thought,
        });
        const units = { input_tokens: input, output_tokens: output };
        const cohere = usageFromCohere({ billed_units: units, tokens: units, cached_tokens: cached });
        for (const read of [openAi, anthropic, gemini, cohere]) {
          expect(usageTotals(read?.usage ?? emptyUsage)).toEqual({
            promptTokens: input,
            completionTokens: output,
            totalTokens: input + output,
          });
          expect(read?.usage.cacheReadTokens).toBe(cached);
        }
        expect(openAi?.usage.cacheWriteShortTokens).toBe(written);
        expect(anthropic?.usage.cacheWriteShortTokens).toBe(written);
      }),
    );
  });

  it('is the same in the words of the provider and in those that the client is told', () => {
    const usage = fc.record({
      freshInputTokens: tokens,
      cacheReadTokens: tokens,
      cacheWriteShortTokens: tokens,
      cacheWriteLongTokens: fc.constant(0),
      outputTokens: tokens,
      reasoningTokens: tokens,
    });
    fc.assert(
      fc.property(usage, (own) => {
        const told = usageFromOpenAi(openAiUsage(own));
        expect(told?.usage).toEqual(own);
        expect(cost(told?.usage ?? emptyUsage)).toBe(cost(own));
      }),
    );
  });

  it('grows with every token, on whichever axis it is', () => {
    fc.assert(
      fc.property(
        fc.record({ freshInputTokens: tokens, cacheReadTokens: tokens, outputTokens: tokens, reasoningTokens: tokens }),
        fc.constantFrom('freshInputTokens', 'cacheReadTokens', 'outputTokens', 'reasoningTokens'),
        (usage, axis) => expect(cost({ ...usage, [axis]: usage[axis] + 1 }, sol)).toBeGreaterThan(cost(usage, sol)),
      ),
    );
  });
});
