import { err, ok, type Result } from '../result';
import type { RoutingPolicy, RoutingPolicyUpdate } from './routing-policy';
import { defaultRoutingSettings } from './routing-settings';

/** A delta that does not build on the version at hand: the subscriber has to ask for a full policy. */
export interface PolicyGap {
  readonly kind: 'full-policy-needed';
  /** Empty when there is no policy yet. */
  readonly haveVersion: string;
  readonly baseVersion: string;
}

/**
 * The policy after an update. A full update replaces whatever was there; a delta has to name the version at hand as its base, else the
 * result is a {@link PolicyGap}. The policy given is left as it was.
 */
export function applyPolicyUpdate(
  policy: RoutingPolicy | undefined,
  update: RoutingPolicyUpdate,
): Result<RoutingPolicy, PolicyGap> {
  const isFull = update.baseVersion === '';
  if (!isFull && policy?.version !== update.baseVersion) {
    return err({ kind: 'full-policy-needed', haveVersion: policy?.version ?? '', baseVersion: update.baseVersion });
  }
  const before = isFull ? undefined : policy;
  return ok({
    version: update.version,
    defaultModel: update.defaultModel,
    settings: update.settings ?? before?.settings ?? defaultRoutingSettings,
    models: changed(before?.models, update.removedModels, update.upsertedModels, ({ name }) => name),
    tenants: changed(before?.tenants, update.removedTenants, update.upsertedTenants, ({ tenantId }) => tenantId),
    experiments: changed(before?.experiments, update.removedExperiments, update.upsertedExperiments, ({ id }) => id),
  });
}

function changed<T>(
  before: ReadonlyMap<string, T> | undefined,
  removed: readonly string[],
  upserted: readonly T[],
  keyOf: (item: T) => string,
): Map<string, T> {
  const after = new Map<string, T>(before);
  for (const key of removed) after.delete(key);
  for (const item of upserted) after.set(keyOf(item), item);
  return after;
}
