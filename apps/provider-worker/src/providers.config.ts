import type { DeploymentConfig, ProviderConfig } from '@costlane/providers';
import { ANTHROPIC_BASE_URL, COHERE_BASE_URL, GOOGLE_BASE_URL, OPENAI_BASE_URL, type WorkerConfig } from './config';

/** A provider, and the addresses of its servers where it has several. */
export interface WorkerProvider extends ProviderConfig {
  readonly replicaUrls?: readonly string[];
}

interface HostedProvider {
  name: keyof NonNullable<WorkerConfig['PROVIDER_DEPLOYMENTS']>;
  kind: ProviderConfig['kind'];
  baseUrl: string;
  usualUrl: string;
  apiKeys: string | undefined;
}

/**
 * The providers that this deployment's settings call for. The mock stands in where no key is set, unless it is switched off.
 * @param env where the keys are looked up that `PROVIDER_DEPLOYMENTS` names.
 * @throws when one of them is not set.
 */
export function providersOf(config: WorkerConfig, env: NodeJS.ProcessEnv = process.env): WorkerProvider[] {
  const allowedHosts = config.PROVIDER_ALLOWED_HOSTS ?? [];
  const providers: WorkerProvider[] = hostedProviders(config)
    .filter((each) => isConfigured(each, config))
    .map((each) => ({
      ...resilienceOf(config),
      name: each.name,
      kind: each.kind,
      baseUrl: each.baseUrl,
      allowedHosts,
      ...keysOf(each, config, env),
    }));
  const [vllmUrl, ...otherUrls] = config.VLLM_BASE_URL ?? [];
  if (vllmUrl !== undefined) {
    const urls = [vllmUrl, ...otherUrls];
    providers.push({
      ...resilienceOf(config),
      name: 'vllm',
      kind: 'openai-compatible',
      baseUrl: vllmUrl,
      apiKey: config.VLLM_API_KEY,
      // One's own servers, mostly on a private network and by plain http: naming them is allowing them.
      allowedHosts: [...allowedHosts, ...urls.map(hostOf)],
      ...(otherUrls.length > 0 ? { replicaUrls: urls } : {}),
    });
  }
  if (config.MOCK_LLM ?? providers.length === 0) {
    const baseUrl = new URL('/v1', config.MOCK_LLM_URL).href;
    const allowed = [...allowedHosts, hostOf(baseUrl)];
    providers.push({
      ...resilienceOf(config),
      name: 'mock',
      kind: 'openai-compatible',
      baseUrl,
      allowedHosts: allowed,
    });
  }
  return providers;
}

const hostedProviders = (config: WorkerConfig): HostedProvider[] => [
  {
    name: 'openai',
    kind: 'openai-compatible',
    baseUrl: config.OPENAI_BASE_URL,
    usualUrl: OPENAI_BASE_URL,
    apiKeys: config.OPENAI_API_KEY,
  },
  {
    name: 'anthropic',
    kind: 'anthropic',
    baseUrl: config.ANTHROPIC_BASE_URL,
    usualUrl: ANTHROPIC_BASE_URL,
    apiKeys: config.ANTHROPIC_API_KEY,
  },
  {
    name: 'google',
    kind: 'google',
    baseUrl: config.GOOGLE_BASE_URL,
    usualUrl: GOOGLE_BASE_URL,
    apiKeys: config.GOOGLE_API_KEY,
  },
  {
    name: 'cohere',
    kind: 'cohere',
    baseUrl: config.COHERE_BASE_URL,
    usualUrl: COHERE_BASE_URL,
    apiKeys: config.COHERE_API_KEY,
  },
];

/** Another server in a provider's place may need no key. */
function isConfigured({ name, baseUrl, usualUrl, apiKeys }: HostedProvider, config: WorkerConfig): boolean {
  return apiKeys !== undefined || baseUrl !== usualUrl || config.PROVIDER_DEPLOYMENTS?.[name] !== undefined;
}

/** One key as the provider's own; several, and what `PROVIDER_DEPLOYMENTS` adds, as deployments. */
function keysOf(
  { name, baseUrl, usualUrl, apiKeys }: HostedProvider,
  config: WorkerConfig,
  env: NodeJS.ProcessEnv,
): Pick<ProviderConfig, 'apiKey' | 'deployments'> {
  const keys = (apiKeys ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
  const others = (config.PROVIDER_DEPLOYMENTS?.[name] ?? []).map(({ api_key_env: keyName, ...each }) => {
    const { base_url: ownUrl, ...rest } = each;
    return { ...rest, baseUrl: ownUrl, apiKey: keyName === undefined ? undefined : keyIn(env, keyName) };
  });
  if (others.length === 0 && keys.length <= 1) return { apiKey: keys[0] };
  const own: DeploymentConfig[] = keys.map((apiKey, i) => ({ name: `key-${i + 1}`, apiKey }));
  if (keys.length === 0 && baseUrl !== usualUrl) own.push({ name: 'default' });
  return { apiKey: keys[0], deployments: [...own, ...others] };
}

function keyIn(env: NodeJS.ProcessEnv, name: string): string {
  const key = env[name]?.trim();
  if (!key) throw new Error(`PROVIDER_DEPLOYMENTS names ${name} as the variable with a key, but it is not set`);
  return key;
}

const resilienceOf = (config: WorkerConfig) => ({
  firstTokenTimeoutMs: config.PROVIDER_FIRST_TOKEN_TIMEOUT_MS,
  flexMinMs: config.SERVICE_TIER_FLEX_MIN_MINUTES * 60_000,
  concurrency: {
    initialLimit: config.PROVIDER_CONCURRENCY_INITIAL,
    maxLimit: Math.max(config.PROVIDER_CONCURRENCY_INITIAL, config.PROVIDER_CONCURRENCY_MAX),
    // Jobs of other models and providers need the worker's places too.
    maxQueue: Math.max(1, Math.floor(config.WORKER_CONCURRENCY / 4)),
  },
  hedge: { maxShare: config.HEDGE_MAX_SHARE, priorities: config.HEDGE_PRIORITIES },
});

const hostOf = (url: string): string => new URL(url).hostname;
