import type { ModelTier } from './model-tier';
import type { RouteContent, RouteFeatures } from './route-content';
import type { PolicyModel, RoutingPolicy } from './routing-policy';
import { compareTiers } from './target-tier';
import type { TenantPolicy } from './tenant-policy';

const pools = new WeakMap<RoutingPolicy, readonly PolicyModel[]>();

/**
 * The models that a choice is made from: those that the settings name, else those that are there for it, with a price. Found once for each
 * policy.
 */
export function autoPool(policy: RoutingPolicy): readonly PolicyModel[] {
  let pool = pools.get(policy);
  if (!pool) {
    const { autoModels } = policy.settings;
    const isNamed = autoModels.length > 0;
    const models = isNamed ? autoModels.flatMap((name) => policy.models.get(name) ?? []) : [...policy.models.values()];
    const priced = models.filter((model) => model.isEnabled && model.kind !== 'embedding' && model.price);
    pool = isNamed ? priced : withoutOvertaken(priced.filter(({ isAutoChoice }) => isAutoChoice));
    pools.set(policy, pool);
  }
  return pool;
}

/** A tier promises strength: a model that one of a lower tier is known to outdo, at a lower price, does not keep that promise. */
function withoutOvertaken(models: readonly PolicyModel[]): PolicyModel[] {
  return models.filter(
    (model) =>
      !models.some(
        (other) =>
          model.quality !== undefined &&
          other.quality !== undefined &&
          other.quality > model.quality &&
          compareTiers(other.tier, model.tier) < 0,
      ),
  );
}

/** Those of the models that can serve a request and may, health apart. `named` by the caller, who knows it: of that one nothing need be known. */
export function ableModels(
  models: readonly PolicyModel[],
  content: RouteContent,
  features: RouteFeatures,
  tenant: TenantPolicy | undefined,
  named?: PolicyModel,
): PolicyModel[] {
  const { mustBeSecure, canServe } = features;
  const maxTier = lowerTier(tenant?.maxTier, features.maxTier);
  const allowed = tenant?.models && tenant.models.length > 0 ? tenant.models : undefined;
  return models.filter((model) => {
    if (mustBeSecure && !model.isSecure) return false;
    if (allowed && !allowed.includes(model.name)) return false;
    if (maxTier && compareTiers(model.tier, maxTier) > 0) return false;
    if (canServe && !canServe(model)) return false;
    return hasRoom(model, content) && (canDo(model, content) || (model === named && !model.capabilities));
  });
}

const lowerTier = (a: ModelTier | undefined, b: ModelTier | undefined): ModelTier | undefined =>
  a && b ? (compareTiers(a, b) < 0 ? a : b) : (a ?? b);

/** The healthy ones among them; all where none is: one that fails may be back. */
export function healthyModels(models: readonly PolicyModel[]): readonly PolicyModel[] {
  const healthy = models.filter(({ isBreakerOpen }) => !isBreakerOpen);
  return healthy.length > 0 ? healthy : models;
}

function hasRoom(model: PolicyModel, { promptTokens, maxOutputTokens = 0 }: RouteContent): boolean {
  if (model.maxOutputTokens > 0 && maxOutputTokens > model.maxOutputTokens) return false;
  return model.contextTokens === 0 || promptTokens + maxOutputTokens <= model.contextTokens;
}

/** What is not known of a model is not relied on. */
function canDo({ capabilities }: PolicyModel, { needs }: RouteContent): boolean {
  return needs.every((need) => capabilities?.[need] === true);
}
