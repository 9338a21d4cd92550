import type { Logger, Metrics } from '@costlane/platform';
import { DeadlineSweep } from '@costlane/resilience';
import { createAnthropic } from './anthropic/create-anthropic';
import type { ProviderTransport, TransportDeps } from './attempt';
import { createCohere } from './cohere/create-cohere';
import { createGoogle } from './google/create-google';
import { createOpenAiCompatible } from './openai-compatible/create-openai-compatible';
import type { ProviderAdapter } from './provider';
import type { ProviderConfig } from './provider-config';
import { createProviderMetrics } from './provider-metrics';
import { ResilientAdapter } from './resilient-adapter';

export interface RegistryDeps {
  logger: Logger;
  metrics?: Metrics;
  /** Source of the jitter between retries; for tests. */
  random?: () => number;
}

type CreateTransport = (config: ProviderConfig, deps: TransportDeps) => ProviderTransport;

/** One line per kind of provider. */
const transports: Record<ProviderConfig['kind'], CreateTransport> = {
  'openai-compatible': createOpenAiCompatible,
  anthropic: createAnthropic,
  google: createGoogle,
  cohere: createCohere,
};

/**
 * The configured providers by name.
 * @throws when a name is given twice or a base URL is not an http(s) URL.
 */
export function createProviderRegistry(
  configs: readonly ProviderConfig[],
  { logger, metrics, random }: RegistryDeps,
): Map<string, ProviderAdapter> {
  const metricsOf = createProviderMetrics(logger, metrics);
  const deadlines = new DeadlineSweep();
  const registry = new Map<string, ProviderAdapter>();
  for (const config of configs) {
    if (registry.has(config.name)) throw new Error(`provider ${config.name} is configured twice`);
    const transport = transports[config.kind](config, { deadlines });
    registry.set(config.name, new ResilientAdapter(config, transport, { metrics: metricsOf(config.name), random }));
  }
  return registry;
}
