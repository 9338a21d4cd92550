import { chooseModel, type ModelPrice, type RoutingPolicy } from '@costlane/domain';

/** The price of a model, as callers name it; undefined where it, or the policy, is not known. */
export function priceOf(policy: RoutingPolicy | undefined, model: string): ModelPrice | undefined {
  const known = policy?.models.get(model);
  if (known || !policy) return known?.price;
  // A dated version of a model that the policy has without its date.
  const chosen = chooseModel(policy, { modelAsked: model });
  return chosen.ok ? chosen.value.model.price : undefined;
}
