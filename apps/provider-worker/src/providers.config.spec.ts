import { configSchema } from './config';
import { providersOf } from './providers.config';

const namesOf = (settings: Record<string, string>) =>
  providersOf(configSchema.parse(settings)).map(({ name, kind }) => `${name}:${kind}`);

describe('the providers of a worker', () => {
  it.each([
    ['nothing is configured', {}, ['mock:openai-compatible']],
    ["Anthropic's key is set", { ANTHROPIC_API_KEY: 'k' }, ['anthropic:anthropic']],
    ["Google's key is set", { GOOGLE_API_KEY: 'k' }, ['google:google']],
    ["Cohere's key is set", { COHERE_API_KEY: 'k' }, ['cohere:cohere']],
    ['its key is empty', { ANTHROPIC_API_KEY: '' }, ['mock:openai-compatible']],
    [
      'all of them are',
      {
        OPENAI_API_KEY: 'k',
        ANTHROPIC_API_KEY: 'k',
        GOOGLE_API_KEY: 'k',
        COHERE_API_KEY: 'k',
        VLLM_BASE_URL: 'http://gpu/v1',
      },
      ['openai:openai-compatible', 'anthropic:anthropic', 'google:google', 'cohere:cohere', 'vllm:openai-compatible'],
    ],
    [
      "another server stands in Anthropic's place and the mock is asked for",
      { ANTHROPIC_BASE_URL: 'http://proxy', MOCK_LLM: 'true' },
      ['anthropic:anthropic', 'mock:openai-compatible'],
    ],
    ["another server stands in Google's place", { GOOGLE_BASE_URL: 'http://proxy' }, ['google:google']],
    ["another server stands in Cohere's place", { COHERE_BASE_URL: 'http://proxy' }, ['cohere:cohere']],
  ])('when %s', (_when, settings, expected) => {
    expect(namesOf(settings as Record<string, string>)).toEqual(expected);
  });

  const one = (name: string, settings: Record<string, string>, env: NodeJS.ProcessEnv = {}) =>
    providersOf(configSchema.parse(settings), env).find((each) => each.name === name);

  it('have a deployment for each of several keys', () => {
    expect(one('openai', { OPENAI_API_KEY: 'a' })).toMatchObject({ apiKey: 'a' });
    expect(one('openai', { OPENAI_API_KEY: 'a' })?.deployments).toBeUndefined();
    expect(one('openai', { OPENAI_API_KEY: 'a, b,' })?.deployments).toEqual([
      { name: 'key-1', apiKey: 'a' },
      { name: 'key-2', apiKey: 'b' },
    ]);
  });

  const eu = '{"openai":[{"name":"eu","base_url":"https://eu.api.openai.com/v1","api_key_env":"EU","models":["m"]}]}';

  it('have further deployments by JSON, with keys from variables that it names', () => {
    const env = { EU: 'secret' };
    const expected = {
      name: 'eu',
      baseUrl: 'https://eu.api.openai.com/v1',
      apiKey: 'secret',
      weight: 1,
      models: ['m'],
    };
    const both = one('openai', { OPENAI_API_KEY: 'a', PROVIDER_DEPLOYMENTS: eu }, env);
    expect(both?.deployments).toEqual([{ name: 'key-1', apiKey: 'a' }, expected]);
    // Without a key of its own the provider is there all the same, and the mock steps back.
    expect(one('openai', { PROVIDER_DEPLOYMENTS: eu }, env)?.deployments).toEqual([expected]);
    expect(one('mock', { PROVIDER_DEPLOYMENTS: eu }, env)).toBeUndefined();
    expect(() => one('openai', { PROVIDER_DEPLOYMENTS: eu })).toThrow(/names EU as the variable with a key/);
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown provider', '{"nobody":[{"name":"a"}]}'],
    ['a key in plain sight', '{"openai":[{"name":"a","api_key":"secret"}]}'],
    ['a weight of nothing', '{"openai":[{"name":"a","weight":0}]}'],
    ['no deployments', '{"openai":[]}'],
    ['a base URL that is none', '{"openai":[{"name":"a","base_url":"eu"}]}'],
  ])('are not taken from %s', (_what, json) => {
    expect(configSchema.safeParse({ PROVIDER_DEPLOYMENTS: json }).success).toBe(false);
  });

  it('may be called on a private network where they are one’s own servers, and where the operator says so', () => {
    const urls = {
      VLLM_BASE_URL: 'http://vllm-0.gpu:8000/v1,http://10.0.0.5/v1',
      PROVIDER_ALLOWED_HOSTS: 'proxy, 10.1.0.0/16',
    };
    expect(one('vllm', urls)?.allowedHosts).toEqual(['proxy', '10.1.0.0/16', 'vllm-0.gpu', '10.0.0.5']);
    expect(one('mock', { MOCK_LLM_URL: 'http://mock-llm:8090' })?.allowedHosts).toEqual(['mock-llm']);
    expect(one('openai', { OPENAI_API_KEY: 'k' })?.allowedHosts).toEqual([]);
  });

  it('are called as the settings say', () => {
    const settings = {
      OPENAI_API_KEY: 'k',
      HEDGE_PRIORITIES: 'express,standard',
      HEDGE_MAX_SHARE: '0.01',
      PROVIDER_CONCURRENCY_INITIAL: '2000',
      PROVIDER_FIRST_TOKEN_TIMEOUT_MS: '8000',
      SERVICE_TIER_FLEX_MIN_MINUTES: '0',
    };
    expect(one('openai', settings)).toMatchObject({
      hedge: { maxShare: 0.01, priorities: ['express', 'standard'] },
      concurrency: { initialLimit: 2_000, maxLimit: 2_000 },
      firstTokenTimeoutMs: 8_000,
      flexMinMs: 0,
    });
    expect(one('openai', { OPENAI_API_KEY: 'k', HEDGE_PRIORITIES: 'none' })?.hedge?.priorities).toEqual([]);
    expect(configSchema.safeParse({ HEDGE_PRIORITIES: 'urgent' }).success).toBe(false);
  });
});
