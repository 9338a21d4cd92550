import { baselineOf, cacheNameOf, candidatesOf, usualBaseline } from '../routing/choose-by-content';
import type { RouteDecision } from '../routing/choose-model';
import { ableModels, autoPool, healthyModels } from '../routing/eligible-models';
import { maxFallbacks, orderFallbacks } from '../routing/order-fallbacks';
import { rankModels } from '../routing/rank-models';
import type { RouteFeatures } from '../routing/route-content';
import type { PolicyModel, RoutingPolicy } from '../routing/routing-policy';
import { targetTier } from '../routing/target-tier';
import type { TenantPolicy } from '../routing/tenant-policy';

type Chosen = Omit<RouteDecision, 'policyVersion'>;

/**
 * What a request of the holdout goes to that leaves the choice: the model that savings by routing are counted from. Where that one may not or cannot serve it, what it
 * would be among those that can. Others follow when it fails. Undefined where no model can be chosen by the request.
 */
export function baselineFor(
  policy: RoutingPolicy,
  features: RouteFeatures,
  tenant: TenantPolicy | undefined,
): Chosen | undefined {
  const pool = autoPool(policy);
  if (pool.length === 0 || !features.content) return undefined;
  const content = features.content();
  const baseline = baselineOf(policy, pool);
  const models = !baseline || pool.includes(baseline) ? pool : [baseline, ...pool];
  const able = ableModels(models, content, features, tenant, baseline);
  const healthy = healthyModels(able);
  const model = baseline && healthy.includes(baseline) ? baseline : usualBaseline(healthy);
  if (!model) return undefined;
  const ranked = rankModels(able, content, 'cost_optimal', 1, undefined);
  return {
    model,
    reason: `holdout${model.isBreakerOpen ? ':breaker-open' : ''}`,
    strategy: 'static',
    route: 'holdout',
    explanation: 'held out to measure what routing saves',
    tier: model.tier,
    candidates: candidatesOf(ranked.filter((entry) => entry.model === model)),
    fallbacks: orderFallbacks(
      ranked.map((entry) => entry.model),
      model,
      // To fail is no part of what is measured: who stands in is who would for any other request.
      targetTier(policy.settings, content, features).tier,
    ),
    isConfidenceChecked: false,
    baseline,
    // It is neither read nor written; the same question has the same hash in both groups.
    cacheModel: cacheNameOf(features),
    content,
  };
}

/**
 * The model that a request of the holdout names, unless it fails at present: the one that its tenant would have take its place is kept for when it does.
 * @param substitute what the choice fell on where another one is allowed
 */
export function askedBefore(asked: PolicyModel, substitute: Chosen): Chosen {
  if (asked.isBreakerOpen || substitute.model.name === asked.name) return substitute;
  const others = [substitute.model, ...substitute.fallbacks];
  return {
    ...substitute,
    model: asked,
    reason: 'requested',
    strategy: 'static',
    route: 'explicit',
    explanation: 'the request names it, and it is held out to measure what another would save',
    fallbacks: others.filter(({ name }) => name !== asked.name).slice(0, maxFallbacks),
    baseline: undefined,
  };
}
