export type { MarkablePrompt } from './anthropic/prompt-marker';
export { createProviderBatches } from './batches/create-batches';
export { packBatches } from './batches/pack-batches';
export { hasEnded } from './batches/provider-batches';
export type {
  BatchItem,
  BatchItemFailure,
  BatchItemResult,
  BatchItemSuccess,
  BatchLimits,
  BatchState,
  BatchStatus,
  FoundBatch,
  LostBatch,
  MeasuredItem,
  ProviderBatches,
  ResultOptions,
  SubmitOptions,
  SubmitOutcome,
} from './batches/provider-batches';
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
