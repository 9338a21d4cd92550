import type { ProviderConfig } from '@costlane/providers';
import { OPENAI_BASE_URL, type WorkerConfig } from './config';

/** The providers that this deployment's settings call for. The mock stands in where no key is set, unless it is switched off. */
export function providersOf(config: WorkerConfig): ProviderConfig[] {
  const providers: ProviderConfig[] = [];
  // Another server in OpenAI's place may need no key.
  const hasOpenAi = config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== OPENAI_BASE_URL;
  const hasReal = hasOpenAi || config.VLLM_BASE_URL !== undefined;
  if (hasOpenAi) {
    providers.push({
      name: 'openai',
      kind: 'openai-compatible',
      baseUrl: config.OPENAI_BASE_URL,
      apiKey: config.OPENAI_API_KEY,
    });
  }
  if (config.VLLM_BASE_URL !== undefined) {
    providers.push({
      name: 'vllm',
      kind: 'openai-compatible',
      baseUrl: config.VLLM_BASE_URL,
      apiKey: config.VLLM_API_KEY,
    });
  }
  if (config.MOCK_LLM ?? !hasReal) {
    providers.push({ name: 'mock', kind: 'openai-compatible', baseUrl: new URL('/v1', config.MOCK_LLM_URL).href });
  }
  return providers;
}
