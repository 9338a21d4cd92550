import { CostlaneError } from '../error-codes';
import { err, ok, type Result } from '../result';
import { nearestNames } from './nearest-names';
import type { PolicyModel, RoutingPolicy } from './routing-policy';

/** Why a model was chosen; `:breaker-open` says that it is failing at present and was chosen nevertheless. */
export type RouteReason = 'requested' | 'default' | 'requested:breaker-open' | 'default:breaker-open';

export interface RouteFeatures {
  /** Empty, absent or `auto`: the policy chooses. */
  readonly modelAsked?: string;
}

export interface RouteDecision {
  readonly model: PolicyModel;
  readonly reason: RouteReason;
  readonly strategy: 'static';
  /** Names of the models that came into question, best first. */
  readonly candidates: string[];
  readonly policyVersion: string;
}

/** A model name by which callers leave the choice to the policy. */
export const autoModel = 'auto';

/**
 * The model for a request: the one it names, when the policy has it enabled, or the policy's default when it names none. A model whose
 * breaker is open is still chosen, for the caller asked for it and nothing else; the reason says so.
 *
 * Errors: `model_not_found` when the policy does not have the model or has it disabled, or has no default to fall to.
 */
export function chooseModel(
  policy: RoutingPolicy,
  { modelAsked = '' }: RouteFeatures,
): Result<RouteDecision, CostlaneError> {
  const isPolicysChoice = modelAsked === '' || modelAsked === autoModel;
  const name = isPolicysChoice ? policy.defaultModel : modelAsked;
  const model = policy.models.get(name) ?? datedModel(policy, name);
  if (!model) return err(isPolicysChoice ? noDefault(policy) : unknownModel(policy, modelAsked));
  if (!model.isEnabled) return err(disabledModel(name, isPolicysChoice));
  const reason = isPolicysChoice ? 'default' : 'requested';
  return ok({
    model,
    reason: model.isBreakerOpen ? `${reason}:breaker-open` : reason,
    strategy: 'static',
    candidates: [model.name],
    policyVersion: policy.version,
  });
}

const dateSuffix = /-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/;

/**
 * A dated name (`gpt-4o-2024-08-06`) of a model that the policy has without a date: providers keep the dated versions of a model beside it,
 * at its price. One with a price of its own stands in the policy under its full name and does not come here.
 */
function datedModel(policy: RoutingPolicy, name: string): PolicyModel | undefined {
  const undated = name.replace(dateSuffix, '');
  const model = undated === name ? undefined : policy.models.get(undated);
  return model?.upstreamModel === undated ? { ...model, name, upstreamModel: name } : undefined;
}

const field = 'model';
const whereToLook = 'GET /v1/models lists the models that can be used.';
const maxShownLength = 100;

function unknownModel(policy: RoutingPolicy, modelAsked: string): CostlaneError {
  const near = nearestNames(modelAsked, enabledNames(policy));
  const hint = near.length > 0 ? ` Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
  return new CostlaneError(
    'model_not_found',
    `The model "${shown(modelAsked)}" is not known here.${hint} ${whereToLook}`,
    { field },
  );
}

function disabledModel(name: string, isDefault: boolean): CostlaneError {
  const what = isDefault
    ? `The default model "${name}" is disabled here; name a model.`
    : `The model "${name}" is disabled here.`;
  return new CostlaneError('model_not_found', `${what} ${whereToLook}`, { field });
}

function noDefault(policy: RoutingPolicy): CostlaneError {
  const why =
    policy.defaultModel === ''
      ? 'there is no default model'
      : `the default model "${policy.defaultModel}" is not served`;
  return new CostlaneError(
    'model_not_found',
    `The request names no model and ${why} here; name a model. ${whereToLook}`,
    { field },
  );
}

function* enabledNames(policy: RoutingPolicy): Iterable<string> {
  for (const model of policy.models.values()) if (model.isEnabled) yield model.name;
}

const shown = (text: string): string => (text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text);
