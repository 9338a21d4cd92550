import { CostlaneError, nearestNames, type RoutingPolicy } from '@costlane/domain';

/** Throws `invalid_request` for a model that is not served here, with the names most like it; `not_ready` where that is not known yet. */
export function requireModel(policy: RoutingPolicy | undefined, model: string, field: string): void {
  if (!policy) throw new CostlaneError('not_ready', 'The models are not known yet; try again in a moment.');
  if (policy.models.get(model)?.isEnabled) return;
  const enabled = [...policy.models.values()].filter(({ isEnabled }) => isEnabled).map(({ name }) => name);
  const near = nearestNames(model, enabled);
  const hint = near.length > 0 ? ` Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
  const message = `Field "${field}": the model "${model.slice(0, 100)}" is not known here.${hint} GET /v1/models lists the models.`;
  throw new CostlaneError('invalid_request', message, { field });
}

/** As {@link requireModel}, and its price has to be known: what is measured by cost must not look free. */
export function requirePricedModel(policy: RoutingPolicy | undefined, model: string, field: string): void {
  requireModel(policy, model, field);
  if (policy?.models.get(model)?.price) return;
  const message = `Field "${field}": the price of "${model.slice(0, 100)}" is not known, so its cost cannot be compared. Set it in the prices file first.`;
  throw new CostlaneError('invalid_request', message, { field });
}
