import type { FastifyRequest } from 'fastify';
import { CostlaneError } from '@costlane/domain';
import { isLocalRequest, reachOf, type AdminReach } from '../auth/admin-reach';
import type { Authenticator } from '../auth/authenticator';
import { tenantIdSchema } from '../dialects/costlane/request-schema';
import { parseJson } from '../dialects/openai-chat/parse-request';

const EMPTY = Buffer.alloc(0);

/** What an administrator sends, as JSON. Throws `invalid_json`. */
export const bodyOf = (request: FastifyRequest): unknown => parseJson((request.body as Buffer | undefined) ?? EMPTY);

/** Finds out who asks and what is within reach. Rejects for one that is no administrator. */
export const reachFinder =
  (authenticator: Pick<Authenticator, 'authenticateAdmin'>) =>
  async (request: FastifyRequest): Promise<AdminReach> => {
    const isLocal = isLocalRequest(request.socket.remoteAddress, request.headers);
    return reachOf(await authenticator.authenticateAdmin(request.headers, isLocal));
  };

export type ReachFinder = ReturnType<typeof reachFinder>;

/** Throws `invalid_request` where no tenant is named. */
export function tenantNamed(tenantId: string | undefined): string {
  if (tenantId !== undefined) return tenantId;
  throw new CostlaneError('invalid_request', 'Field "tenant_id": is missing.', { field: 'tenant_id' });
}

/** The name of a tenant from a path or a query. Throws `invalid_request`. */
export function readTenant(value: unknown): string {
  const parsed = tenantIdSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CostlaneError('invalid_request', 'Parameter "tenant_id" is not the name of a tenant.', {
    field: 'tenant_id',
  });
}

/** Throws `forbidden` for a tenant's administrator. */
export function requireDeployment(reach: AdminReach, why: string): void {
  if (reach.kind !== 'deployment')
    throw new CostlaneError('forbidden', `${why}: this is for the deployment’s administrator.`);
}
