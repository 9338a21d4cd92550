import { canonicalJson } from '../fingerprint';
import type { PolicyModel, RoutingPolicy, RoutingPolicyUpdate } from './routing-policy';

/**
 * The update that leads from one policy to another; without a `from` the full one. Models are compared by what they hold, so that a
 * rebuilt policy sends only what has changed. Inverse: `applyPolicyUpdate(from, diffPolicies(from, to))` gives `to`.
 */
export function diffPolicies(from: RoutingPolicy | undefined, to: RoutingPolicy): RoutingPolicyUpdate {
  const upsertedModels: PolicyModel[] = [];
  for (const model of to.models.values()) {
    const before = from?.models.get(model.name);
    if (!before || !isSameModel(before, model)) upsertedModels.push(model);
  }
  const removedModels = from ? [...from.models.keys()].filter((name) => !to.models.has(name)) : [];
  return {
    version: to.version,
    baseVersion: from?.version ?? '',
    defaultModel: to.defaultModel,
    upsertedModels,
    removedModels,
  };
}

const isSameModel = (a: PolicyModel, b: PolicyModel): boolean => a === b || canonicalJson(a) === canonicalJson(b);
