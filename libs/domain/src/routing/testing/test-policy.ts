import type { Experiment } from '../experiment';
import type { PolicyModel, RoutingPolicy } from '../routing-policy';
import { defaultRoutingSettings, type RoutingSettings } from '../routing-settings';
import type { TenantPolicy } from '../tenant-policy';

/** A model with ordinary values where a test does not care. */
export function testModel(model: Partial<PolicyModel> & { name: string }): PolicyModel {
  return {
    provider: 'mock',
    upstreamModel: model.name,
    isEnabled: true,
    tier: 'standard',
    isBreakerOpen: false,
    contextTokens: 0,
    maxOutputTokens: 0,
    isAutoChoice: true,
    ...model,
  };
}

export function testPolicy(policy: {
  version?: string;
  defaultModel?: string;
  models: PolicyModel[];
  settings?: Partial<RoutingSettings>;
  tenants?: TenantPolicy[];
  experiments?: Experiment[];
}): RoutingPolicy {
  const { version = '1-test', models } = policy;
  return {
    version,
    defaultModel: policy.defaultModel ?? models[0]?.name ?? '',
    models: new Map(models.map((model) => [model.name, model])),
    settings: { ...defaultRoutingSettings, ...policy.settings },
    tenants: new Map((policy.tenants ?? []).map((tenant) => [tenant.tenantId, tenant])),
    experiments: new Map((policy.experiments ?? []).map((experiment) => [experiment.id, experiment])),
  };
}
