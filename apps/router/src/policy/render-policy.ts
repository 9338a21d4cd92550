import type { PolicyModel, RoutingPolicy } from '@costlane/domain';
import type { SubscriberState } from './policy-subscribers';

/** A model as operators read it. Prices are US dollars per million tokens, as decimal strings; null where none is known. */
export function renderModel(model: PolicyModel) {
  const { price } = model;
  return {
    name: model.name,
    provider: model.provider,
    upstream_model: model.upstreamModel,
    tier: model.tier,
    is_enabled: model.isEnabled,
    circuit_breaker_open: model.isBreakerOpen,
    context_tokens: model.contextTokens === 0 ? null : model.contextTokens,
    max_output_tokens: model.maxOutputTokens === 0 ? null : model.maxOutputTokens,
    usd_per_million_tokens: price
      ? {
          input: price.perMillion.freshInput,
          output: price.perMillion.output ?? null,
          cache_read: price.perMillion.cacheRead ?? null,
          cache_write: price.perMillion.cacheWriteShort ?? null,
        }
      : null,
    price_version: price?.priceVersion ?? null,
  };
}

export function renderPolicy(policy: RoutingPolicy, subscribers: readonly SubscriberState[]) {
  return {
    version: policy.version,
    default_model: policy.defaultModel === '' ? null : policy.defaultModel,
    models: [...policy.models.values()].map(renderModel),
    subscribers: subscribers.map(({ subscriber, appliedVersion, isCurrent }) => ({
      subscriber,
      applied_version: appliedVersion === '' ? null : appliedVersion,
      is_current: isCurrent,
    })),
  };
}
