import { createPriceCatalog } from '@costlane/pricing';
import { isChatModel } from './chat-models';
import type { ProviderPlan } from './plan-providers';
import { servedModels } from './served-models';

const catalog = createPriceCatalog();
afterAll(() => catalog.close());

const mock: ProviderPlan = { provider: 'mock', models: 'catalogue' };
const openai: ProviderPlan = { provider: 'openai', models: 'catalogue' };
const anthropic: ProviderPlan = { provider: 'anthropic', models: 'catalogue' };
const google: ProviderPlan = { provider: 'google', models: 'catalogue' };
const cohere: ProviderPlan = { provider: 'cohere', models: 'catalogue' };
const vllm: ProviderPlan = { provider: 'vllm', models: 'discovered', baseUrl: 'http://gpu/v1', fallback: 'none' };
const proxy: ProviderPlan = {
  provider: 'openai',
  models: 'discovered',
  baseUrl: 'http://proxy/v1',
  fallback: 'catalogue',
};
const nothing = () => undefined;

describe('servedModels', () => {
  it('the mock serves the names of OpenAI, at its prices, and its own', () => {
    const served = servedModels([mock], catalog, nothing);
    expect(served.get('gpt-4o-mini')).toMatchObject({
      provider: 'mock',
      tier: 'economy',
      upstreamModel: 'gpt-4o-mini',
    });
    expect(served.get('gpt-4o-mini')?.price?.perMillion).toMatchObject({ freshInput: '0.15', output: '0.6' });
    expect(['mock-economy', 'mock-standard', 'mock-premium'].map((name) => served.get(name)?.tier)).toEqual([
      'economy',
      'standard',
      'premium',
    ]);
    expect([...served.values()].filter((model) => !model.price)).toEqual([]);
  });

  it('OpenAI serves its own chat models, and no others of its list', () => {
    const served = servedModels([openai], catalog, nothing);
    expect(served.get('gpt-4o')?.provider).toBe('openai');
    expect(served.get('gpt-5-chat-latest')?.price).toBeDefined();
    for (const name of ['mock-economy', 'whisper-1', 'gpt-4o-audio-preview', 'o1-pro']) {
      expect(served.has(name)).toBe(false);
    }
  });

  it('OpenAI and the mock offer embedding models as what they are', () => {
    for (const plan of [openai, mock]) {
      const served = servedModels([plan], catalog, nothing);
      for (const name of ['text-embedding-3-small', 'text-embedding-3-large', 'text-embedding-ada-002']) {
        expect(served.get(name)).toMatchObject({ kind: 'embedding', provider: plan.provider });
        expect(served.get(name)?.price).toBeDefined();
      }
      expect(served.get('gpt-4o')?.kind).toBeUndefined();
    }
  });

  it.each([
    ['BAAI/bge-m3', 'embedding'],
    ['intfloat/e5-mistral-7b-instruct', 'embedding'],
    ['Qwen/Qwen3-Embedding-8B', 'embedding'],
    ['Alibaba-NLP/gte-Qwen2-7B-instruct', 'embedding'],
    ['meta-llama/Llama-3.1-8B-Instruct', undefined],
    ['google/gemma-3-27b', undefined],
  ])('a server of its own that lists %s has a model of the kind %s', (name, kind) => {
    const served = servedModels([vllm], catalog, () => [{ name, contextTokens: 8_192 }]);
    expect(served.get(name)?.kind).toBe(kind);
  });

  it('Anthropic serves the Claude models that it still has, with prices of their caches', () => {
    const served = servedModels([openai, anthropic], catalog, nothing);
    expect(served.get('claude-sonnet-4-5')).toMatchObject({
      provider: 'anthropic',
      upstreamModel: 'claude-sonnet-4-5',
    });
    expect(served.get('claude-sonnet-4-5')?.price?.perMillion).toMatchObject({
      cacheWriteShort: '3.75',
      cacheWriteLong: '6',
    });
    expect(served.get('gpt-4o')?.provider).toBe('openai');
    const claude = [...served.values()].filter(({ provider }) => provider === 'anthropic');
    expect(claude.filter(({ name, price }) => !name.startsWith('claude-') || !price)).toEqual([]);
    for (const name of ['claude-2', 'claude-v1', 'claude-3-opus-latest', 'claude-opus-4-0'])
      expect(served.has(name)).toBe(false);
  });

  it('Cohere serves its models under the names that its API takes, each with a price', () => {
    const served = servedModels([cohere], catalog, nothing);
    expect([...served.keys()].sort()).toEqual([
      'c4ai-aya-expanse-32b',
      'command-a-03-2025',
      'command-r-08-2024',
      'command-r-plus-08-2024',
      'command-r7b-12-2024',
    ]);
    expect([...served.values()].filter(({ price, provider }) => !price || provider !== 'cohere')).toEqual([]);
    expect(served.get('command-a-03-2025')?.price?.perMillion).toMatchObject({ freshInput: '2.5', output: '10' });
  });

  it('Google serves the Gemini models that it still has, with prices of their caches', () => {
    const served = servedModels([google], catalog, nothing);
    expect(served.get('gemini-3.5-flash')).toMatchObject({ provider: 'google', upstreamModel: 'gemini-3.5-flash' });
    expect(served.get('gemini-3.5-flash')?.price?.perMillion).toMatchObject({ freshInput: '1.5', cacheRead: '0.15' });
    expect([...served.values()].filter(({ name, price }) => !name.startsWith('gemini-') || !price)).toEqual([]);
    for (const name of [
      'gemini-2.5-flash-lite',
      'gemini-3-flash-preview',
      'gemini-3.1-pro-preview',
      'gemini-3.8-flash',
    ])
      expect(served.has(name)).toBe(true);
    for (const name of ['gemini-2.0-flash', 'gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-3-pro-image-preview'])
      expect(served.has(name)).toBe(false);
  });

  it('a server has the models that it lists, priced where the catalogue knows them', () => {
    const listed = [
      { name: 'gpt-4o', contextTokens: 0 },
      { name: 'house-model', contextTokens: 4_096 },
    ];
    const served = servedModels([proxy], catalog, () => listed);
    expect([...served.keys()]).toEqual(['gpt-4o', 'house-model']);
    expect(served.get('gpt-4o')?.price).toBeDefined();
    expect(served.get('house-model')).toMatchObject({ contextTokens: 4_096, tier: 'standard' });
    expect(served.get('house-model')?.price).toBeUndefined();
  });

  it('what a model can take, give and do comes from the facts, and how much a server holds from the server', () => {
    const served = servedModels([openai, anthropic, google], catalog, nothing);
    expect(served.get('gpt-4o')).toMatchObject({
      contextTokens: 128_000,
      maxOutputTokens: 16_384,
      capabilities: { tools: true, vision: true, audio: false, reasoning: false },
      quality: 0.726,
    });
    expect(served.get('claude-sonnet-4-5')?.capabilities).toMatchObject({ jsonMode: false, jsonSchema: true });
    const listed = [{ name: 'meta-llama/Llama-3.3-70B-Instruct', contextTokens: 16_384 }];
    const llama = servedModels([vllm], catalog, () => listed).get('meta-llama/Llama-3.3-70B-Instruct');
    expect(llama).toMatchObject({ contextTokens: 16_384, maxOutputTokens: 16_384, quality: 0.689 });
  });

  it('hardly a model of the catalogue is without facts', () => {
    for (const plan of [mock, openai, anthropic, google]) {
      const strangers = [...servedModels([plan], catalog, nothing).values()].filter(
        ({ kind, capabilities, maxOutputTokens }) => kind !== 'embedding' && (!capabilities || maxOutputTokens === 0),
      );
      expect(strangers.map(({ name }) => name).filter((name) => name !== 'gpt-5.5-chat-latest')).toEqual([]);
    }
  });

  it('a model of which nothing is known has no capabilities, which is not the same as none of them', () => {
    const house = servedModels([vllm], catalog, () => [{ name: 'house-model', contextTokens: 0 }]).get('house-model');
    expect(house).toEqual({
      name: 'house-model',
      provider: 'vllm',
      upstreamModel: 'house-model',
      tier: 'standard',
      contextTokens: 0,
      maxOutputTokens: 0,
    });
  });

  it('a server that never listed anything has the models of the catalogue, or none', () => {
    expect(servedModels([proxy], catalog, nothing).has('gpt-4o')).toBe(true);
    expect(servedModels([vllm], catalog, nothing).size).toBe(0);
  });

  it('a name that two providers serve goes to the earlier one', () => {
    const served = servedModels([vllm, mock], catalog, () => [{ name: 'gpt-4o', contextTokens: 0 }]);
    expect(served.get('gpt-4o')?.provider).toBe('vllm');
    expect(served.get('gpt-4o-mini')?.provider).toBe('mock');
  });
});

describe('isChatModel', () => {
  it.each([
    'gpt-4o',
    'gpt-4o-2024-05-13',
    'gpt-4.1-nano',
    'gpt-5',
    'o1',
    'o3-mini',
    'chatgpt-4o-latest',
    'ft:gpt-4o-mini:org:name:id',
  ])('takes %s', (name) => expect(isChatModel(name)).toBe(true));

  it.each([
    'gpt-image-1',
    'gpt-4o-transcribe',
    'gpt-3.5-turbo-instruct',
    'gpt-5-pro',
    'gpt-5.1-codex-mini',
    'ft:gpt-4o',
    'davinci',
  ])('leaves out %s', (name) => expect(isChatModel(name)).toBe(false));

  it('relies on chat completions alone where another server stands in OpenAI’s place', () => {
    const other: ProviderPlan = { provider: 'openai', models: 'discovered', baseUrl: 'http://x/v1', fallback: 'none' };
    const models = servedModels([other], catalog, () => [{ name: 'm', contextTokens: 0 }]);
    expect(models.get('m')?.isChatOnly).toBe(true);
    expect(servedModels([vllm], catalog, () => [{ name: 'm', contextTokens: 0 }]).get('m')?.isChatOnly).toBe(undefined);
  });
});
