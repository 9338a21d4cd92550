import { candidatesOf } from './choose-by-content';
import type { RouteDecision } from './choose-model';
import { ableModels, autoPool, healthyModels } from './eligible-models';
import { orderFallbacks } from './order-fallbacks';
import { rankModels } from './rank-models';
import type { RouteFeatures } from './route-content';
import type { PolicyModel, RoutingPolicy } from './routing-policy';
import { compareTiers } from './target-tier';
import type { TenantPolicy } from './tenant-policy';

/**
 * Who may stand in for the model that a request names, where its tenant allows that: models of its tier or above, no worse where both
 * figures are known. Chosen is the best by strategy, the named one among them; the others follow when it fails. Undefined: nothing to choose from.
 */
export function substituteFor(
  policy: RoutingPolicy,
  asked: PolicyModel,
  features: RouteFeatures,
  tenant: TenantPolicy,
): Omit<RouteDecision, 'policyVersion'> | undefined {
  const content = features.content?.();
  if (!content || asked.kind === 'embedding') return undefined;
  const asGood = autoPool(policy).filter((model) => model.name === asked.name || isAsGood(model, asked));
  const able = ableModels(asGood.includes(asked) ? asGood : [asked, ...asGood], content, features, tenant, asked);
  if (able.length === 0) return undefined;
  const strategy = tenant.strategy ?? policy.settings.strategy;
  const costWeight = tenant.costWeight ?? policy.settings.costWeight;
  const ranked = rankModels(healthyModels(able), content, strategy, costWeight, features.warmTokens);
  // Nothing is known to be cheaper than a model without a price.
  const isKept = !asked.price && !asked.isBreakerOpen && able.includes(asked);
  const model = isKept ? asked : ranked[0]?.model;
  if (!model) return undefined;
  const isAsked = model.name === asked.name;
  const all = rankModels(able, content, strategy, costWeight, features.warmTokens);
  return {
    model,
    reason: `${isAsked ? 'requested' : 'substitution'}${model.isBreakerOpen ? ':breaker-open' : ''}`,
    strategy,
    route: isAsked ? 'explicit' : 'substitution',
    explanation: isAsked ? 'the request names it, and none as good is better' : `as good as ${asked.name}`,
    tier: asked.tier,
    candidates: candidatesOf(ranked),
    fallbacks: orderFallbacks(
      all.map((entry) => entry.model),
      model,
      asked.tier,
    ),
    isConfidenceChecked: false,
    baseline: isAsked ? undefined : asked,
    cacheModel: asked.name,
    content,
  };
}

function isAsGood(model: PolicyModel, asked: PolicyModel): boolean {
  if (compareTiers(model.tier, asked.tier) < 0) return false;
  return model.quality !== undefined && asked.quality !== undefined ? model.quality >= asked.quality : true;
}
