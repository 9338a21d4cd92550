import { capabilityNames, factsOf } from './model-facts';
import data from './model-facts.json';

describe('the list of facts', () => {
  it('names a model once for each provider, with sources that it describes and a day', () => {
    const names = data.models.flatMap(({ provider, models }) => models.map((model) => `${provider}/${model}`));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
    const described = Object.keys(data.sources);
    for (const { sources, readOn } of data.models) {
      expect(sources.length).toBeGreaterThan(0);
      expect(sources.filter((source) => !described.includes(source))).toEqual([]);
      expect(readOn).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });

  it('has sizes that can be, and only capabilities that there are', () => {
    for (const { models, contextTokens, maxOutputTokens, capabilities } of data.models) {
      expect([models, contextTokens >= maxOutputTokens, maxOutputTokens > 0]).toEqual([models, true, true]);
      expect(capabilities.filter((name) => !(capabilityNames as readonly string[]).includes(name))).toEqual([]);
      expect(new Set(capabilities).size).toBe(capabilities.length);
    }
  });

  it('gives a quality only with its benchmark and its source, and one benchmark for all but the mock', () => {
    const figures = data.models.flatMap(({ provider, quality }) => (quality ? [{ provider, ...quality }] : []));
    expect(figures.length).toBeGreaterThan(20);
    for (const { provider, value, benchmark, source, readOn } of figures) {
      expect(value > 0 && value < 1).toBe(true);
      expect(benchmark).toMatch(provider === 'mock' ? /^assumed for the mock$/ : /^MMLU-Pro/);
      expect(source.length).toBeGreaterThan(10);
      expect(readOn).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });
});

describe('factsOf', () => {
  it('knows what a model can take, give and do', () => {
    expect(factsOf('openai', 'gpt-4o')).toMatchObject({
      contextTokens: 128_000,
      maxOutputTokens: 16_384,
      capabilities: {
        tools: true,
        vision: true,
        audio: false,
        jsonMode: true,
        jsonSchema: true,
        reasoning: false,
        logprobs: true,
      },
      quality: { value: 0.726 },
      source: expect.stringContaining('LiteLLM'),
    });
  });

  it.each([
    ['a dated name', 'openai', 'gpt-4o-2024-11-20', 16_384],
    ['a dated name with facts of its own', 'openai', 'gpt-4o-2024-05-13', 4_096],
    ['a prefix', 'openai', 'openai/gpt-4o-mini', 16_384],
    ['another spelling', 'OpenAI', 'GPT-4o', 16_384],
    ["Anthropic's way of dating", 'anthropic', 'claude-sonnet-4-5-20250929', 64_000],
    ["the provider's other name", 'gemini', 'gemini-3.5-flash', 65_536],
    ['the mock in the place of OpenAI', 'mock', 'gpt-4.1', 32_768],
    ["the mock's own", 'mock', 'mock-premium', 16_384],
    ['open weights with an organisation', 'vllm', 'meta-llama/Llama-3.3-70B-Instruct', 131_072],
    ['open weights in another number format', 'vllm', 'RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic', 131_072],
    ['open weights behind an OpenAI-compatible server', 'openai', 'Qwen/Qwen2.5-72B-Instruct-AWQ', 32_768],
  ])('understands %s', (_what, provider, model, maxOutputTokens) => {
    expect(factsOf(provider, model)?.maxOutputTokens).toBe(maxOutputTokens);
  });

  it.each([
    ['openai', 'gpt-4o-audio-preview'],
    ['openai', 'my-gpt-4o'],
    ['vllm', 'gpt-4o'],
    ['vllm', 'someone/Llama-3.1-8B-Instruct-uncensored'],
    ['', ''],
  ])('knows nothing of %s %s', (provider, model) => expect(factsOf(provider, model)).toBeUndefined());

  it('takes a fine-tuned model for as able as its base, but says nothing of its quality', () => {
    const tuned = factsOf('openai', 'ft:gpt-4o-2024-08-06:org:name:id');
    expect(tuned).toMatchObject({ contextTokens: 128_000, capabilities: { tools: true } });
    expect(tuned).not.toHaveProperty('quality');
  });
});
