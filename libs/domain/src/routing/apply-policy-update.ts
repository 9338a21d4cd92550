import { err, ok, type Result } from '../result';
import type { PolicyModel, RoutingPolicy, RoutingPolicyUpdate } from './routing-policy';

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
  const models = new Map<string, PolicyModel>(isFull ? [] : policy?.models);
  for (const name of update.removedModels) models.delete(name);
  for (const model of update.upsertedModels) models.set(model.name, model);
  return ok({ version: update.version, defaultModel: update.defaultModel, models });
}
