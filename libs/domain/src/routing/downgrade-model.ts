import { CostlaneError } from '../error-codes';
import { err, ok, type Result } from '../result';
import { candidatesOf } from './choose-by-content';
import type { RouteDecision } from './choose-model';
import { ableModels, autoPool, healthyModels } from './eligible-models';
import { orderFallbacks } from './order-fallbacks';
import { rankModels } from './rank-models';
import type { RouteFeatures } from './route-content';
import type { PolicyModel, RoutingPolicy } from './routing-policy';
import type { TenantPolicy } from './tenant-policy';

/**
 * The cheapest model that is able, in the place of a dearer one that a request names and a used-up budget does not leave it. What it answers is kept
 * under its own name: others, who may have the dearer model, must not get it for that one's. Errors: `budget_exceeded` where there is none.
 */
export function downgradeFor(
  policy: RoutingPolicy,
  asked: PolicyModel,
  features: RouteFeatures,
  tenant: TenantPolicy | undefined,
): Result<Omit<RouteDecision, 'policyVersion'>, CostlaneError> {
  const content = asked.kind === 'embedding' ? undefined : features.content?.();
  if (!content) return err(noneLeft(asked));
  const able = ableModels(autoPool(policy), content, features, tenant);
  const ranked = rankModels(healthyModels(able), content, 'cost_optimal', 1, features.warmTokens);
  const model = ranked[0]?.model;
  if (!model) return err(noneLeft(asked));
  return ok({
    model,
    reason: `downgrade${model.isBreakerOpen ? ':breaker-open' : ''}`,
    strategy: 'cost_optimal',
    route: 'budget',
    explanation: `a budget is used up, and ${asked.name} is too dear for what it leaves`,
    tier: model.tier,
    candidates: candidatesOf(ranked),
    fallbacks: orderFallbacks(
      ranked.map((entry) => entry.model),
      model,
    ),
    isConfidenceChecked: false,
    baseline: asked,
    cacheModel: model.name,
    content,
  });
}

function noneLeft({ name }: PolicyModel): CostlaneError {
  const message =
    `A budget is used up and leaves only the cheapest models; "${name.slice(0, 100)}" is dearer, and none of them can serve this request in its place. ` +
    'Name a cheaper model, or have the budget raised.';
  return new CostlaneError('budget_exceeded', message, { field: 'model' });
}
