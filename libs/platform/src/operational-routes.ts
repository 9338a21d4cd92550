import type { FastifyInstance } from 'fastify';
import type { HealthRegistry } from './health';
import type { Metrics } from './metrics';

/** `/health/live`: the process answers. `/health/ready`: its dependencies do, too (503 when not). `/metrics`: Prometheus text. */
export function registerOperationalRoutes(fastify: FastifyInstance, health: HealthRegistry, metrics: Metrics): void {
  fastify.get('/health/live', (_request, reply) => reply.send({ status: 'live' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const { status, isReady, checks } = await health.report();
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status, checks });
  });
  fastify.get('/metrics', async (_request, reply) => {
    const text = await metrics.registry.metrics();
    return reply.header('content-type', metrics.registry.contentType).send(text);
  });
}
