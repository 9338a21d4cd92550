import type { ModelPrice } from '../money/model-price';
import type { ModelTier } from './model-tier';

/** One model that callers may ask for, as the router sees it now. */
export interface PolicyModel {
  /** As callers ask for it. */
  readonly name: string;
  /** Selects the dispatch stream and the adapter: `openai`, `mock`, `vllm`, … */
  readonly provider: string;
  /** As the provider calls it. */
  readonly upstreamModel: string;
  readonly isEnabled: boolean;
  /** Undefined: the model has no known price; what it costs is flagged, never taken as zero. */
  readonly price?: ModelPrice;
  readonly tier: ModelTier;
  readonly isBreakerOpen: boolean;
  /** 0 when unknown. */
  readonly contextTokens: number;
  /** 0 when unknown. */
  readonly maxOutputTokens: number;
}

/** Everything a decision needs, under one version. Never changed in place: an update makes a new one. */
export interface RoutingPolicy {
  readonly version: string;
  /** For callers that name no model; it stands in `models`, or there is no default. */
  readonly defaultModel: string;
  readonly models: ReadonlyMap<string, PolicyModel>;
}

/** What leads from one version of the policy to another. */
export interface RoutingPolicyUpdate {
  readonly version: string;
  /** The version this builds on; empty: a full policy that replaces what was there. */
  readonly baseVersion: string;
  readonly defaultModel: string;
  readonly upsertedModels: readonly PolicyModel[];
  readonly removedModels: readonly string[];
}
