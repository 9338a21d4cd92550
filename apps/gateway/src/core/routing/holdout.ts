import { isHeldOut, type RoutingPolicy } from '@costlane/domain';

/** Which users' requests go out as they come, without cache, another model or batching, to measure what these save. */
export interface Holdout {
  /** `subject`: the user, or the key where no user is known; without either nobody can be told from another, and is not held out. */
  has(tenantId: string, subject: string | undefined): boolean;
}

export interface HoldoutDeps {
  /** Share of users, 0-0.2, of tenants that have none of their own. */
  share: number;
  salt: string;
  policy: () => RoutingPolicy | undefined;
}

/** Costs a look-up in a map where no share is set, and a hash where one is. */
export function createHoldout({ share, salt, policy }: HoldoutDeps): Holdout {
  return {
    has(tenantId, subject) {
      const tenantShare = policy()?.tenants.get(tenantId)?.holdoutShare ?? share;
      return tenantShare > 0 && subject !== undefined && isHeldOut({ salt, tenantId, subject }, tenantShare);
    },
  };
}
