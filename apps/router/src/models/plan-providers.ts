import { anthropicBaseUrl, cohereBaseUrl, googleBaseUrl, openAiBaseUrl, type RouterConfig } from '../config';

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
  | 'googleApiKey'
  | 'googleBaseUrl'
  | 'cohereApiKey'
  | 'cohereBaseUrl'
  | 'vllmBaseUrl'
  | 'vllmApiKey'
  | 'deployedProviders'
>;

/**
 * The providers that the settings call for; where two serve the same name, the earlier one gets it. The mock stands in where no real
 * provider is configured; switched on beside a key it takes the place of those that are asked
 * at their own address, so that no test costs money by accident.
 */
export function planProviders(settings: Settings): ProviderPlan[] {
  const { isMockAsked, openAiApiKey, vllmBaseUrl, vllmApiKey } = settings;
  const isOtherServer = trimSlash(settings.openAiBaseUrl) !== openAiBaseUrl;
  const hasOpenAi = openAiApiKey !== undefined || isOtherServer || settings.deployedProviders.has('openai');
  const translated = translatedProviders(settings);
  const isMock = isMockAsked ?? !(hasOpenAi || translated.length > 0 || vllmBaseUrl !== undefined);
  const plans: ProviderPlan[] = [];
  if (vllmBaseUrl !== undefined) {
    plans.push({ provider: 'vllm', models: 'discovered', baseUrl: vllmBaseUrl, apiKey: vllmApiKey, fallback: 'none' });
  }
  if (isMock) plans.push({ provider: 'mock', models: 'catalogue' });
  else if (hasOpenAi && isOtherServer) {
    const baseUrl = settings.openAiBaseUrl;
    plans.push({ provider: 'openai', models: 'discovered', baseUrl, apiKey: openAiApiKey, fallback: 'catalogue' });
  } else if (hasOpenAi) plans.push({ provider: 'openai', models: 'catalogue' });
  for (const provider of translated) plans.push({ provider, models: 'catalogue' });
  return plans;
}

/** Providers with a dialect of their own: which of them are configured. */
function translatedProviders(settings: Settings): string[] {
  const { anthropicApiKey, anthropicBaseUrl: anthropicUrl, googleApiKey, googleBaseUrl: googleUrl } = settings;
  const known: readonly (readonly [name: string, apiKey: string | undefined, url: string, ownUrl: string])[] = [
    ['anthropic', anthropicApiKey, anthropicUrl, anthropicBaseUrl],
    ['google', googleApiKey, googleUrl, googleBaseUrl],
    ['cohere', settings.cohereApiKey, settings.cohereBaseUrl, cohereBaseUrl],
  ];
  return known.flatMap(([name, apiKey, url, ownUrl]) => {
    // Another server in the provider's place may need no key, and is asked beside the mock, which does not stand in for it.
    const isOtherServer = withoutVersion(url) !== ownUrl;
    const hasKey = apiKey !== undefined || settings.deployedProviders.has(name);
    return isOtherServer || (hasKey && settings.isMockAsked !== true) ? [name] : [];
  });
}

/** These take their base URL with the version of the API or without it. */
const withoutVersion = (url: string): string => trimSlash(url).replace(/\/v\d+(?:beta)?$/, '');

const trimSlash = (url: string): string => url.replace(/\/+$/, '');
