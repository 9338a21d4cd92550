import { PrefixTracker } from '@costlane/domain';
import type { Logger, Metrics } from '@costlane/platform';
import { createProviderRegistry, type ProviderAdapter } from '@costlane/providers';
import type { WorkerConfig } from '../config';
import type { WorkerProvider } from '../providers.config';
import { createPrefixMetrics } from './prefix-metrics';
import { createPrefixTier, type CallProvider, type PrefixTraits } from './prefix-tier';
import { ReplicaAdapter } from './replica-adapter';

/** What each provider's prompt cache understands. The mock plays OpenAI. */
const traitsByProvider = new Map<string, PrefixTraits>([
  ['openai', { promptCacheKey: true }],
  ['mock', { promptCacheKey: true }],
  ['vllm', { cacheSalt: true }],
  ['anthropic', { cacheControl: true }],
]);

export interface Providers {
  adapters: Map<string, ProviderAdapter>;
  /** Undefined where the tier is switched off: providers are called directly. */
  callProvider: CallProvider | undefined;
}

/** The configured providers by name, those with several servers as one each, and the way to call them. */
export function assembleProviders(
  providers: readonly WorkerProvider[],
  config: Pick<WorkerConfig, 'CACHE_PREFIX_ENABLED' | 'VLLM_API_KEY'>,
  deps: { logger: Logger; metrics: Metrics },
): Providers {
  const tracker = new PrefixTracker();
  const metrics = createPrefixMetrics(deps.metrics);
  const serversOf = ({ replicaUrls, ...provider }: WorkerProvider) =>
    replicaUrls?.map((baseUrl, i) => ({ ...provider, baseUrl, name: `${provider.name}-${i + 1}` })) ?? [provider];
  const registry = createProviderRegistry(providers.flatMap(serversOf), deps);
  const adapters = new Map<string, ProviderAdapter>();
  for (const provider of providers) {
    const own = serversOf(provider).flatMap(({ name }) => registry.get(name) ?? []);
    const { name, replicaUrls: urls } = provider;
    const adapter = urls ? new ReplicaAdapter({ name, urls, adapters: own, tracker, metrics }) : own[0];
    if (adapter) adapters.set(name, adapter);
  }
  const callProvider = config.CACHE_PREFIX_ENABLED
    ? createPrefixTier({ traits: traitsByProvider, tracker, metrics, saltSecret: config.VLLM_API_KEY })
    : undefined;
  return { adapters, callProvider };
}
