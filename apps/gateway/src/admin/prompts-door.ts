import { CostlaneError } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import { tenantInReach } from '../auth/admin-reach';
import { readTenant, tenantNamed, type ReachFinder } from './admin-request';
import type { PromptAdmin } from './prompts-door-client';

export interface PromptsDoorDeps {
  reach: ReachFinder;
  prompts: PromptAdmin;
}

interface TenantQuery {
  tenant_id?: unknown;
}

/** `GET /admin/prompts/:request_id` and `DELETE /admin/prompts`: what a tenant has kept of its requests. The deployment's administrator names the tenant. */
export function registerPromptsDoor(fastify: FastifyInstance, { reach, prompts }: PromptsDoorDeps): void {
  fastify.get<{ Params: { request_id: string }; Querystring: TenantQuery }>(
    '/admin/prompts/:request_id',
    async (request, reply) => {
      const within = await reach(request);
      const { tenant_id: asked } = request.query;
      const tenantId = tenantNamed(tenantInReach(within, asked === undefined ? undefined : readTenant(asked)));
      const found = await prompts.find(tenantId, request.params.request_id);
      if (!found)
        throw new CostlaneError('not_found', 'No prompt is kept of a request with this id.', { field: 'request_id' });
      // Somebody's words: no cache on the way may keep them.
      return reply.header('cache-control', 'no-store').send(
        successEnvelope({
          request_id: found.requestId,
          tenant_id: tenantId,
          created_at: found.createdAt,
          expires_at: found.expiresAt,
          prompt: found.text,
          is_cut: found.isCut,
        }),
      );
    },
  );

  fastify.delete<{ Querystring: TenantQuery }>('/admin/prompts', async (request) => {
    const within = await reach(request);
    const { tenant_id: asked } = request.query;
    const tenantId = tenantNamed(tenantInReach(within, asked === undefined ? undefined : readTenant(asked)));
    return successEnvelope({ tenant_id: tenantId, removed_prompts: await prompts.forget(tenantId) });
  });
}
