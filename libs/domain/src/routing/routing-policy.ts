import type { ModelPrice } from '../money/model-price';
import type { Experiment } from './experiment';
import type { ModelTier } from './model-tier';
import type { RoutingSettings } from './routing-settings';
import type { TenantPolicy } from './tenant-policy';

/** What a model can do, as far as it is known. */
export interface ModelCapabilities {
  readonly tools: boolean;
  readonly vision: boolean;
  readonly audio: boolean;
  /** An answer that is some JSON document, and one that follows a schema. */
  readonly jsonMode: boolean;
  readonly jsonSchema: boolean;
  readonly reasoning: boolean;
  readonly logprobs: boolean;
}

/** How fast a model has been lately. */
export interface ModelSpeed {
  readonly firstTokenMs: number;
  /** After the first; 0 when unknown. */
  readonly tokensPerSecond: number;
}

/** One model that callers may ask for, as the router sees it now. */
export interface PolicyModel {
  /** As callers ask for it. */
  readonly name: string;
  /** Selects the dispatch stream and the adapter: `openai`, `mock`, `vllm`, … */
  readonly provider: string;
  /** As the provider calls it. */
  readonly upstreamModel: string;
  /** What it makes of a text; absent: it answers in words. An embedding model is never chosen for a chat. */
  readonly kind?: 'chat' | 'embedding';
  /** Behind another server in the place of the provider's own, of which only chat completions can be relied on. */
  readonly isChatOnly?: boolean;
  readonly isEnabled: boolean;
  /** Undefined: the model has no known price; what it costs is flagged, never taken as zero. */
  readonly price?: ModelPrice;
  readonly tier: ModelTier;
  readonly isBreakerOpen: boolean;
  /** 0 when unknown. */
  readonly contextTokens: number;
  /** 0 when unknown. */
  readonly maxOutputTokens: number;
  /** Undefined: not known. Then the model is not chosen for a request that needs one of them, but may be asked for by name. */
  readonly capabilities?: ModelCapabilities;
  /** Share of a public benchmark's tasks that it solves, 0-1; undefined: no figure is known. */
  readonly quality?: number;
  /** Data that must not leave the operator's hands may go to it. */
  readonly isSecure?: boolean;
  readonly speed?: ModelSpeed;
  /** `auto` may choose it where the operator names no models for that. */
  readonly isAutoChoice?: boolean;
}

/** Everything a decision needs, under one version. Never changed in place: an update makes a new one. */
export interface RoutingPolicy {
  readonly version: string;
  /** For callers that name no model, where the policy does not choose by the request; it stands in `models`, or there is no default. */
  readonly defaultModel: string;
  readonly models: ReadonlyMap<string, PolicyModel>;
  readonly settings: RoutingSettings;
  /** Tenants that have rules of their own. */
  readonly tenants: ReadonlyMap<string, TenantPolicy>;
  /** Running experiments, by id. */
  readonly experiments: ReadonlyMap<string, Experiment>;
}

/** What leads from one version of the policy to another. */
export interface RoutingPolicyUpdate {
  readonly version: string;
  /** The version this builds on; empty: a full policy that replaces what was there. */
  readonly baseVersion: string;
  readonly defaultModel: string;
  readonly upsertedModels: readonly PolicyModel[];
  readonly removedModels: readonly string[];
  /** Undefined: as before; in a full policy the defaults. */
  readonly settings?: RoutingSettings;
  readonly upsertedTenants: readonly TenantPolicy[];
  readonly removedTenants: readonly string[];
  readonly upsertedExperiments: readonly Experiment[];
  readonly removedExperiments: readonly string[];
}
