import { parseConfig } from '@costlane/platform';
import { configSchema } from './config';
import { planProviders } from './models/plan-providers';

const config = (env: NodeJS.ProcessEnv) => parseConfig(configSchema, { env, directory: '/nonexistent' });
const providers = (env: NodeJS.ProcessEnv) =>
  planProviders(config(env)).map(({ provider, models }) => `${provider}:${models}`);

describe('router config', () => {
  it('starts without any setting', () => {
    expect(config({ PATH: '/bin' })).toMatchObject({ httpHost: '127.0.0.1', httpPort: 8002, grpcPort: 50_053 });
  });

  it('takes the first of several keys, and says what is wrong with the list of deployments', () => {
    expect(config({ OPENAI_API_KEY: ' a , b' }).openAiApiKey).toBe('a');
    expect(() => config({ PROVIDER_DEPLOYMENTS: '[' })).toThrow(/PROVIDER_DEPLOYMENTS.*JSON/);
  });

  it('reads how a model is chosen, and says what is wrong', () => {
    const { routing, secureModels } = config({
      ROUTING_RULES: '[{"id":"law","keywords":["contract"],"tier":"premium"}]',
      ROUTING_COMPLEXITY_WEIGHTS: '{"length":1}',
      ROUTING_MODELS: 'a, b',
      COST_WEIGHT: '0.5',
      SECURE_MODELS: 'own',
      DEFAULT_MODEL: 'gpt-4o',
    });
    expect(routing).toMatchObject({
      rules: [{ id: 'law', tier: 'premium' }],
      complexityWeights: { length: 1, reasoning: 0.3 },
      autoModels: ['a', 'b'],
      costWeight: 0.5,
      isUnnamedRouted: false,
    });
    expect([...secureModels]).toEqual(['own']);
    expect(config({}).routing.isUnnamedRouted).toBe(true);
    for (const rules of ['{', '[{"id":"x","keywords":["y"]}]', '[{"id":"x","keywords":[],"tier":"premium"}]'])
      expect(() => config({ ROUTING_RULES: rules })).toThrow(/ROUTING_RULES/);
  });

  it('gathers the switches of models', () => {
    const { modelSwitches } = config({ MODELS_GPT_4O_ENABLED: 'false', MODELS_O1_ENABLED: '1', MODELS_X: 'true' });
    expect([...modelSwitches]).toEqual([
      ['GPT_4O', false],
      ['O1', true],
    ]);
  });

  it('names the field that is wrong', () => {
    expect(() => config({ MODELS_GPT_4O_ENABLED: 'perhaps' })).toThrow(/MODELS_GPT_4O_ENABLED: must be true or false/);
    expect(() => config({ MOCK_LLM: 'perhaps' })).toThrow(/MOCK_LLM/);
    expect(() => config({ VLLM_BASE_URL: 'file:///etc/passwd' })).toThrow(/VLLM_BASE_URL/);
    expect(() => config({ ROUTER_GRPC_PORT: 'x' })).toThrow(/ROUTER_GRPC_PORT/);
  });
});

describe('planProviders', () => {
  it.each([
    ['no provider is configured', {}, ['mock:catalogue']],
    ['a key is set', { OPENAI_API_KEY: 'k' }, ['openai:catalogue']],
    ['the mock is asked for beside a key', { OPENAI_API_KEY: 'k', MOCK_LLM: 'true' }, ['mock:catalogue']],
    ["Anthropic's key is set", { ANTHROPIC_API_KEY: 'k' }, ['anthropic:catalogue']],
    ["Google's key is set", { GOOGLE_API_KEY: 'k' }, ['google:catalogue']],
    [
      "the mock is asked for beside Google's key",
      { GOOGLE_API_KEY: 'k', GOOGLE_BASE_URL: 'https://generativelanguage.googleapis.com/v1beta/', MOCK_LLM: 'true' },
      ['mock:catalogue'],
    ],
    [
      'deployments with keys of their own are all there is',
      { PROVIDER_DEPLOYMENTS: '{"openai":[{}],"anthropic":[{}]}' },
      ['openai:catalogue', 'anthropic:catalogue'],
    ],
    ["Cohere's key is set", { COHERE_API_KEY: 'k' }, ['cohere:catalogue']],
    [
      "the mock is asked for beside Cohere's key",
      { COHERE_API_KEY: 'k', COHERE_BASE_URL: 'https://api.cohere.com/v2/', MOCK_LLM: 'true' },
      ['mock:catalogue'],
    ],
    ["another server in Cohere's place is named", { COHERE_BASE_URL: 'http://proxy' }, ['cohere:catalogue']],
    ["another server in Google's place is named", { GOOGLE_BASE_URL: 'http://proxy' }, ['google:catalogue']],
    ['both keys are set', { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' }, ['openai:catalogue', 'anthropic:catalogue']],
    [
      "the mock is asked for beside Anthropic's key",
      { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'https://api.anthropic.com/v1/', MOCK_LLM: 'true' },
      ['mock:catalogue'],
    ],
    [
      "another server in Anthropic's place is named",
      { ANTHROPIC_BASE_URL: 'http://proxy', MOCK_LLM: 'true' },
      ['mock:catalogue', 'anthropic:catalogue'],
    ],
    ['the mock is switched off', { MOCK_LLM: 'false' }, []],
    [
      'several vLLM servers are named',
      { VLLM_BASE_URL: 'http://gpu1:8000/v1, http://gpu2:8000/v1' },
      ['vllm:discovered'],
    ],
    ['a vLLM server is named', { VLLM_BASE_URL: 'http://gpu:8000/v1' }, ['vllm:discovered']],
    [
      'a vLLM server is named and the mock asked for',
      { VLLM_BASE_URL: 'http://gpu:8000/v1', MOCK_LLM: 'true' },
      ['vllm:discovered', 'mock:catalogue'],
    ],
    ['another OpenAI-compatible server is named', { OPENAI_BASE_URL: 'http://proxy/v1' }, ['openai:discovered']],
    [
      "OpenAI's own address is spelt out",
      { OPENAI_BASE_URL: 'https://api.openai.com/v1/', OPENAI_API_KEY: 'k' },
      ['openai:catalogue'],
    ],
  ])('when %s', (_when, env, expected) => {
    expect(providers(env as NodeJS.ProcessEnv)).toEqual(expected);
  });
});
