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
});
