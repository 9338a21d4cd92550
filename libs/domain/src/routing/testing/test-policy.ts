import type { PolicyModel, RoutingPolicy } from '../routing-policy';

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
    ...model,
  };
}

export function testPolicy(policy: { version?: string; defaultModel?: string; models: PolicyModel[] }): RoutingPolicy {
  const { version = '1-test', models } = policy;
  return {
    version,
    defaultModel: policy.defaultModel ?? models[0]?.name ?? '',
    models: new Map(models.map((model) => [model.name, model])),
  };
}
