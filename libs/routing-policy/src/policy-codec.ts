import type { ModelEntry, PolicyUpdate } from '@costlane/contracts';
import { isModelTier, tierOfPrice } from '@costlane/domain';
import type { ModelPrice, PolicyModel, RoutingPolicyUpdate } from '@costlane/domain';

/** A policy update as it goes over the wire. */
export function encodePolicyUpdate(update: RoutingPolicyUpdate): PolicyUpdate {
  return {
    version: update.version,
    baseVersion: update.baseVersion,
    defaultModel: update.defaultModel,
    upsertedModels: update.upsertedModels.map(encodeModel),
    removedModels: [...update.removedModels],
  };
}

function encodeModel({ price, ...model }: PolicyModel): ModelEntry {
  return { ...model, priceJson: price ? JSON.stringify(price) : '' };
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
  const { version, baseVersion, defaultModel, removedModels } = message;
  return { update: { version, baseVersion, defaultModel, upsertedModels, removedModels }, unreadablePrices };
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
