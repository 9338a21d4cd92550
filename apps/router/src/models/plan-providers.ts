import { anthropicBaseUrl, openAiBaseUrl, type RouterConfig } from '../config';

/** Which models a provider serves: those of the price catalogue, or those that its server lists. */
export type ProviderPlan =
  | { readonly provider: string; readonly models: 'catalogue' }
  | {
      readonly provider: string;
      readonly models: 'discovered';
      readonly baseUrl: string;
      readonly apiKey?: string;
      /** Where the server has never listed anything (not every proxy has that route): the catalogue's models. */
      readonly fallback: 'catalogue' | 'none';
    };

type Settings = Pick<
  RouterConfig,
  | 'isMockAsked'
  | 'openAiApiKey'
  | 'openAiBaseUrl'
  | 'anthropicApiKey'
  | 'anthropicBaseUrl'
  | 'vllmBaseUrl'
  | 'vllmApiKey'
>;

/**
 * The providers that the settings call for; where two serve the same name, the earlier one gets it. The mock stands in where no real
 * provider is configured; switched on beside a key it takes the place of OpenAI and Anthropic, so that no test costs money by accident.
 */
export function planProviders(settings: Settings): ProviderPlan[] {
  const { isMockAsked, openAiApiKey, vllmBaseUrl, vllmApiKey } = settings;
  const isOtherServer = trimSlash(settings.openAiBaseUrl) !== openAiBaseUrl;
  const hasOpenAi = openAiApiKey !== undefined || isOtherServer;
  const hasAnthropic = isAnthropicConfigured(settings);
  const isMock = isMockAsked ?? !(hasOpenAi || hasAnthropic || vllmBaseUrl !== undefined);
  const plans: ProviderPlan[] = [];
  if (vllmBaseUrl !== undefined) {
    plans.push({ provider: 'vllm', models: 'discovered', baseUrl: vllmBaseUrl, apiKey: vllmApiKey, fallback: 'none' });
  }
  if (isMock) plans.push({ provider: 'mock', models: 'catalogue' });
  else if (hasOpenAi && isOtherServer) {
    const baseUrl = settings.openAiBaseUrl;
    plans.push({ provider: 'openai', models: 'discovered', baseUrl, apiKey: openAiApiKey, fallback: 'catalogue' });
  } else if (hasOpenAi) plans.push({ provider: 'openai', models: 'catalogue' });
  if (hasAnthropic) plans.push({ provider: 'anthropic', models: 'catalogue' });
  return plans;
}

/** Another server in Anthropic's place may need no key, and is asked beside the mock, which does not stand in for it. */
function isAnthropicConfigured({ isMockAsked, anthropicApiKey, anthropicBaseUrl: url }: Settings): boolean {
  const isOtherServer = trimSlash(url).replace(/\/v1$/, '') !== anthropicBaseUrl;
  return isOtherServer || (anthropicApiKey !== undefined && isMockAsked !== true);
}

const trimSlash = (url: string): string => url.replace(/\/+$/, '');
