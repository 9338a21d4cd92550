import { CostlaneError } from '../error-codes';
import { err, ok, type Result } from '../result';
import { nearestNames } from './nearest-names';
import type { RouteContent, RouteFeatures } from './route-content';
import type { ModelCapabilities, PolicyModel, RoutingPolicy } from './routing-policy';

/** The model of a name, when the policy has it enabled. Errors: `model_not_found`, with the names most like it. */
export function namedModel(policy: RoutingPolicy, name: string, isDefault = false): Result<PolicyModel, CostlaneError> {
  const model = policy.models.get(name) ?? datedModel(policy, name);
  if (!model) return err(unknownModel(policy, name));
  return model.isEnabled ? ok(model) : err(disabledModel(name, isDefault));
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

export function noDefault(policy: RoutingPolicy): CostlaneError {
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

/** The tenant's rules keep a request from the model it names. */
export function notAllowed(name: string, isForData: boolean): CostlaneError {
  const why = isForData
    ? 'is not one of the models that may see personal data or secrets, and this request holds some'
    : 'is not among the models that this tenant may use';
  return new CostlaneError('forbidden', `The model "${shown(name)}" ${why}. ${whereToLook}`, { field });
}

/** There are models to choose from, but none of them will do for this request. */
export function noneCanServe(
  { needs, promptTokens, maxOutputTokens }: RouteContent,
  { mustBeSecure }: RouteFeatures,
): CostlaneError {
  const tokens = `${promptTokens} tokens of prompt${maxOutputTokens ? ` and up to ${maxOutputTokens} of answer` : ''}`;
  const wanted = [...needs.map((need) => abilityNames[need]), tokens];
  if (mustBeSecure) wanted.push('leave to see personal data or secrets');
  return new CostlaneError(
    'model_not_found',
    `None of the models that are chosen from here can serve this request, as far as is known (it needs ${wanted.join(', ')}). ` +
      `Name a model. ${whereToLook}`,
    { field },
  );
}

const abilityNames: Readonly<Record<keyof ModelCapabilities, string>> = {
  tools: 'tools',
  vision: 'images',
  audio: 'audio',
  jsonMode: 'JSON answers',
  jsonSchema: 'answers by a JSON schema',
  reasoning: 'reasoning settings',
  logprobs: 'token probabilities',
};
