import type { FastifyInstance } from 'fastify';
import { successEnvelope } from '@costlane/platform';
import { requireDeployment, type ReachFinder } from './admin-request';
import type { CatalogAdmin } from './control-clients';

const WHY = 'Prices are those of all tenants';

/** `/admin/catalog` and what is below it: models and prices, and changes of prices that wait to be approved. The router answers. */
export function registerCatalogDoor(
  fastify: FastifyInstance,
  { reach, catalog }: { reach: ReachFinder; catalog: CatalogAdmin },
): void {
  fastify.get('/admin/catalog', async (request) => {
    requireDeployment(await reach(request), WHY);
    return successEnvelope(await catalog.show());
  });

  fastify.get('/admin/catalog/staged', async (request) => {
    requireDeployment(await reach(request), WHY);
    return successEnvelope(await catalog.staged());
  });

  for (const what of ['approve', 'reject'] as const) {
    fastify.post<{ Params: { id: string } }>(`/admin/catalog/staged/:id/${what}`, async (request) => {
      requireDeployment(await reach(request), WHY);
      return successEnvelope(await catalog[what](request.params.id));
    });
  }

  fastify.post('/admin/catalog/refresh', async (request) => {
    requireDeployment(await reach(request), WHY);
    return successEnvelope(await catalog.refresh());
  });
}
