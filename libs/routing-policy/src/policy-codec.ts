import type { Document, ModelEntry, PolicyUpdate } from '@costlane/contracts';
import { isModelTier, tierOfPrice } from '@costlane/domain';
import type {
  Experiment,
  ModelPrice,
  PolicyModel,
  RoutingPolicyUpdate,
  RoutingSettings,
  TenantPolicy,
} from '@costlane/domain';

/** A policy update as it goes over the wire. */
export function encodePolicyUpdate(update: RoutingPolicyUpdate): PolicyUpdate {
  return {
    version: update.version,
    baseVersion: update.baseVersion,
    defaultModel: update.defaultModel,
    upsertedModels: update.upsertedModels.map(encodeModel),
    removedModels: [...update.removedModels],
    settingsJson: update.settings ? JSON.stringify(update.settings) : '',
    upsertedTenants: update.upsertedTenants.map((tenant) => document(tenant.tenantId, tenant)),
    removedTenants: [...update.removedTenants],
    upsertedExperiments: update.upsertedExperiments.map((experiment) => document(experiment.id, experiment)),
    removedExperiments: [...update.removedExperiments],
  };
}

const document = (id: string, value: object): Document => ({ id, json: JSON.stringify(value) });

type Details = Pick<
  PolicyModel,
  'kind' | 'capabilities' | 'quality' | 'isSecure' | 'isAutoChoice' | 'isChatOnly' | 'speed'
>;

function encodeModel({
  price,
  kind,
  capabilities,
  quality,
  isSecure,
  isAutoChoice,
  isChatOnly,
  speed,
  ...model
}: PolicyModel): ModelEntry {
  const details: Details = { kind, capabilities, quality, isSecure, isAutoChoice, isChatOnly, speed };
  return { ...model, priceJson: price ? JSON.stringify(price) : '', detailsJson: JSON.stringify(details) };
}

export interface DecodedPolicyUpdate {
  readonly update: RoutingPolicyUpdate;
  /** Models whose price could not be read: they stand in the update without one, so that their cost is flagged as unknown. */
  readonly unreadablePrices: readonly string[];
}

/** Inverse of {@link encodePolicyUpdate}; each price is parsed here, once, and never again for a request. */
export function decodePolicyUpdate(message: PolicyUpdate): DecodedPolicyUpdate {
  const unreadablePrices: string[] = [];
  const upsertedModels = message.upsertedModels.map((entry) => {
    const price = parsePrice(entry.priceJson);
    if (price === 'unreadable') unreadablePrices.push(entry.name);
    return decodeModel(entry, price === 'unreadable' ? undefined : price);
  });
  const { version, baseVersion, defaultModel, removedModels, removedTenants, removedExperiments } = message;
  return {
    update: {
      version,
      baseVersion,
      defaultModel,
      upsertedModels,
      removedModels,
      ...(message.settingsJson ? { settings: JSON.parse(message.settingsJson) as RoutingSettings } : {}),
      upsertedTenants: message.upsertedTenants.map(({ json }) => JSON.parse(json) as TenantPolicy),
      removedTenants,
      upsertedExperiments: message.upsertedExperiments.map(({ json }) => JSON.parse(json) as Experiment),
      removedExperiments,
    },
    unreadablePrices,
  };
}

function decodeModel(entry: ModelEntry, price: ModelPrice | undefined): PolicyModel {
  const { name, provider, upstreamModel, isEnabled, isBreakerOpen, contextTokens, maxOutputTokens } = entry;
  return {
    name,
    provider,
    upstreamModel,
    isEnabled,
    ...(price ? { price } : {}),
    // A router of a later version may know tiers that this build does not.
    tier: isModelTier(entry.tier) ? entry.tier : tierOfPrice(price),
    isBreakerOpen,
    contextTokens,
    maxOutputTokens,
    ...(JSON.parse(entry.detailsJson || '{}') as Details),
  };
}

function parsePrice(priceJson: string): ModelPrice | 'unreadable' | undefined {
  if (priceJson === '') return undefined;
  try {
    const price = JSON.parse(priceJson) as Partial<ModelPrice> | null;
    return typeof price?.perMillion?.freshInput === 'string' ? (price as ModelPrice) : 'unreadable';
  } catch {
    return 'unreadable';
  }
}
