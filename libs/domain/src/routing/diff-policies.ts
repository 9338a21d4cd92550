import { canonicalJson } from '../fingerprint';
import type { RoutingPolicy, RoutingPolicyUpdate } from './routing-policy';

/**
 * The update that leads from one policy to another; without a `from` the full one. Entries are compared by what they hold, so that a
 * rebuilt policy sends only what has changed. Inverse: `applyPolicyUpdate(from, diffPolicies(from, to))` gives `to`.
 */
export function diffPolicies(from: RoutingPolicy | undefined, to: RoutingPolicy): RoutingPolicyUpdate {
  const models = diffEntries(from?.models, to.models);
  const tenants = diffEntries(from?.tenants, to.tenants);
  const experiments = diffEntries(from?.experiments, to.experiments);
  return {
    version: to.version,
    baseVersion: from?.version ?? '',
    defaultModel: to.defaultModel,
    settings: from && isSame(from.settings, to.settings) ? undefined : to.settings,
    upsertedModels: models.upserted,
    removedModels: models.removed,
    upsertedTenants: tenants.upserted,
    removedTenants: tenants.removed,
    upsertedExperiments: experiments.upserted,
    removedExperiments: experiments.removed,
  };
}

function diffEntries<T extends object>(
  from: ReadonlyMap<string, T> | undefined,
  to: ReadonlyMap<string, T>,
): { upserted: T[]; removed: string[] } {
  const upserted: T[] = [];
  for (const [key, entry] of to) {
    const before = from?.get(key);
    if (!before || !isSame(before, entry)) upserted.push(entry);
  }
  return { upserted, removed: from ? [...from.keys()].filter((key) => !to.has(key)) : [] };
}

const isSame = (a: object, b: object): boolean => a === b || canonicalJson(a) === canonicalJson(b);
