import { createLogger } from '@costlane/platform';
import { createPriceCatalog } from '../price-catalog';
import lists from './auto-models.json';
import { autoChoiceOf } from './auto-choice';
import { factsOf } from './model-facts';
import { operatorSource } from './merge-facts';

const entries = Object.entries(lists).flatMap(([provider, byTier]) =>
  typeof byTier === 'string'
    ? []
    : Object.values(byTier).flatMap((models) => models.map((model) => ({ provider, model }))),
);

describe('what auto chooses from', () => {
  it('is models of which we know what they can do, each once', () => {
    expect(entries.length).toBeGreaterThan(30);
    expect(entries.filter(({ provider, model }) => !factsOf(provider, model)?.capabilities)).toEqual([]);
    expect(new Set(entries.map(({ provider, model }) => `${provider}/${model}`)).size).toBe(entries.length);
  });

  it('has for each provider a model in each tier that it names, with a price', () => {
    const prices = createPriceCatalog({ logger: createLogger({ service: 'spec', level: 'silent' }) });
    for (const [provider, byTier] of Object.entries(lists)) {
      if (typeof byTier === 'string') continue;
      for (const [tier, models] of Object.entries(byTier)) {
        const priced = (models as string[]).filter((model) => prices.find({ provider, model }).ok);
        if (tier !== 'byPrice') expect([provider, tier, priced.length > 0]).toEqual([provider, tier, true]);
      }
    }
    prices.close();
  });

  it.each([
    ['openai', 'gpt-4o-mini', { tier: 'economy' }],
    ['openai', 'GPT-5.5', { tier: 'premium' }],
    ['anthropic', 'claude-fable-5', {}],
    ['gemini', 'gemini-3.5-flash', { tier: 'standard' }],
    ['openai', 'gpt-4', undefined],
    ['openai', 'gpt-4o-mini-2024-07-18', undefined],
    ['mock', 'gpt-4o-mini', undefined],
    ['mock', 'mock-premium', { tier: 'premium' }],
    ['vllm', 'meta-llama/Llama-3.3-70B-Instruct', {}],
    ['vllm', 'a-stranger', undefined],
  ])('%s/%s: %j', (provider, model, choice) => {
    expect(autoChoiceOf(provider, model)).toEqual(choice);
  });

  it('takes what the operator has given a tier or a quality', () => {
    const facts = { contextTokens: 0, maxOutputTokens: 0, source: '', readOn: '' };
    expect(autoChoiceOf('openai', 'ft:mine', { ...facts, tier: 'premium' })).toEqual({});
    const figure = { value: 0.5, benchmark: '', source: operatorSource, readOn: '' };
    expect(autoChoiceOf('vllm', 'mine', { ...facts, quality: figure })).toEqual({});
    expect(autoChoiceOf('vllm', 'mine', facts)).toBeUndefined();
  });
});
