import { costOfUsage, type CostAssumption, type UsageCost } from './cost-of-usage';
import { batchServiceTier, type ModelPrice } from './model-price';
import { subtractNanoUsd, zeroNanoUsd, type NanoUsd } from './nano-usd';
import { withoutProviderCache, type TokenUsage } from './token-usage';

export interface SavingsInput {
  /** What the used model consumed; for an answer from a cache, what its original call consumed. */
  readonly usage: TokenUsage;
  /** Price of the model that served, standard tier (other tiers are derived from it). */
  readonly usedPrice: ModelPrice;
  /** Price of the model the caller would have used; default: the one that served, so that routing saves nothing. */
  readonly baselinePrice?: ModelPrice;
  /** The tier the caller asked for: the list price that the baseline pays. Default standard. */
  readonly requestedServiceTier?: string | null;
  /** The tier in the provider's response. Default: the requested one. */
  readonly serviceTier?: string | null;
  /** Served through the provider's Batch API. */
  readonly isBatchDiscounted?: boolean;
  /** Answered from one of our caches: no provider was called. */
  readonly isCacheHit?: boolean;
  /** Shared the call of an identical request in flight, which pays for it. */
  readonly isCoalesced?: boolean;
}

export interface SavingsByCause {
  readonly cache: NanoUsd;
  readonly routing: NanoUsd;
  readonly prefix: NanoUsd;
  readonly batching: NanoUsd;
}

export interface AttributedSavings {
  readonly baselineNanoUsd: NanoUsd;
  readonly paidNanoUsd: NanoUsd;
  readonly savings: SavingsByCause;
  /** What the provider's call cost, or would have cost had no cache answered. */
  readonly providerCost: UsageCost;
  readonly assumptions: readonly CostAssumption[];
}

/**
 * Splits the difference between what a request would have cost and what it did cost by cause, in one chain where each
 * step starts at the price the one before ended with:
 * baseline model at list price → used model at list price (`routing`) → with the provider's cache reads and writes
 * (`prefix`) → at the tier or batch price billed (`batching`) → not called at all (`cache`).
 *
 * So `baseline − paid = cache + routing + prefix + batching` holds to the nano-dollar. A saving may be negative, a
 * cache write that was never read for one. List price means every prompt token fresh, at the tier asked for. The used
 * model's token counts stand in for the baseline model's, which nobody knows.
 *
 * @throws MoneyError as `costOfUsage` does.
 */
export function attributeSavings(input: SavingsInput): AttributedSavings {
  const { usage, usedPrice, baselinePrice = usedPrice, requestedServiceTier = null } = input;
  const billedTier = input.isBatchDiscounted ? batchServiceTier : (input.serviceTier ?? requestedServiceTier);
  const requested = { serviceTier: requestedServiceTier };
  const uncachedUsage = withoutProviderCache(usage);
  const baseline = costOfUsage(uncachedUsage, baselinePrice, requested);
  const usedAtList = costOfUsage(uncachedUsage, usedPrice, requested).totalNanoUsd;
  const withPrefix = costOfUsage(usage, usedPrice, requested).totalNanoUsd;
  const provider = costOfUsage(usage, usedPrice, { serviceTier: billedTier });
  const isProviderCalled = !input.isCacheHit && !input.isCoalesced;
  const paidNanoUsd = isProviderCalled ? provider.totalNanoUsd : zeroNanoUsd;
  return {
    baselineNanoUsd: baseline.totalNanoUsd,
    paidNanoUsd,
    savings: {
      routing: subtractNanoUsd(baseline.totalNanoUsd, usedAtList),
      prefix: subtractNanoUsd(usedAtList, withPrefix),
      batching: subtractNanoUsd(withPrefix, provider.totalNanoUsd),
      cache: subtractNanoUsd(provider.totalNanoUsd, paidNanoUsd),
    },
    providerCost: provider,
    assumptions: [...new Set([...baseline.assumptions, ...provider.assumptions])],
  };
}
