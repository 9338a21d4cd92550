import type { DataPolicy } from './data-policy';
import type { ModelTier } from './model-tier';
import type { RoutingStrategy } from './routing-settings';

/** A tenant's own rules; what it does not set is the deployment's. */
export interface TenantPolicy {
  readonly tenantId: string;
  /**
   * `allow`: it goes out as it is. `secure_model`: only to models marked as secure. `redact`: its values are replaced before it leaves, and put
   * back into the answer. `block`: it is refused. In no case is it kept in a cache or a log.
   */
  readonly dataPolicy?: DataPolicy;
  /** A request that names a model may be answered by another one that is as good, where that is cheaper or the named one fails. */
  readonly allowSubstitution?: boolean;
  /** The ledger keeps this tenant's prompts for `promptRetentionDays`; without both it keeps none. */
  readonly storePrompts?: boolean;
  readonly promptRetentionDays?: number;
  /** Share of its users whose requests go out as they come, 0-0.2, to measure what the others save. */
  readonly holdoutShare?: number;
  /** An answer that has outlived its lifetime may be given, marked as stale, when no provider answers. */
  readonly staleAnswers?: boolean;
  /** Largest share of semantic hits that may be wrong. */
  readonly maxFalseHitRate?: number;
  readonly strategy?: RoutingStrategy;
  readonly costWeight?: number;
  /** Requests that leave the choice go to no model of a higher tier, whatever they hold. */
  readonly maxTier?: ModelTier;
  /** The only models that its requests may use; absent or empty: all. */
  readonly models?: readonly string[];
}
