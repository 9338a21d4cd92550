import type { ProviderConfig } from '@costlane/providers';
import { ANTHROPIC_BASE_URL, COHERE_BASE_URL, GOOGLE_BASE_URL, OPENAI_BASE_URL, type WorkerConfig } from './config';

/** A provider, and the addresses of its servers where it has several. */
export interface WorkerProvider extends ProviderConfig {
  readonly replicaUrls?: readonly string[];
}

/** The providers that this deployment's settings call for. The mock stands in where no key is set, unless it is switched off. */
export function providersOf(config: WorkerConfig): WorkerProvider[] {
  const providers: WorkerProvider[] = [];
  // Another server in OpenAI's place may need no key.
  const hasOpenAi = config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== OPENAI_BASE_URL;
  const hasAnthropic = config.ANTHROPIC_API_KEY !== undefined || config.ANTHROPIC_BASE_URL !== ANTHROPIC_BASE_URL;
  const hasGoogle = config.GOOGLE_API_KEY !== undefined || config.GOOGLE_BASE_URL !== GOOGLE_BASE_URL;
  const hasCohere = config.COHERE_API_KEY !== undefined || config.COHERE_BASE_URL !== COHERE_BASE_URL;
  const hasReal = hasOpenAi || hasAnthropic || hasGoogle || hasCohere || config.VLLM_BASE_URL !== undefined;
  if (hasOpenAi) {
    providers.push({
      name: 'openai',
      kind: 'openai-compatible',
      baseUrl: config.OPENAI_BASE_URL,
      apiKey: config.OPENAI_API_KEY,
    });
  }
  if (hasAnthropic) {
    providers.push({
      name: 'anthropic',
      kind: 'anthropic',
      baseUrl: config.ANTHROPIC_BASE_URL,
      apiKey: config.ANTHROPIC_API_KEY,
    });
  }
  if (hasGoogle) {
    providers.push({
      name: 'google',
      kind: 'google',
      baseUrl: config.GOOGLE_BASE_URL,
      apiKey: config.GOOGLE_API_KEY,
    });
  }
  if (hasCohere) {
    providers.push({
      name: 'cohere',
      kind: 'cohere',
      baseUrl: config.COHERE_BASE_URL,
      apiKey: config.COHERE_API_KEY,
    });
  }
  const [vllmUrl, ...otherUrls] = config.VLLM_BASE_URL ?? [];
  if (vllmUrl !== undefined) {
    providers.push({
      name: 'vllm',
      kind: 'openai-compatible',
      baseUrl: vllmUrl,
      apiKey: config.VLLM_API_KEY,
      ...(otherUrls.length > 0 ? { replicaUrls: [vllmUrl, ...otherUrls] } : {}),
    });
  }
  if (config.MOCK_LLM ?? !hasReal) {
    providers.push({ name: 'mock', kind: 'openai-compatible', baseUrl: new URL('/v1', config.MOCK_LLM_URL).href });
  }
  return providers;
}
