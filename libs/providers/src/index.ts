export type { MarkablePrompt } from './anthropic/prompt-marker';
export { createProviderRegistry } from './create-registry';
export type { RegistryDeps } from './create-registry';
export { lostUsage } from './deployments/lost-leg';
export { createUsageChunkFilter } from './openai-compatible/usage-chunk-filter';
export type { UsageChunkFilter } from './openai-compatible/usage-chunk-filter';
export type {
  ModelHealth,
  ProviderAdapter,
  ProviderFailure,
  ProviderLeg,
  ProviderOutcome,
  ProviderRequest,
  ProviderSink,
  ProviderSuccess,
  ProviderUsageSource,
} from './provider';
export type {
  BreakerConfig,
  ConcurrencyConfig,
  DeploymentConfig,
  HedgeConfig,
  ProviderConfig,
  RetryConfig,
} from './provider-config';
