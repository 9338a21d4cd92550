import type { PolicyModel, RoutingPolicy } from './routing-policy';
import { defaultRoutingSettings } from './routing-settings';

/** A policy of these models with the usual settings, and no tenant or experiment unless they are given. */
export function createPolicy(
  policy: Partial<Omit<RoutingPolicy, 'models'>> & { readonly models?: Iterable<PolicyModel> },
): RoutingPolicy {
  return {
    version: policy.version ?? '',
    defaultModel: policy.defaultModel ?? '',
    models: new Map([...(policy.models ?? [])].map((model) => [model.name, model])),
    settings: policy.settings ?? defaultRoutingSettings,
    tenants: policy.tenants ?? new Map(),
    experiments: policy.experiments ?? new Map(),
  };
}
