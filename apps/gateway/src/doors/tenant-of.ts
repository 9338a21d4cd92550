import { CostlaneError } from '@costlane/domain';
import type { Caller } from '../core/inference-request';

/** Who a request says that it is for. */
export interface ClaimedIdentity {
  tenant_id?: string;
  team_id?: string;
  user_id?: string;
}

/**
 * The caller with what its request adds. A key's own tenant, team and user always hold; a tenant can be chosen only where no key is
 * required and none was sent. Throws `forbidden` for a tenant that is not the caller's.
 */
export function withClaims(caller: Caller, claimed: ClaimedIdentity | undefined, isKeyRequired: boolean): Caller {
  if (!claimed) return caller;
  const { tenant_id: tenantId, team_id: teamId, user_id: userId } = claimed;
  const isNamed = tenantId !== undefined && tenantId !== caller.tenantId;
  const isAnonymous = !isKeyRequired && caller.keyId === undefined && caller.role === 'member';
  if (isNamed && !isAnonymous) {
    const message = 'Field "metadata.tenant_id" names another tenant than the API key belongs to.';
    throw new CostlaneError('forbidden', message, { field: 'metadata.tenant_id' });
  }
  if (!isNamed && teamId === undefined && userId === undefined) return caller;
  return {
    ...caller,
    tenantId: tenantId ?? caller.tenantId,
    teamId: caller.teamId ?? teamId,
    userId: caller.userId ?? userId,
  };
}
