import {
  defaultRoutingSettings,
  type Experiment,
  type PolicyModel,
  type RoutingPolicy,
  type RoutingSettings,
  type TenantPolicy,
} from '@costlane/domain';
import type { ServedModel } from '../models/served-models';

export interface PolicyInput {
  readonly served: ReadonlyMap<string, ServedModel>;
  /** By the model's name as {@link switchName} writes it; a model without a switch is enabled. */
  readonly modelSwitches: ReadonlyMap<string, boolean>;
  /** Undefined: {@link usualDefaultModel} where it is served, else the cheapest that is enabled. */
  readonly defaultModel?: string;
  readonly settings?: RoutingSettings;
  readonly tenants?: readonly TenantPolicy[];
  readonly experiments?: readonly Experiment[];
  /** The operator's own machines: data that must not leave them may go there. */
  readonly secureModels?: ReadonlySet<string>;
  readonly stateOf?: (model: ServedModel) => Pick<PolicyModel, 'isBreakerOpen' | 'speed'>;
}

export interface PolicyDraft {
  readonly content: Omit<RoutingPolicy, 'version'>;
  /** What an operator may have meant otherwise, in sentences. */
  readonly warnings: readonly string[];
}

export const usualDefaultModel = 'gpt-4o-mini';

/** The name of a model in `MODELS_<NAME>_ENABLED`: upper case, everything but letters and digits an underscore. */
export const switchName = (model: string): string => model.toUpperCase().replace(/[^A-Z0-9]/g, '_');

/** The policy of the models served, the switches and the default asked for. */
export function buildPolicy(input: PolicyInput): PolicyDraft {
  const { served, modelSwitches, defaultModel, settings = defaultRoutingSettings } = input;
  const models = new Map<string, PolicyModel>();
  const unusedSwitches = new Set(modelSwitches.keys());
  for (const model of [...served.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = switchName(model.name);
    unusedSwitches.delete(name);
    models.set(model.name, {
      ...model,
      isEnabled: modelSwitches.get(name) ?? true,
      isBreakerOpen: false,
      ...input.stateOf?.(model),
      // What runs on the operator's own machines does not leave his hands.
      ...(input.secureModels?.has(model.name) || model.provider === 'vllm' ? { isSecure: true } : {}),
    });
  }
  const warnings = [...unusedSwitches].map((name) => `MODELS_${name}_ENABLED names no model that is served.`);
  const chosen = defaultModel ?? pickDefaultModel(models);
  if (chosen === '') warnings.push('No model is served, so there is no default model.');
  else if (!models.has(chosen))
    warnings.push(`DEFAULT_MODEL ${chosen} is not served: requests that name no model are refused.`);
  else if (!models.get(chosen)?.isEnabled) warnings.push(`The default model ${chosen} is disabled.`);
  const tenants = new Map((input.tenants ?? []).map((tenant) => [tenant.tenantId, tenant]));
  const experiments = new Map((input.experiments ?? []).map((experiment) => [experiment.id, experiment]));
  return { content: { defaultModel: chosen, models, settings, tenants, experiments }, warnings };
}

function pickDefaultModel(models: ReadonlyMap<string, PolicyModel>): string {
  if (models.get(usualDefaultModel)?.isEnabled) return usualDefaultModel;
  const enabled = [...models.values()].filter((model) => model.isEnabled && model.kind !== 'embedding');
  const [cheapest] = enabled.sort((a, b) => inputPrice(a) - inputPrice(b) || (a.name < b.name ? -1 : 1));
  return cheapest?.name ?? '';
}

/** A model without a price comes last: what it costs is not known. */
const inputPrice = ({ price }: PolicyModel): number => (price ? Number(price.perMillion.freshInput) : Number.MAX_VALUE);
