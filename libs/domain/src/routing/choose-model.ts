import type { CostlaneError } from '../error-codes';
import { askedBefore, baselineFor } from '../holdout/baseline-model';
import { err, ok, type Result } from '../result';
import { assignVariant, type AssignedVariant } from './assign-variant';
import { chooseByContent } from './choose-by-content';
import { downgradeFor } from './downgrade-model';
import { autoPool } from './eligible-models';
import type { ModelTier } from './model-tier';
import { namedModel, noDefault, noneCanServe, notAllowed } from './named-model';
import type { RouteContent, RouteFeatures } from './route-content';
import type { RouteCandidate } from './route-record';
import type { PolicyModel, RoutingPolicy } from './routing-policy';
import { substituteFor } from './substitute-model';
import { compareTiers } from './target-tier';
import type { TenantPolicy } from './tenant-policy';

export interface RouteDecision {
  readonly model: PolicyModel;
  /** In a word or two, for a header: `requested`, `default`, `complexity:economy`, `rule:<id>`; `:breaker-open` says that it fails at present. */
  readonly reason: string;
  /** `static` where the request or a setting named the model. */
  readonly strategy: string;
  /** What decided: `explicit`, `default`, `rule:<id>`, `complexity`, `predictor`, `substitution`, `experiment`. */
  readonly route: string;
  /** In a sentence, for the record. */
  readonly explanation: string;
  /** How strong a model the request needs. */
  readonly tier: ModelTier;
  /** The models that came into question, best first. */
  readonly candidates: readonly RouteCandidate[];
  /** To go on with in this order when the model fails; none is weaker. */
  readonly fallbacks: readonly PolicyModel[];
  /** An answer that will not do may be asked of a stronger one of them. */
  readonly isConfidenceChecked: boolean;
  /** What the caller would have used without us; undefined: the chosen model. */
  readonly baseline?: PolicyModel;
  /** Under which name of a model answers are shared: requests that leave the choice share theirs, whichever model it falls on. */
  readonly cacheModel: string;
  readonly content?: RouteContent;
  readonly assigned?: AssignedVariant;
  /** The request goes out as it came, to measure what the others save: no cache, no other model, no experiment. */
  readonly isHoldout?: true;
  readonly policyVersion: string;
}

const byVariant = 'experiment:';

/** A decision's reason as the label of a metric: variants' names are their tenants' choice, and there is no end of them. */
export const countedReason = (reason: string): string => (reason.startsWith(byVariant) ? 'experiment' : reason);

/** A model name by which callers leave the choice to the policy. */
export const autoModel = 'auto';

/**
 * The model for a request: the one it names, or where it leaves the choice the cheapest that is good enough by the policy's rules; what
 * follows it when it fails; and why. A pure function of policy and request.
 *
 * A named model is honoured, even while its breaker is open (the reason says so), unless the tenant allows another that is as good.
 * One of the holdout that names none gets the model that savings are counted from. Who has used up a budget gets a cheaper one than was named.
 *
 * Errors: `model_not_found` when the policy does not have the model, has it disabled, or has none that can do what is needed; `forbidden` when the
 * tenant may not use it; `budget_exceeded` where a used-up budget leaves no model that is able.
 */
export function chooseModel(policy: RoutingPolicy, asked: RouteFeatures): Result<RouteDecision, CostlaneError> {
  // What is left to a used-up budget is no measure of anything.
  const features = asked.maxTier && asked.isHeldOut ? { ...asked, isHeldOut: false } : asked;
  const chosen = choose(policy, features);
  return features.isHeldOut && chosen.ok ? ok({ ...chosen.value, isHoldout: true }) : chosen;
}

function choose(policy: RoutingPolicy, features: RouteFeatures): Result<RouteDecision, CostlaneError> {
  const asked = features.modelAsked ?? '';
  const tenant = policy.tenants.size === 0 ? undefined : policy.tenants.get(features.tenantId ?? '');
  const assigned = features.isHeldOut || features.maxTier ? undefined : variantFor(policy, features, asked, tenant);
  const variant = assigned?.variant;
  const name = variant?.model ?? asked;
  const isOpen = name === autoModel || (name === '' && policy.settings.isUnnamedRouted);
  if (isOpen) {
    const chosen = features.isHeldOut
      ? baselineFor(policy, features, tenant)
      : chooseByContent(policy, features, tenant, variant?.strategy);
    if (chosen) return ok(withVariant({ ...chosen, policyVersion: policy.version }, assigned));
    if (features.content && autoPool(policy).length > 0) return err(noneCanServe(features.content(), features));
  }
  const named = isOpen || name === '' ? defaultOf(policy, features) : namedModel(policy, name);
  if (!named.ok) return named;
  const model = named.value;
  if (features.maxTier && compareTiers(model.tier, features.maxTier) > 0) {
    const downgraded = downgradeFor(policy, model, features, tenant);
    return downgraded.ok ? ok({ ...downgraded.value, policyVersion: policy.version }) : downgraded;
  }
  if (!mayUse(tenant, model) || (features.mustBeSecure && !model.isSecure)) {
    const substitute = tenant?.allowSubstitution ? substituteFor(policy, model, features, tenant) : undefined;
    if (substitute) return ok(withVariant({ ...substitute, policyVersion: policy.version }, assigned));
    return err(notAllowed(model.name, features.mustBeSecure === true && !model.isSecure));
  }
  if (tenant?.allowSubstitution && !variant?.model && name !== '') {
    const found = substituteFor(policy, model, features, tenant);
    const substitute = found && features.isHeldOut ? askedBefore(model, found) : found;
    if (substitute) return ok(withVariant({ ...substitute, policyVersion: policy.version }, assigned));
  }
  return ok(withVariant(asNamed(policy, model, isOpen || name === '' ? 'default' : 'requested'), assigned));
}

function variantFor(
  policy: RoutingPolicy,
  features: RouteFeatures,
  asked: string,
  tenant: TenantPolicy | undefined,
): AssignedVariant | undefined {
  if (policy.experiments.size === 0 || features.subject === undefined) return undefined;
  const { tenantId = '', subject, featureName } = features;
  const modelAsked = asked === '' ? autoModel : asked;
  const assigned = assignVariant(policy, { tenantId, subject, featureName, modelAsked });
  const model = assigned?.variant.model;
  // An experiment must not cost a request its answer: where its variant's model cannot be asked, it takes no part.
  return model === undefined || mayAsk(policy, model, features, tenant) ? assigned : undefined;
}

function mayAsk(
  policy: RoutingPolicy,
  name: string,
  { mustBeSecure, canServe }: RouteFeatures,
  tenant: TenantPolicy | undefined,
): boolean {
  if (name === autoModel) return true;
  const model = namedModel(policy, name);
  if (!model.ok || !mayUse(tenant, model.value)) return false;
  return (!mustBeSecure || model.value.isSecure === true) && (!canServe || canServe(model.value));
}

/** Answers of different variants are kept apart: else one would be measured by another's. */
function withVariant(decision: RouteDecision, assigned: AssignedVariant | undefined): RouteDecision {
  if (!assigned) return decision;
  const { experiment, variant } = assigned;
  const isByVariant = variant.model !== undefined;
  return {
    ...decision,
    assigned,
    ...(isByVariant ? { reason: `${byVariant}${variant.name}`, route: 'experiment' } : {}),
    cacheModel: `${decision.cacheModel}#${experiment.id}/${variant.name}`,
  };
}

function asNamed(policy: RoutingPolicy, model: PolicyModel, reason: 'requested' | 'default'): RouteDecision {
  return {
    model,
    reason: model.isBreakerOpen ? `${reason}:breaker-open` : reason,
    strategy: 'static',
    route: reason === 'requested' ? 'explicit' : 'default',
    explanation: reason === 'requested' ? 'the request names it' : 'the default model',
    tier: model.tier,
    candidates: [{ model: model.name, provider: model.provider }],
    fallbacks: [],
    isConfidenceChecked: false,
    cacheModel: model.name,
    policyVersion: policy.version,
  };
}

function defaultOf(policy: RoutingPolicy, { canServe }: RouteFeatures): Result<PolicyModel, CostlaneError> {
  const model = policy.models.get(policy.defaultModel);
  if (!model || (canServe && !canServe(model))) return err(noDefault(policy));
  return model.isEnabled ? ok(model) : namedModel(policy, model.name, true);
}

const mayUse = (tenant: TenantPolicy | undefined, model: PolicyModel): boolean =>
  !tenant?.models || tenant.models.length === 0 || tenant.models.includes(model.name);
