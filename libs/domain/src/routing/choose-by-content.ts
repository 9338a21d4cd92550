import { autoPool, ableModels, healthyModels } from './eligible-models';
import { modelTiers, type ModelTier } from './model-tier';
import { orderFallbacks } from './order-fallbacks';
import { rankModels, type RankedModel } from './rank-models';
import type { RouteFeatures } from './route-content';
import type { RouteCandidate } from './route-record';
import type { RouteDecision } from './choose-model';
import type { PolicyModel, RoutingPolicy } from './routing-policy';
import type { RoutingStrategy } from './routing-settings';
import { compareTiers, targetTier, type TargetTier } from './target-tier';
import type { TenantPolicy } from './tenant-policy';

/** Models that stand on a record. */
const maxCandidates = 6;

type Chosen = Omit<RouteDecision, 'policyVersion'>;

/**
 * The cheapest model (or the fastest, by strategy) that is strong enough for what the request holds. Models stronger than needed are candidates,
 * too: with a warm cache the dearer one can be the cheaper road. Undefined where no model can be chosen by the request.
 */
export function chooseByContent(
  policy: RoutingPolicy,
  features: RouteFeatures,
  tenant: TenantPolicy | undefined,
  strategyOfVariant?: RoutingStrategy,
): Chosen | undefined {
  const pool = autoPool(policy);
  if (pool.length === 0 || !features.content) return undefined;
  const content = features.content();
  const able = ableModels(pool, content, features, tenant);
  if (able.length === 0) return undefined;
  const { settings } = policy;
  const strategy = strategyOfVariant ?? tenant?.strategy ?? settings.strategy;
  const costWeight = tenant?.costWeight ?? settings.costWeight;
  const target = targetTier(settings, content, features);
  const healthy = healthyModels(able);
  const { strongEnough, tier } = strongModels(healthy, target);
  const ranked = rankModels(strongEnough, content, strategy, costWeight, features.warmTokens);
  const first = preferred(ranked, target);
  if (!first) return undefined;
  // Where all are well, which is nearly always, they have been ranked already.
  const all =
    healthy.length === able.length
      ? ranked
      : rankModels(atLeast(able, tier), content, strategy, costWeight, features.warmTokens);
  const fallbacks = orderFallbacks(
    all.map(({ model }) => model),
    first.model,
  );
  const isStrongest = compareTiers(tier, target.tier) < 0;
  return {
    model: first.model,
    reason: `${target.route === 'predictor' || target.route === 'complexity' ? `${target.route}:${target.tier}` : target.route}${first.model.isBreakerOpen ? ':breaker-open' : ''}`,
    strategy,
    route: target.route,
    explanation: isStrongest ? `${target.reason}; no stronger model can serve it` : target.reason,
    tier: target.tier,
    candidates: candidatesOf(ranked),
    fallbacks,
    isConfidenceChecked:
      settings.isConfidenceChecked && fallbacks.some(({ tier }) => compareTiers(tier, first.model.tier) > 0),
    baseline: baselineOf(policy, pool),
    cacheModel: cacheNameOf(features),
    content,
  };
}

/** Answers are shared by all who leave the choice and want the same of it. */
export function cacheNameOf({ quality, userTier, maxTier }: RouteFeatures): string {
  const wanted = [maxTier, quality === 'medium' ? undefined : quality, userTier === 'standard' ? undefined : userTier];
  return ['auto', ...wanted.filter((word) => word !== undefined)].join(':');
}

/** Models of the tier and above; where there is none, those of the strongest tier there is: never down by choice. */
function strongModels(
  models: readonly PolicyModel[],
  target: TargetTier,
): { strongEnough: readonly PolicyModel[]; tier: ModelTier } {
  const strongEnough = atLeast(models, target.tier);
  if (strongEnough.length > 0) return { strongEnough, tier: target.tier };
  const strongest = modelTiers.findLast((tier) => models.some((model) => model.tier === tier)) ?? target.tier;
  return { strongEnough: models.filter(({ tier }) => tier === strongest), tier: strongest };
}

const atLeast = (models: readonly PolicyModel[], least: ModelTier): PolicyModel[] =>
  models.filter(({ tier }) => compareTiers(tier, least) >= 0);

const preferred = (ranked: readonly RankedModel[], { model }: TargetTier): RankedModel | undefined =>
  (model === undefined ? undefined : ranked.find((entry) => entry.model.name === model)) ?? ranked[0];

export const candidatesOf = (ranked: readonly RankedModel[]): RouteCandidate[] =>
  ranked
    .slice(0, maxCandidates)
    .map(({ model, costNanoUsd }) => ({ model: model.name, provider: model.provider, costNanoUsd }));

const baselines = new WeakMap<RoutingPolicy, PolicyModel | undefined>();
/** Three tokens of input for each of output, as published comparisons of prices have it. */
const usualRequest = { promptTokens: 3_000, expectedOutputTokens: 1_000 };

/** The model that savings are counted from: the one set, else {@link usualBaseline} of all that could be chosen at all. */
export function baselineOf(policy: RoutingPolicy, pool: readonly PolicyModel[]): PolicyModel | undefined {
  if (!baselines.has(policy))
    baselines.set(policy, policy.models.get(policy.settings.baselineModel) ?? usualBaseline(pool));
  return baselines.get(policy);
}

/** The cheapest model of the strongest tier that there is. */
export function usualBaseline(pool: readonly PolicyModel[]): PolicyModel | undefined {
  const strongest = modelTiers.findLast((tier) => pool.some((model) => model.tier === tier));
  const models = pool.filter(({ tier }) => tier === strongest);
  return rankModels(models, usualRequest, 'cost_optimal', 1, undefined)[0]?.model;
}
