import type { Logger, Metrics } from '@costlane/platform';
import { DeadlineSweep } from '@costlane/resilience';
import { createAnthropic } from './anthropic/create-anthropic';
import type { CreateTransport } from './attempt';
import { createCohere } from './cohere/create-cohere';
import { createDeployments } from './deployments/create-deployments';
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

/** One line per kind of provider. */
const transports: Record<ProviderConfig['kind'], CreateTransport> = {
  'openai-compatible': createOpenAiCompatible,
  anthropic: createAnthropic,
  google: createGoogle,
  cohere: createCohere,
};

/**
 * The configured providers by name.
 * @throws when a name is given twice, or calls may not go to a base URL.
 */
export function createProviderRegistry(
  configs: readonly ProviderConfig[],
  { logger, metrics, random }: RegistryDeps,
): Map<string, ProviderAdapter> {
  const registry = new Map<string, ResilientAdapter>();
  const metricsOf = createProviderMetrics(logger, metrics, () =>
    [...registry.values()].flatMap((each) => each.lanes()),
  );
  const deadlines = new DeadlineSweep();
  for (const config of configs) {
    if (registry.has(config.name)) throw new Error(`provider ${config.name} is configured twice`);
    const deployments = createDeployments(config, transports[config.kind], { deadlines });
    registry.set(
      config.name,
      new ResilientAdapter(config, deployments, { metrics: metricsOf(config.name), random, deadlines }),
    );
  }
  return registry;
}
